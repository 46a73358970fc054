// From the 64 × 64 block to quality, spectrum and bits: the cheap half of PDQ, the same at every SIMD level.
#include "pdq.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>

namespace tutela::pdq {
namespace {

// Beyond this the reference's conversion of a gradient to int is undefined; luminance of any picture is far below.
constexpr float kLargestLuminance = 1.0e6f;

int quality_of(const Block& block) {
  const auto step = [](float u, float v) { return std::abs(static_cast<int>(((u - v) * 100) / 255)); };
  int sum = 0;
  for (int i = 0; i < kBlock; ++i) {
    for (int j = 0; j < kBlock; ++j) {
      const float here = block[i * kBlock + j];
      if (i + 1 < kBlock) sum += step(here, block[(i + 1) * kBlock + j]);
      if (j + 1 < kBlock) sum += step(here, block[i * kBlock + j + 1]);
    }
  }
  return std::min(sum / 90, 100);
}

void require_luminance(const Block& block) {
  for (const float value : block) {
    if (!(std::fabs(value) <= kLargestLuminance)) throw std::invalid_argument("luminance is not a finite number of at most 1e6");
  }
}

// A bit is set where the frequency is above the lower median of all 256. Byte 0 holds bits 255 … 248: hexadecimal
// text of the bytes is then the reference's text.
Bits bits_of(const Spectrum& spectrum) {
  Spectrum sorted = spectrum;
  const auto middle = sorted.begin() + (sorted.size() / 2 - 1);
  std::nth_element(sorted.begin(), middle, sorted.end());
  Bits bits{};
  for (std::size_t k = 0; k < spectrum.size(); ++k) {
    if (spectrum[k] > *middle) bits[bits.size() - 1 - k / 8] |= static_cast<std::uint8_t>(1u << (k % 8));
  }
  return bits;
}

// A mirrored or turned picture has the same spectrum with signs flipped and, for quarter turns, transposed.
struct Symmetry {
  bool transposed;
  bool (*flips)(int i, int j);
};

constexpr std::array<Symmetry, 8> kSymmetries{{
    {false, [](int, int) { return false; }},               // original
    {true, [](int, int j) { return j % 2 == 0; }},         // rotate 90
    {false, [](int i, int j) { return (i + j) % 2 == 1; }},  // rotate 180
    {true, [](int i, int) { return i % 2 == 0; }},         // rotate 270
    {false, [](int i, int) { return i % 2 == 0; }},        // flip X
    {false, [](int, int j) { return j % 2 == 0; }},        // flip Y
    {true, [](int, int) { return false; }},                // flip +1
    {true, [](int i, int j) { return (i + j) % 2 == 1; }},   // flip -1
}};

Spectrum turned(const Spectrum& in, const Symmetry& symmetry) {
  Spectrum out;
  for (int i = 0; i < kFrequencies; ++i) {
    for (int j = 0; j < kFrequencies; ++j) {
      const float value = in[i * kFrequencies + j];
      out[symmetry.transposed ? j * kFrequencies + i : i * kFrequencies + j] = symmetry.flips(i, j) ? -value : value;
    }
  }
  return out;
}

// The reference skips the blur for a 64 × 64 picture when it computes one hash, but not when it computes eight;
// a window of one sample still rounds, so the two can differ in a borderline bit.
Spectrum describe(const Picture& picture, bool skip_blur_at_64, int& quality) {
  Block block{};
  if (skip_blur_at_64 && picture.rows == kBlock && picture.cols == kBlock) {
    kernel().luminance(picture, 0, kBlock, block.data(), kBlock);
  } else {
    kernel().reduce(picture, block);
  }
  require_luminance(block);
  quality = quality_of(block);
  Spectrum spectrum;
  kernel().transform(block, spectrum);
  return spectrum;
}

bool too_small(const Picture& picture) { return picture.rows < kMinimumSide || picture.cols < kMinimumSide; }

}  // namespace

Cosines::Cosines() {
  const float scale = static_cast<float>(std::sqrt(2.0 / kBlock));
  for (int i = 0; i < kFrequencies; ++i) {
    for (int j = 0; j < kBlock; ++j) {
      const double angle = (std::numbers::pi / 2.0 / kBlock) * (i + 1) * (2 * j + 1);
      const float value = static_cast<float>(scale * std::cos(angle));
      by_frequency[i * kBlock + j] = value;
      by_sample[j * kFrequencies + i] = value;
    }
  }
}

const Cosines& cosines() {
  static const Cosines table;
  return table;
}

Hash hash(const Picture& picture) {
  Hash answer;
  if (!too_small(picture)) answer.bits = bits_of(describe(picture, true, answer.quality));
  return answer;
}

Dihedral dihedral(const Picture& picture) {
  Dihedral answer;
  if (too_small(picture)) return answer;
  const Spectrum spectrum = describe(picture, false, answer.quality);
  for (std::size_t k = 0; k < kSymmetries.size(); ++k) answer.bits[k] = bits_of(turned(spectrum, kSymmetries[k]));
  return answer;
}

void luminance(const Picture& picture, float* out) {
  kernel().luminance(picture, 0, picture.rows, out, picture.cols);
}

}  // namespace tutela::pdq
