// Markers of a JPEG.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tutela::jpeg {

// The place of the code of the first marker that lies at `at` or behind it and begins a segment or ends the picture;
// -1 where there is none.
std::ptrdiff_t next_marker(const std::uint8_t* data, std::size_t size, std::size_t at);

}  // namespace tutela::jpeg
