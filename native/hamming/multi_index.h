// Exact radius search by chunks (multi-index hashing).
//
// A hash is cut into 16 chunks of 16 bits. Two hashes at a distance of at most 15 agree in one chunk; at most 31, they
// differ by at most one bit in one chunk (pigeonhole). Looking up the chunk, and for a radius above 15 its 16
// one-bit neighbours, therefore finds every hash in the radius; the full hash is then verified.
#pragma once

#include <cstdint>
#include <vector>

#include "distance.h"

namespace hamming {

constexpr unsigned kChunks = 16;
constexpr unsigned kMaxRadius = 31;

class MultiIndex {
 public:
  // Borrows `hashes` (count × 32 bytes); the caller keeps them alive and unchanged.
  MultiIndex(const std::uint8_t *hashes, std::size_t count);

  // Appends every hash within `radius` (at most kMaxRadius), each once, in order of position.
  void query(Level level, const std::uint8_t *query, unsigned radius, Hits &out) const;

  std::size_t bytes() const;

 private:
  void probe(Level level, unsigned chunk, std::uint16_t value, const std::uint8_t *query, unsigned radius,
             Hits &out) const;

  const std::uint8_t *hashes_;
  std::size_t count_;
  std::vector<std::uint32_t> starts_;     // kChunks × 65537
  std::vector<std::uint32_t> positions_;  // kChunks × count
};

}  // namespace hamming
