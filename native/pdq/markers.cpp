// Find the next marker of a JPEG: the only loop over a picture's bytes outside libjpeg.
#include "markers.hpp"

#include <cstring>

namespace tutela::jpeg {
namespace {

// Not: a stuffed zero, restarts and others that stand alone, and 0xFF itself, which is padding.
bool begins_a_segment(std::uint8_t code) { return (code >= 0x02 && code <= 0xcf) || (code >= 0xd9 && code <= 0xfe); }

}  // namespace

std::ptrdiff_t next_marker(const std::uint8_t* data, std::size_t size, std::size_t at) {
  while (at + 1 < size) {
    const void* found = std::memchr(data + at, 0xff, size - 1 - at);
    if (!found) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - data) + 1;
    if (begins_a_segment(data[at])) return static_cast<std::ptrdiff_t>(at);
  }
  return -1;
}

}  // namespace tutela::jpeg
