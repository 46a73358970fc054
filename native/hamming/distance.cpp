#include "distance.h"

#include <bit>
#include <cstring>
#include <stdexcept>

#if defined(__x86_64__)
#include <immintrin.h>
#define TUTELA_X86 1
#endif

namespace hamming {
namespace {

// Candidates lie at random places in a list larger than the cache: ask for them this many steps ahead.
constexpr std::size_t kPrefetchAhead = 8;

inline unsigned distance_words(const std::uint8_t *a, const std::uint8_t *b) {
  std::uint64_t x[4], y[4];
  std::memcpy(x, a, kHashBytes);
  std::memcpy(y, b, kHashBytes);
  return static_cast<unsigned>(std::popcount(x[0] ^ y[0]) + std::popcount(x[1] ^ y[1]) + std::popcount(x[2] ^ y[2]) +
                               std::popcount(x[3] ^ y[3]));
}

inline void keep(std::size_t position, unsigned distance, unsigned radius, Hits &out) {
  if (distance <= radius) out.push_back({static_cast<std::uint32_t>(position), static_cast<std::uint16_t>(distance)});
}

void scan_scalar(const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *query,
                 unsigned radius, Hits &out) {
  for (std::size_t i = first; i < last; ++i) keep(i, distance_words(hashes + i * kHashBytes, query), radius, out);
}

void verify_scalar(const std::uint8_t *hashes, const std::uint32_t *candidates, std::size_t count,
                   const std::uint8_t *query, unsigned radius, Hits &out) {
  for (std::size_t i = 0; i < count; ++i)
    keep(candidates[i], distance_words(hashes + candidates[i] * kHashBytes, query), radius, out);
}

#ifdef TUTELA_X86
// Nibble look-up popcount (Mula): two shuffles for 32 bytes, summed to four 64-bit lanes.
__attribute__((target("avx2"))) inline __m256i popcount_bytes(__m256i v) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2,
                                         2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(0x0f);
  const __m256i lo = _mm256_shuffle_epi8(table, _mm256_and_si256(v, low));
  const __m256i hi = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), low));
  return _mm256_sad_epu8(_mm256_add_epi8(lo, hi), _mm256_setzero_si256());
}

__attribute__((target("avx2"))) inline unsigned sum_lanes(__m256i v) {
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return static_cast<unsigned>(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1));
}

__attribute__((target("avx2"))) void scan_avx2(const std::uint8_t *hashes, std::size_t first, std::size_t last,
                                               const std::uint8_t *query, unsigned radius, Hits &out) {
  const __m256i q = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(query));
  for (std::size_t i = first; i < last; ++i) {
    const __m256i h = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(hashes + i * kHashBytes));
    keep(i, sum_lanes(popcount_bytes(_mm256_xor_si256(h, q))), radius, out);
  }
}

// One register holds two hashes; four registers are folded into eight distances, so that the comparison is one step.
__attribute__((target("avx512f,avx512vpopcntdq"))) void scan_avx512(const std::uint8_t *hashes, std::size_t first,
                                                                    std::size_t last, const std::uint8_t *query,
                                                                    unsigned radius, Hits &out) {
  const __m512i q = _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(query)));
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
    const __mmask8 near = _mm512_cmple_epu64_mask(sums, limit);
    if (near == 0) continue;
    alignas(64) std::uint64_t d[8];
    _mm512_store_si512(d, sums);
    // Lane order of the sums: hash 0, 2, 1, 3, 4, 6, 5, 7.
    constexpr int lane[8] = {0, 2, 1, 3, 4, 6, 5, 7};
    for (int k = 0; k < 8; ++k) keep(i + k, static_cast<unsigned>(d[lane[k]]), radius, out);
  }
  scan_scalar(hashes, i, last, query, radius, out);
}

__attribute__((target("popcnt"))) inline unsigned distance_popcnt(const std::uint8_t *a, const std::uint64_t *q) {
  std::uint64_t x[4];
  std::memcpy(x, a, kHashBytes);
  return static_cast<unsigned>(_mm_popcnt_u64(x[0] ^ q[0]) + _mm_popcnt_u64(x[1] ^ q[1]) + _mm_popcnt_u64(x[2] ^ q[2]) +
                               _mm_popcnt_u64(x[3] ^ q[3]));
}

__attribute__((target("popcnt"))) void verify_popcnt(const std::uint8_t *hashes, const std::uint32_t *candidates,
                                                     std::size_t count, const std::uint8_t *query, unsigned radius,
                                                     Hits &out) {
  std::uint64_t q[4];
  std::memcpy(q, query, kHashBytes);
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kPrefetchAhead < count) __builtin_prefetch(hashes + candidates[i + kPrefetchAhead] * kHashBytes);
    keep(candidates[i], distance_popcnt(hashes + candidates[i] * kHashBytes, q), radius, out);
  }
}
#endif

}  // namespace

Level best_level() {
#ifdef TUTELA_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq")) return Level::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) return Level::avx2;
#endif
  return Level::scalar;
}

const char *level_name(Level level) {
  switch (level) {
    case Level::avx512: return "avx512";
    case Level::avx2: return "avx2";
    default: return "scalar";
  }
}

Level level_from_name(const std::string &name) {
  for (Level level : {Level::scalar, Level::avx2, Level::avx512}) {
    if (name != level_name(level)) continue;
    if (level > best_level()) throw std::invalid_argument("This machine has no " + name + ".");
    return level;
  }
  throw std::invalid_argument("Unknown SIMD level: " + name + ".");
}

void scan(Level level, const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *query,
          unsigned radius, Hits &out) {
#ifdef TUTELA_X86
  if (level == Level::avx512) return scan_avx512(hashes, first, last, query, radius, out);
  if (level == Level::avx2) return scan_avx2(hashes, first, last, query, radius, out);
#endif
  (void)level;
  scan_scalar(hashes, first, last, query, radius, out);
}

void verify(Level level, const std::uint8_t *hashes, const std::uint32_t *candidates, std::size_t count,
            const std::uint8_t *query, unsigned radius, Hits &out) {
#ifdef TUTELA_X86
  if (level != Level::scalar) return verify_popcnt(hashes, candidates, count, query, radius, out);
#endif
  (void)level;
  verify_scalar(hashes, candidates, count, query, radius, out);
}

}  // namespace hamming
