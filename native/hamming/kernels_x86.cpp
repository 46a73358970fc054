// AVX2 and AVX-512 kernels. Function attributes, not compiler flags, select the instruction set.
#include "kernels_x86.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TUTELA_AVX2 __attribute__((target("avx2,popcnt,bmi")))
#define TUTELA_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx512bitalg,popcnt,bmi,bmi2")))

namespace hamming {
namespace {

TUTELA_AVX2 inline unsigned distance_popcnt(const std::uint8_t *a, const std::uint8_t *b) {
  std::uint64_t x[4], y[4];
  std::memcpy(x, a, kHashBytes);
  std::memcpy(y, b, kHashBytes);
  return static_cast<unsigned>(_mm_popcnt_u64(x[0] ^ y[0]) + _mm_popcnt_u64(x[1] ^ y[1]) + _mm_popcnt_u64(x[2] ^ y[2]) +
                               _mm_popcnt_u64(x[3] ^ y[3]));
}

inline void keep(std::size_t position, unsigned distance, unsigned radius, std::uint32_t query, Hits &out) {
  if (distance <= radius)
    out.push_back({query, static_cast<std::uint32_t>(position), static_cast<std::uint16_t>(distance)});
}

// Nibble look-up popcount (Mula): two shuffles count every byte.
TUTELA_AVX2 inline __m256i count_bytes(__m256i v) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2,
                                         2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(0x0f);
  const __m256i lo = _mm256_shuffle_epi8(table, _mm256_and_si256(v, low));
  const __m256i hi = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), low));
  return _mm256_add_epi8(lo, hi);
}

TUTELA_AVX2 void scan_avx2(const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *wanted,
                           unsigned radius, std::uint32_t query, Hits &out) {
  const __m256i q = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(wanted));
  for (std::size_t i = first; i < last; ++i) {
    const __m256i h = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(hashes + i * kHashBytes));
    const __m256i lanes = _mm256_sad_epu8(count_bytes(_mm256_xor_si256(h, q)), _mm256_setzero_si256());
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    keep(i, static_cast<unsigned>(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1)), radius, query, out);
  }
}

TUTELA_AVX2 std::size_t filter_avx2(const std::uint16_t *signatures, const Probe *probes, std::size_t count,
                                    std::uint16_t wanted, std::uint32_t *out) {
  std::size_t found = 0;
  const __m256i w = _mm256_set1_epi16(static_cast<short>(wanted));
  for (const Probe *probe = probes; probe != probes + count; ++probe) {
    const __m256i limit = _mm256_set1_epi16(static_cast<short>(probe->limit));
    for (std::uint32_t i = probe->first; i < probe->last; i += 16) {
      const __m256i s = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(signatures + i));
      const __m256i bits = _mm256_maddubs_epi16(count_bytes(_mm256_xor_si256(s, w)), _mm256_set1_epi8(1));
      auto near = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi16(bits, limit)));
      near &= 0x55555555u;
      const std::uint32_t left = probe->last - i;
      if (left < 16) near &= (1u << (2 * left)) - 1;
      for (; near; near &= near - 1) out[found++] = i + static_cast<std::uint32_t>(std::countr_zero(near) / 2);
    }
  }
  return found;
}

// One register holds two hashes; four registers are folded into eight distances, so that the comparison is one step.
TUTELA_AVX512 void scan_avx512(const std::uint8_t *hashes, std::size_t first, std::size_t last,
                               const std::uint8_t *wanted, unsigned radius, std::uint32_t query, Hits &out) {
  const __m512i q = _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(wanted)));
  const __m512i limit = _mm512_set1_epi64(static_cast<long long>(radius));
  std::size_t i = first;
  for (; i + 8 <= last; i += 8) {
    __m512i c[4];
    for (int r = 0; r < 4; ++r)
      c[r] = _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(hashes + (i + 2 * r) * kHashBytes), q));
    const __m512i ab = _mm512_add_epi64(_mm512_unpacklo_epi64(c[0], c[1]), _mm512_unpackhi_epi64(c[0], c[1]));
    const __m512i cd = _mm512_add_epi64(_mm512_unpacklo_epi64(c[2], c[3]), _mm512_unpackhi_epi64(c[2], c[3]));
    // 128-bit lanes of ab: {a0 b0}, {a0 b0}, {a1 b1}, {a1 b1}; the two halves of a hash lie in neighbouring lanes.
    const __m512i even = _mm512_shuffle_i64x2(ab, cd, 0x88);
    const __m512i odd = _mm512_shuffle_i64x2(ab, cd, 0xdd);
    const __m512i sums = _mm512_add_epi64(even, odd);
    if (_mm512_cmple_epu64_mask(sums, limit) == 0) continue;
    alignas(64) std::uint64_t d[8];
    _mm512_store_si512(d, sums);
    // Lane order of the sums: hash 0, 2, 1, 3, 4, 6, 5, 7.
    constexpr int lane[8] = {0, 2, 1, 3, 4, 6, 5, 7};
    for (int k = 0; k < 8; ++k) keep(i + k, static_cast<unsigned>(d[lane[k]]), radius, query, out);
  }
  for (; i < last; ++i) keep(i, distance_popcnt(hashes + i * kHashBytes, wanted), radius, query, out);
}

TUTELA_AVX512 std::size_t filter_avx512(const std::uint16_t *signatures, const Probe *probes, std::size_t count,
                                        std::uint16_t wanted, std::uint32_t *out) {
  std::size_t found = 0;
  const __m512i w = _mm512_set1_epi16(static_cast<short>(wanted));
  for (const Probe *probe = probes; probe != probes + count; ++probe) {
    const __m512i limit = _mm512_set1_epi16(static_cast<short>(probe->limit));
    for (std::uint32_t i = probe->first; i < probe->last; i += 32) {
      const __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(_mm512_loadu_si512(signatures + i), w));
      std::uint32_t near = _mm512_cmple_epi16_mask(bits, limit);
      near = _bzhi_u32(near, probe->last - i < 32 ? probe->last - i : 32);
      // Passing is rare (one signature in hundreds): a loop beats a compressing store, which is slow on Zen 4.
      for (; near; near = _blsr_u32(near)) out[found++] = i + _tzcnt_u32(near);
    }
  }
  return found;
}

}  // namespace

const Kernels kAvx2{scan_avx2, filter_avx2, distance_popcnt};
const Kernels kAvx512{scan_avx512, filter_avx512, distance_popcnt};

}  // namespace hamming
#endif
