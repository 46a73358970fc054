// From the 64 × 64 block to quality, spectrum and bits: the cheap half of PDQ, the same at every SIMD level.
#include "pdq.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace tutela::pdq {
namespace {

// Beyond this the reference's conversion of a gradient to int is undefined; luminance of any picture is far below.
constexpr float kLargestLuminance = 1.0e6f;

int quality_of(const Block& block) {
  const auto step = [](float u, float v) { return std::abs(static_cast<int>(((u - v) * 100) / 255)); };
  int sum = 0;
  for (int k = 0; k + kBlock < kBlock * kBlock; ++k) sum += step(block[k], block[k + kBlock]);
  for (int i = 0; i < kBlock; ++i) {
    for (int j = 0; j + 1 < kBlock; ++j) sum += step(block[i * kBlock + j], block[i * kBlock + j + 1]);
  }
  return std::min(sum / 90, 100);
}

void require_luminance(const Block& block) {
  for (const float value : block) {
    if (!(std::fabs(value) <= kLargestLuminance)) throw std::invalid_argument("luminance is not a finite number of at most 1e6");
  }
}

// The lower median of all 256 frequencies.
float median_of(Spectrum spectrum) {
  const auto middle = spectrum.begin() + (spectrum.size() / 2 - 1);
  std::nth_element(spectrum.begin(), middle, spectrum.end());
  return *middle;
}

// A bit is set where the frequency is above the median. Byte 0 holds bits 255 … 248: hexadecimal text of the bytes is
// then the reference's text.
Bits bits_of(const Spectrum& spectrum, float median) {
  Bits bits{};
  for (std::size_t k = 0; k < spectrum.size(); k += 8) {
    unsigned byte = 0;
    for (std::size_t n = 0; n < 8; ++n) byte |= static_cast<unsigned>(spectrum[k + n] > median) << n;
    bits[bits.size() - 1 - k / 8] = static_cast<std::uint8_t>(byte);
  }
  return bits;
}

// A mirrored or turned picture has the same spectrum with signs flipped and, for quarter turns, transposed. Transposing
// does not move the median, so the eight positions come in four pairs.
struct Symmetry {
  std::size_t position, transposed;  // places among the eight: original, rotate 90, 180, 270, flip X, Y, +1, -1
  int odd_rows, odd_columns;         // frequencies 1, 3, 5 … of that side change their sign
};

constexpr std::array<Symmetry, 4> kSymmetries{{{0, 6, 0, 0}, {5, 1, 0, 1}, {2, 7, 1, 1}, {4, 3, 1, 0}}};

Spectrum flipped(const Spectrum& in, const Symmetry& symmetry) {
  Spectrum out;
  for (int i = 0; i < kFrequencies; ++i) {
    for (int j = 0; j < kFrequencies; ++j) {
      const int flips = (symmetry.odd_rows & ~i) ^ (symmetry.odd_columns & ~j);
      out[i * kFrequencies + j] = flips & 1 ? -in[i * kFrequencies + j] : in[i * kFrequencies + j];
    }
  }
  return out;
}

Spectrum transposed(const Spectrum& in) {
  Spectrum out;
  for (int i = 0; i < kFrequencies; ++i) {
    for (int j = 0; j < kFrequencies; ++j) out[j * kFrequencies + i] = in[i * kFrequencies + j];
  }
  return out;
}

// The reference skips the blur for a 64 × 64 picture when it computes one hash, but not when it computes eight;
// a window of one sample still rounds, so the two can differ in a borderline bit.
Spectrum spectrum_of(const Block& block, int& quality) {
  require_luminance(block);
  quality = quality_of(block);
  Spectrum spectrum;
  kernel().transform(block, spectrum);
  return spectrum;
}

Spectrum describe(const Picture& picture, bool skip_blur_at_64, int& quality, Block& block) {
  if (skip_blur_at_64 && picture.rows == kBlock && picture.cols == kBlock) {
    kernel().luminance(picture, 0, kBlock, block.data(), kBlock);
  } else {
    kernel().reduce(picture, block);
  }
  return spectrum_of(block, quality);
}

Dihedral turned_bits(const Spectrum& spectrum, int quality, std::size_t positions) {
  Dihedral answer;
  answer.quality = quality;
  if (positions == 1) {
    answer.bits[0] = bits_of(spectrum, median_of(spectrum));
    return answer;
  }
  for (const Symmetry& symmetry : kSymmetries) {
    const Spectrum moved = flipped(spectrum, symmetry);
    const float median = median_of(moved);
    answer.bits[symmetry.position] = bits_of(moved, median);
    answer.bits[symmetry.transposed] = bits_of(transposed(moved), median);
  }
  return answer;
}

// The mean difference of neighbouring samples.
float unevenness_of(const Block& block) {
  std::array<float, kBlock> sums{};
  for (int i = 0; i < kBlock; ++i) {
    const float* row = &block[i * kBlock];
    for (int j = 0; j + 1 < kBlock; ++j) sums[j] += std::fabs(row[j + 1] - row[j]);
    if (i > 0) {
      for (int j = 0; j < kBlock; ++j) sums[j] += std::fabs(row[j] - row[j - kBlock]);
    }
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0f) / (2 * kBlock * (kBlock - 1));
}

// How far the bits are from turning over. A bit turns where its frequency crosses the median. What a scaled source
// leaves out moves the frequencies in proportion to the unevenness of the picture, and what rounding to whole levels
// leaves out by about kRounding; so the distance of the thirteenth nearest is told in units of unevenness.
float clearance_of(const Spectrum& spectrum, const Block& block) {
  constexpr std::size_t kNearest = 12;
  constexpr float kRounding = 0.2f;
  Spectrum sorted = spectrum;
  const float median = median_of(spectrum);
  for (float& value : sorted) value = std::fabs(value - median);
  std::nth_element(sorted.begin(), sorted.begin() + kNearest, sorted.end());
  return (sorted[kNearest] - kRounding) / std::max(unevenness_of(block), 1e-6f);
}

// The quality of a picture with little contrast once that is stretched to the full range; 0 if its bits do not hold.
//
// Stretching multiplies frequencies and median alike, so that no bit turns. What it multiplies too is the rounding of
// the source to whole levels: an error of up to half a level, evenly spread, which is 1 / sqrt(12) levels on average.
// Pixels of a smooth area are rounded alike, so a sample of the block is taken to be no better than one pixel. The rows
// of the transform are of length 1: each frequency has the error of a sample. A bit holds where its frequency is
// farther than that from the median. `level`: the step between two levels of the source, in levels of the block.
int stretched_of(const Block& block, const Spectrum& spectrum, int quality, float level) {
  constexpr int kComparable = 50;
  constexpr std::ptrdiff_t kHolding = 225;
  constexpr float kRounding = 0.288675135f, kFull = 255.0f;
  if (quality >= kComparable) return 0;
  const float median = median_of(spectrum), error = kRounding * level;
  const auto holds = [&](float value) { return std::fabs(value - median) > error; };
  if (std::count_if(spectrum.begin(), spectrum.end(), holds) < kHolding) return 0;
  const auto [low, high] = std::minmax_element(block.begin(), block.end());
  const float least = *low, times = kFull / (*high - *low);
  Block stretched = block;
  for (float& value : stretched) value = (value - least) * times;
  return quality_of(stretched);
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
  Block block{};
  if (!too_small(picture)) {
    const Spectrum spectrum = describe(picture, true, answer.quality, block);
    answer.bits = bits_of(spectrum, median_of(spectrum));
  }
  return answer;
}

Dihedral dihedral(const Picture& picture) {
  Dihedral answer;
  if (too_small(picture)) return answer;
  Block block{};
  int quality = 0;
  const Spectrum spectrum = describe(picture, false, quality, block);
  return turned_bits(spectrum, quality, kPositions);
}

Description describe(const Picture& picture) {
  Description answer;
  if (too_small(picture)) return answer;
  Block block{};
  int quality = 0;
  const Spectrum spectrum = describe(picture, false, quality, block);
  answer.pdq = turned_bits(spectrum, quality, kPositions);
  answer.structure = structure_of(block, kPositions);
  answer.stretched = stretched_of(block, spectrum, quality, 1);
  return answer;
}

std::vector<Description> describe_on_grounds(const Picture& white, const Picture& alpha, const std::vector<float>& grounds) {
  constexpr float kFull = 255.0f;
  std::vector<Description> answers(grounds.size());
  if (too_small(white)) return answers;
  Block on_white{}, opacity{}, block{};
  kernel().reduce(white, on_white);
  kernel().reduce(alpha, opacity);
  for (std::size_t n = 0; n < grounds.size(); ++n) {
    const float darker = (kFull - grounds[n]) / kFull;
    for (std::size_t k = 0; k < block.size(); ++k) block[k] = on_white[k] - darker * (kFull - opacity[k]);
    int quality = 0;
    const Spectrum spectrum = spectrum_of(block, quality);
    answers[n].pdq = turned_bits(spectrum, quality, kPositions);
    answers[n].structure = structure_of(block, kPositions);
    // The picture on white and its opacity are rounded apart.
    answers[n].stretched = stretched_of(block, spectrum, quality, std::hypot(1.0f, darker));
  }
  return answers;
}

Description describe_scaled(const Picture& luma, std::size_t rows, std::size_t cols, std::size_t scale) {
  Description answer;
  Block block{};
  kernel().shrink(luma, scaled_taps(rows, scale), scaled_taps(cols, scale), block);
  int quality = 0;
  const Spectrum spectrum = spectrum_of(block, quality);
  answer.pdq = turned_bits(spectrum, quality, kPositions);
  answer.structure = structure_of(block, kPositions);
  answer.stretched = stretched_of(block, spectrum, quality, 1);
  answer.clearance = clearance_of(spectrum, block);
  return answer;
}

Description describe_plane(const Picture& luma, bool limited) {
  // Brightness and contrast move no bit, but quality is told in levels of the full range.
  constexpr float kBlack = 16.0f, kWhite = 235.0f, kFull = 255.0f;
  Description answer;
  if (too_small(luma)) return answer;
  Block block{};
  kernel().shrink(luma, scaled_taps(luma.rows, 1), scaled_taps(luma.cols, 1), block);
  const float level = limited ? kFull / (kWhite - kBlack) : 1.0f;
  if (limited) {
    for (float& value : block) value = std::clamp((value - kBlack) * level, 0.0f, kFull);
  }
  int quality = 0;
  const Spectrum spectrum = spectrum_of(block, quality);
  answer.pdq = turned_bits(spectrum, quality, kPositions);
  answer.structure = structure_of(block, kPositions);
  answer.stretched = stretched_of(block, spectrum, quality, level);
  return answer;
}

Description describe_turned(const Picture& luma, std::size_t rows, std::size_t cols, std::size_t scale) {
  const Taps down = scaled_taps(rows, scale), across = scaled_taps(cols, scale);
  const Taps up = mirrored(down, luma.rows), back = mirrored(across, luma.cols);
  Description answer;
  for (const Symmetry& symmetry : kSymmetries) {
    Block block{};
    kernel().shrink(luma, symmetry.odd_rows ? up : down, symmetry.odd_columns ? back : across, block);
    const Spectrum spectrum = spectrum_of(block, answer.pdq.quality);
    const float median = median_of(spectrum);
    answer.pdq.bits[symmetry.position] = bits_of(spectrum, median);
    answer.pdq.bits[symmetry.transposed] = bits_of(transposed(spectrum), median);
    const auto structure = structure_of(block, kPositions);
    answer.structure[symmetry.position] = structure[0];
    answer.structure[symmetry.transposed] = structure[6];
  }
  return answer;
}

Description describe_window(const Picture& luma, const Taps& down, const Taps& across, std::size_t positions) {
  Description answer;
  Block block{};
  kernel().shrink(luma, down, across, block);
  int quality = 0;
  const Spectrum spectrum = spectrum_of(block, quality);
  answer.pdq = turned_bits(spectrum, quality, positions);
  answer.structure = structure_of(block, positions);
  answer.stretched = stretched_of(block, spectrum, quality, 1);
  return answer;
}

void luminance(const Picture& picture, float* out) {
  kernel().luminance(picture, 0, picture.rows, out, picture.cols);
}

}  // namespace tutela::pdq
