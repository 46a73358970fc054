// Reduce a large picture to a small one, from which windows are cut. Squares of pixels are averaged, never interpolated.
#include "pdq.hpp"

#include <algorithm>

namespace tutela::pdq {

void reduced(const Picture& picture, std::size_t factor, float* out) {
  const std::size_t columns = (picture.cols + factor - 1) / factor;
  std::vector<float> row(picture.cols), sums(picture.cols);
  for (std::size_t first = 0; first < picture.rows; first += factor) {
    const std::size_t count = std::min(factor, picture.rows - first);
    kernel().luminance(picture, first, 1, sums.data(), picture.cols);
    for (std::size_t r = first + 1; r < first + count; ++r) {
      kernel().luminance(picture, r, 1, row.data(), picture.cols);
      for (std::size_t x = 0; x < picture.cols; ++x) sums[x] += row[x];
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t begin = c * factor, end = std::min(picture.cols, begin + factor);
      float sum = 0;
      for (std::size_t x = begin; x < end; ++x) sum += sums[x];
      *out++ = sum / static_cast<float>(count * (end - begin));
    }
  }
}

}  // namespace tutela::pdq
