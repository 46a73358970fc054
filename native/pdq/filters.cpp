// The filters of PNG (specification, chapter 9): each byte was sent as its difference from what its neighbours, left,
// above and above left, let expect. A pixel waits for the one before it, so its bytes are taken together.
#include "filters.hpp"

#include <cstring>
#include <vector>

namespace tutela::png {
namespace {

// Eight numbers of 16 bits: a pixel's bytes are the first of them, whatever the others hold.
typedef std::int16_t Wide __attribute__((vector_size(16)));
typedef std::uint8_t Narrow __attribute__((vector_size(8)));

inline Wide read(const std::uint8_t* from, std::size_t bytes) {
  Narrow narrow{};
  std::memcpy(&narrow, from, bytes);
  return __builtin_convertvector(narrow, Wide);
}

inline void write(std::uint8_t* to, Wide pixel, std::size_t bytes) {
  const Narrow narrow = __builtin_convertvector(pixel, Narrow);
  std::memcpy(to, &narrow, bytes);
}

inline Wide size_of(Wide value) { return value < 0 ? -value : value; }

// The neighbour that is nearest to left + above - corner; of equals the first in this order.
inline Wide nearest(Wide left, Wide above, Wide corner) {
  const Wide to_left = above - corner, to_above = left - corner;
  const Wide a = size_of(to_left), b = size_of(to_above), c = size_of(to_left + to_above);
  const Wide other = b <= c ? above : corner;
  return (a <= b) & (a <= c) ? left : other;
}

template <std::size_t kBytes, class Expect>
inline void run(const std::uint8_t* from, const std::uint8_t* above, std::size_t width, std::uint8_t* out, Expect expect) {
  Wide left{}, corner{};
  const auto step = [&](std::size_t x, std::size_t bytes) {
    const Wide up = read(above + x, bytes);
    left = (read(from + x, bytes) + expect(left, up, corner)) & 255;
    corner = up;
    write(out + x, left, bytes);
  };
  // Three bytes are taken as four but for the last pixel: the fourth is the next pixel's, which comes after.
  constexpr std::size_t kTaken = kBytes == 3 ? 4 : kBytes;
  std::size_t x = 0;
  for (; x + kTaken <= width; x += kBytes) step(x, kTaken);
  for (; x < width; x += kBytes) step(x, kBytes);
}

template <std::size_t kBytes>
bool unfilter_rows(const std::uint8_t* filtered, std::size_t rows, std::size_t width, std::uint8_t* out) {
  const std::vector<std::uint8_t> nothing(width, 0);
  const std::uint8_t* above = nothing.data();
  for (std::size_t row = 0; row < rows; ++row, above = out, out += width) {
    const std::uint8_t filter = *filtered++;
    switch (filter) {
      case 0: std::memcpy(out, filtered, width); break;
      case 1: run<kBytes>(filtered, above, width, out, [](Wide left, Wide, Wide) { return left; }); break;
      case 2:
        for (std::size_t x = 0; x < width; ++x) out[x] = static_cast<std::uint8_t>(filtered[x] + above[x]);
        break;
      case 3: run<kBytes>(filtered, above, width, out, [](Wide left, Wide up, Wide) { return (left + up) >> 1; }); break;
      case 4: run<kBytes>(filtered, above, width, out, nearest); break;
      default: return false;
    }
    filtered += width;
  }
  return true;
}

}  // namespace

bool unfilter(const std::uint8_t* filtered, std::size_t rows, std::size_t width, std::size_t bytes, std::uint8_t* out) {
  switch (bytes) {
    case 1: return unfilter_rows<1>(filtered, rows, width, out);
    case 2: return unfilter_rows<2>(filtered, rows, width, out);
    case 3: return unfilter_rows<3>(filtered, rows, width, out);
    default: return unfilter_rows<4>(filtered, rows, width, out);
  }
}

}  // namespace tutela::png
