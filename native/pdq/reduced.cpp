// A small picture of a large one: what windows are cut from. Squares of pixels are averaged, nothing is interpolated.
#include "pdq.hpp"

#include <algorithm>

namespace tutela::pdq {

void reduced(const Picture& picture, std::size_t factor, float* out) {
  const std::size_t columns = (picture.cols + factor - 1) / factor;
  std::vector<float> row(picture.cols), sums(columns);
  for (std::size_t first = 0; first < picture.rows; first += factor) {
    const std::size_t count = std::min(factor, picture.rows - first);
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (std::size_t r = first; r < first + count; ++r) {
      kernel().luminance(picture, r, 1, row.data(), picture.cols);
      for (std::size_t c = 0; c < columns; ++c) {
        const std::size_t end = std::min(picture.cols, (c + 1) * factor);
        for (std::size_t x = c * factor; x < end; ++x) sums[c] += row[x];
      }
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t width = std::min(picture.cols, (c + 1) * factor) - c * factor;
      *out++ = sums[c] / static_cast<float>(count * width);
    }
  }
}

}  // namespace tutela::pdq
