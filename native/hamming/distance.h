// Hamming distances over 256-bit hashes, with the widest instructions the machine has.
//
// A hash is 32 bytes. Every SIMD level answers the same distances; the level is chosen at run time, so one binary
// serves every machine. A test may force a lower level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hamming {

constexpr std::size_t kHashBytes = 32;

enum class Level { scalar, avx2, avx512 };

struct Hit {
  std::uint32_t position;
  std::uint16_t distance;
};

using Hits = std::vector<Hit>;

Level best_level();
const char *level_name(Level level);
// Throws std::invalid_argument for an unknown name and for a level that this machine lacks.
Level level_from_name(const std::string &name);

// Appends every hash of hashes[first, last) within `radius` of `query`, in order of position.
void scan(Level level, const std::uint8_t *hashes, std::size_t first, std::size_t last, const std::uint8_t *query,
          unsigned radius, Hits &out);

// Verifies candidates[0, count) against the full hash and appends those within `radius`.
void verify(Level level, const std::uint8_t *hashes, const std::uint32_t *candidates, std::size_t count,
            const std::uint8_t *query, unsigned radius, Hits &out);

}  // namespace hamming
