// Rows of a PNG.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tutela::png {

// Undo the filters of `rows` rows of `width` bytes with `bytes` (1 to 4) a pixel. In `filtered` a byte that names its
// filter precedes each row. False for an unknown filter; the output is then undefined.
bool unfilter(const std::uint8_t* filtered, std::size_t rows, std::size_t width, std::size_t bytes, std::uint8_t* out);

}  // namespace tutela::png
