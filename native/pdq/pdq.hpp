// PDQ: a 256-bit perceptual hash of a picture's luminance, and its quality.
//
// The promise of this kernel is bit-exactness: for the same input it answers what the reference implementation
// (pdqhash 0.2.8) answers, hash and quality, on every machine and at every SIMD level. The running sums of the blur
// are 32-bit and their rounding decides borderline bits, so every addition and division happens in the reference's
// order; only independent rows and columns are computed side by side.
//
// Source of the algorithm: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019);
// DCT hash after Zauner (2010), tent filter after Jarosz (2001).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tutela::pdq {

constexpr int kBlock = 64;         // the picture is reduced to 64 × 64 ...
constexpr int kFrequencies = 16;   // ... and described by its 16 × 16 lowest frequencies without the constant one
constexpr int kMinimumSide = 5;    // below this the reference answers an all-zero hash of quality 0

enum class Pixels { luma_f32, luma_u8, rgb_u8 };

// A C-contiguous picture that the caller keeps alive and unchanged.
struct Picture {
  const void* data;
  Pixels pixels;
  std::size_t rows;
  std::size_t cols;
};

using Block = std::array<float, kBlock * kBlock>;
using Spectrum = std::array<float, kFrequencies * kFrequencies>;
using Bits = std::array<std::uint8_t, 32>;  // in the order of the reference's hexadecimal text

struct Hash {
  Bits bits{};
  int quality = 0;
};

// original, rotate 90, 180, 270, flip X, flip Y, flip +1, flip -1
struct Dihedral {
  std::array<Bits, 8> bits{};
  int quality = 0;
};

Hash hash(const Picture& picture);
Dihedral dihedral(const Picture& picture);
void luminance(const Picture& picture, float* out);

// The two hot loops, compiled once for each SIMD level.
struct Kernel {
  const char* name;
  void (*luminance)(const Picture& picture, std::size_t first_row, std::size_t count, float* out, std::size_t stride);
  void (*reduce)(const Picture& picture, Block& out);
  void (*transform)(const Block& in, Spectrum& out);
};

extern const Kernel kBaseline;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TUTELA_PDQ_X86_LEVELS 1
extern const Kernel kAvx2;
extern const Kernel kAvx512;
#endif

const Kernel& kernel();
std::vector<std::string> levels();
void select_level(const std::string& name);

// D[i][j] of the cosine transform: row i is frequency i + 1, column j a sample. Both layouts, for contiguous loads.
struct Cosines {
  std::array<float, kFrequencies * kBlock> by_frequency;
  std::array<float, kFrequencies * kBlock> by_sample;
  Cosines();
};
const Cosines& cosines();

}  // namespace tutela::pdq
