// PDQ: a 256-bit perceptual hash of a picture's luminance, and its quality.
//
// This kernel is bit-exact: for the same input it returns the hash and quality of the reference implementation
// (pdqhash 0.2.8), on every machine and at every SIMD level. The running sums of the blur
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

// A picture that the caller keeps alive and unchanged. From one row to the next are `stride` samples.
struct Picture {
  const void* data;
  Pixels pixels;
  std::size_t rows;
  std::size_t cols;
  std::size_t stride;
};

struct alignas(64) Block : std::array<float, kBlock * kBlock> {};
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

// For each of the 64 samples of a side: which samples of the source it is the weighted mean of.
struct Taps {
  std::array<std::size_t, kBlock> first{};  // the first sample,
  std::array<std::size_t, kBlock> count{};  // how many,
  std::array<std::size_t, kBlock> at{};     // and where their weights begin
  std::vector<float> weights;
  std::size_t begin() const;
  std::size_t end() const;
};

// PDQ's filter for a side of `length` samples, taken of a source that holds the mean of each `scale` of them.
Taps scaled_taps(std::size_t length, std::size_t scale);
// The filter of the source read backwards; its samples are in the order of that reading.
Taps mirrored(const Taps& taps, std::size_t samples);
// The same filter for the stretch from `from` to `to` of a source of `length` samples, in fractions of a sample.
Taps window_taps(double from, double to, std::size_t length);

constexpr std::size_t kPositions = 8;

// PDQ and structure of a picture in its first `positions` positions.
struct Description {
  Dihedral pdq;
  std::array<Bits, kPositions> structure{};
  int stretched = 0;    // of a picture with little contrast, its quality once that is stretched, see `stretched_of`
  float clearance = 0;  // how far the bits are from turning over; of scaled sources only, see `clearance_of`
};

Hash hash(const Picture& picture);
Dihedral dihedral(const Picture& picture);
Description describe(const Picture& picture);
// A picture with transparency as it is seen on other grounds. `white`: the picture on white; `alpha`: its opacity, 0 to
// 255, of the same size. Blur and transform are linear in the ground, so each is reduced once.
std::vector<Description> describe_on_grounds(const Picture& white, const Picture& alpha, const std::vector<float>& grounds);
Description describe_scaled(const Picture& luma, std::size_t rows, std::size_t cols, std::size_t scale);
// The picture turned and mirrored before it is hashed: where PDQ's filter lies off the middle, `describe_scaled` only
// comes near these.
Description describe_turned(const Picture& luma, std::size_t rows, std::size_t cols, std::size_t scale);
// The luminance plane of a video's frame; of `limited` range, 16 is black and 235 white.
Description describe_plane(const Picture& luma, bool limited);
Description describe_window(const Picture& luma, const Taps& down, const Taps& across, std::size_t positions);
std::array<Bits, kPositions> structure_of(const Block& block, std::size_t positions);
void luminance(const Picture& picture, float* out);
// Luminance averaged over squares of `factor` pixels; rows and columns that fill no square are averaged as they are.
void reduced(const Picture& picture, std::size_t factor, float* out);
// How many samples differ by more than `least` from their neighbours below, for each row but the last, and to the right,
// for each column but the last. Both are zero before. Of a plane of floats.
void steps(const Picture& luma, float least, std::uint32_t* between_rows, std::uint32_t* between_columns);

// The hot loops, compiled once for each SIMD level.
struct Kernel {
  const char* name;
  void (*luminance)(const Picture& picture, std::size_t first_row, std::size_t count, float* out, std::size_t stride);
  void (*reduce)(const Picture& picture, Block& out);
  void (*shrink)(const Picture& luma, const Taps& down, const Taps& across, Block& out);
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
