// The two inner loops of the search, at each SIMD level.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "level.h"

namespace hamming {

constexpr std::size_t kHashBytes = 32;

// One stored hash within the radius of one query.
struct Hit {
  std::uint32_t query;
  std::uint32_t position;
  std::uint16_t distance;
};

using Hits = std::vector<Hit>;

// One bucket of postings to look through: postings [first, last), of which those within `limit` bits pass.
struct Probe {
  std::uint32_t first;
  std::uint32_t last;
  std::int32_t limit;
};

struct Kernels {
  // Appends every hash of hashes[first, last) within `radius` of `wanted`, in order of position.
  void (*scan)(const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *wanted,
               unsigned radius, std::uint32_t query, Hits &out);
  // Writes the postings whose signature lies within the probe's limit of `wanted` to `out`, which has room for all of
  // them; answers how many. Never reads outside [first, last) in effect: signatures are readable for 64 bytes more.
  std::size_t (*filter)(const std::uint16_t *signatures, const Probe *probes, std::size_t count, std::uint16_t wanted,
                        std::uint32_t *out);
  unsigned (*distance)(const std::uint8_t *a, const std::uint8_t *b);
};

const Kernels &kernels(Level level);

inline unsigned distance_words(const std::uint8_t *a, const std::uint8_t *b) {
  std::uint64_t x[4], y[4];
  std::memcpy(x, a, kHashBytes);
  std::memcpy(y, b, kHashBytes);
  return static_cast<unsigned>(std::popcount(x[0] ^ y[0]) + std::popcount(x[1] ^ y[1]) + std::popcount(x[2] ^ y[2]) +
                               std::popcount(x[3] ^ y[3]));
}

}  // namespace hamming
