// Scalar and NEON kernels, and the choice among all of them.
#include "kernels_x86.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace hamming {
namespace {

void scan_scalar(const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *wanted,
                 unsigned radius, std::uint32_t query, Hits &out) {
  for (std::size_t i = first; i < last; ++i) {
    const unsigned distance = distance_words(hashes + i * kHashBytes, wanted);
    if (distance <= radius) out.push_back({query, static_cast<std::uint32_t>(i), static_cast<std::uint16_t>(distance)});
  }
}

std::size_t filter_scalar(const std::uint16_t *signatures, const Probe *probes, std::size_t count, std::uint16_t wanted,
                          std::uint32_t *out) {
  std::size_t found = 0;
  for (const Probe *probe = probes; probe != probes + count; ++probe)
    for (std::uint32_t i = probe->first; i < probe->last; ++i) {
      const auto difference = static_cast<std::uint16_t>(signatures[i] ^ wanted);
      out[found] = i;
      found += std::popcount(difference) <= probe->limit;
    }
  return found;
}

constexpr Kernels kScalar{scan_scalar, filter_scalar, distance_words};

#if defined(__aarch64__)
unsigned distance_neon(const std::uint8_t *a, const std::uint8_t *b) {
  const uint8x16_t low = vcntq_u8(veorq_u8(vld1q_u8(a), vld1q_u8(b)));
  const uint8x16_t high = vcntq_u8(veorq_u8(vld1q_u8(a + 16), vld1q_u8(b + 16)));
  return vaddlvq_u8(vaddq_u8(low, high));
}

void scan_neon(const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *wanted,
               unsigned radius, std::uint32_t query, Hits &out) {
  for (std::size_t i = first; i < last; ++i) {
    const unsigned distance = distance_neon(hashes + i * kHashBytes, wanted);
    if (distance <= radius) out.push_back({query, static_cast<std::uint32_t>(i), static_cast<std::uint16_t>(distance)});
  }
}

std::size_t filter_neon(const std::uint16_t *signatures, const Probe *probes, std::size_t count, std::uint16_t wanted,
                        std::uint32_t *out) {
  std::size_t found = 0;
  const uint16x8_t w = vdupq_n_u16(wanted);
  for (const Probe *probe = probes; probe != probes + count; ++probe) {
    if (probe->limit < 0) continue;
    const uint16x8_t limit = vdupq_n_u16(static_cast<std::uint16_t>(probe->limit));
    std::uint32_t i = probe->first;
    for (; i + 8 <= probe->last; i += 8) {
      const uint16x8_t bits = vpaddlq_u8(vcntq_u8(vreinterpretq_u8_u16(veorq_u16(vld1q_u16(signatures + i), w))));
      // Narrowed to a byte a lane: eight lanes in one 64-bit word.
      std::uint64_t near = vget_lane_u64(vreinterpret_u64_u8(vmovn_u16(vcleq_u16(bits, limit))), 0);
      near &= 0x0101010101010101ULL;
      for (; near; near &= near - 1) out[found++] = i + static_cast<std::uint32_t>(std::countr_zero(near) / 8);
    }
    const Probe rest{i, probe->last, probe->limit};
    found += filter_scalar(signatures, &rest, 1, wanted, out + found);
  }
  return found;
}

constexpr Kernels kNeon{scan_neon, filter_neon, distance_neon};
#endif

}  // namespace

const Kernels &kernels(Level level) {
#if defined(__x86_64__)
  if (level == Level::avx512) return kAvx512;
  if (level == Level::avx2) return kAvx2;
#elif defined(__aarch64__)
  if (level == Level::neon) return kNeon;
#endif
  (void)level;
  return kScalar;
}

}  // namespace hamming
