// Find possible straight lines: count the samples that step between neighbouring rows and neighbouring columns.
#include "pdq.hpp"

#include <cmath>

namespace tutela::pdq {

void steps(const Picture& luma, float least, std::uint32_t* between_rows, std::uint32_t* between_columns) {
  const auto* plane = static_cast<const float*>(luma.data);
  for (std::size_t r = 0; r < luma.rows; ++r) {
    const float* row = plane + r * luma.stride;
    for (std::size_t c = 0; c + 1 < luma.cols; ++c) between_columns[c] += std::fabs(row[c + 1] - row[c]) > least;
    if (r + 1 == luma.rows) return;
    std::uint32_t stepping = 0;
    for (std::size_t c = 0; c < luma.cols; ++c) stepping += std::fabs(row[c + luma.stride] - row[c]) > least;
    between_rows[r] = stepping;
  }
}

}  // namespace tutela::pdq
