// Print the PDQ kernel's answers to pictures on standard input, one per line, to compare another processor with this
// one (tests/conformance/test_other_processors.py). A request is seven 32-bit words and the samples: the function,
// rows, columns, and its four arguments.
#include <cstdio>
#include <cstring>

#include "../pdq/pdq.hpp"

using namespace tutela::pdq;

namespace {

enum Asked : std::uint32_t { kRgb, kLuma, kFloats, kScaled, kTurned, kPlane, kWindow, kLuminance, kReduced };

struct Request {
  std::uint32_t asked, rows, cols, given[4];
};

void hexadecimal(const void* data, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) std::printf("%02x", static_cast<const std::uint8_t*>(data)[i]);
}

void print(const Description& found) {
  for (const Bits& bits : found.pdq.bits) hexadecimal(bits.data(), bits.size());
  std::printf(" %d ", found.pdq.quality);
  for (const Bits& bits : found.structure) hexadecimal(bits.data(), bits.size());
  std::printf(" %d", found.stretched);
}

Pixels pixels_of(const Request& r) {
  if (r.asked == kFloats || r.asked == kTurned || r.asked == kWindow) return Pixels::luma_f32;
  return r.asked == kRgb || r.asked == kLuminance ? Pixels::rgb_u8 : Pixels::luma_u8;
}

std::size_t bytes_of(Pixels pixels) {
  return pixels == Pixels::luma_f32 ? sizeof(float) : pixels == Pixels::rgb_u8 ? 3 : 1;
}

void answer(const Request& r, const std::vector<std::uint8_t>& data) {
  const Picture source{data.data(), pixels_of(r), r.rows, r.cols, r.cols};
  if (r.asked == kScaled) {
    const Description found = describe_scaled(source, r.given[0], r.given[1], r.given[2]);
    print(found);
    std::printf(" ");
    hexadecimal(&found.clearance, sizeof found.clearance);
  } else if (r.asked == kTurned) {
    print(describe_turned(source, r.given[0], r.given[1], r.given[2]));
  } else if (r.asked == kPlane) {
    print(describe_plane(source, r.given[0] != 0));
  } else if (r.asked == kWindow) {
    const Taps down = window_taps(r.given[1], r.given[3], r.rows), across = window_taps(r.given[0], r.given[2], r.cols);
    print(describe_window(source, down, across, kPositions));
  } else if (r.asked == kLuminance || r.asked == kReduced) {
    const std::size_t factor = r.asked == kReduced ? r.given[0] : 1;
    std::vector<float> out((r.rows + factor - 1) / factor * ((r.cols + factor - 1) / factor));
    r.asked == kReduced ? reduced(source, factor, out.data()) : luminance(source, out.data());
    hexadecimal(out.data(), out.size() * sizeof(float));
  } else {
    print(describe(source));
  }
  std::printf("\n");
}

}  // namespace

int main() {
  std::printf("%s\n", kernel().name);
  Request request;
  while (std::fread(&request, sizeof request, 1, stdin) == 1) {
    std::vector<std::uint8_t> data(std::size_t{request.rows} * request.cols * bytes_of(pixels_of(request)));
    if (std::fread(data.data(), 1, data.size(), stdin) != data.size()) return 1;
    answer(request, data);
  }
}
