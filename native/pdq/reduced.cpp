// Reduce a large picture to a small one, from which windows are cut. Squares of pixels are averaged, never interpolated.
#include "pdq.hpp"

#include <algorithm>

namespace tutela::pdq {

namespace {

// The whole squares of one band of rows, for a side that the compiler knows: the sums are those of the loop below.
template <std::size_t Factor>
float* whole_squares(const float* sums, std::size_t columns, float pixels, float* out) {
  for (std::size_t c = 0; c < columns; ++c) {
    float sum = 0;
    for (std::size_t x = 0; x < Factor; ++x) sum += sums[c * Factor + x];
    *out++ = sum / pixels;
  }
  return out;
}

}  // namespace

void reduced(const Picture& picture, std::size_t factor, float* out) {
  const std::size_t columns = (picture.cols + factor - 1) / factor;
  std::vector<float> row(picture.cols), sums(picture.cols);
  for (std::size_t first = 0; first < picture.rows; first += factor) {
    const std::size_t count = std::min(factor, picture.rows - first);
    if (factor == 1) {
      kernel().luminance(picture, first, 1, out, picture.cols);
      out += picture.cols;
      continue;
    }
    kernel().luminance(picture, first, 1, sums.data(), picture.cols);
    for (std::size_t r = first + 1; r < first + count; ++r) {
      kernel().luminance(picture, r, 1, row.data(), picture.cols);
      for (std::size_t x = 0; x < picture.cols; ++x) sums[x] += row[x];
    }
    const std::size_t whole = factor == 2 || factor == 4 || factor == 8 ? picture.cols / factor : 0;
    const float pixels = static_cast<float>(count * factor);
    if (factor == 2) out = whole_squares<2>(sums.data(), whole, pixels, out);
    if (factor == 4) out = whole_squares<4>(sums.data(), whole, pixels, out);
    if (factor == 8) out = whole_squares<8>(sums.data(), whole, pixels, out);
    for (std::size_t c = whole; c < columns; ++c) {
      const std::size_t begin = c * factor, end = std::min(picture.cols, begin + factor);
      float sum = 0;
      for (std::size_t x = begin; x < end; ++x) sum += sums[x];
      *out++ = sum / static_cast<float>(count * (end - begin));
    }
  }
}

}  // namespace tutela::pdq
