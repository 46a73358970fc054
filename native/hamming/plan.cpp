#include "plan.h"

#include <algorithm>
#include <bit>

namespace hamming {
namespace {

// A bucket looked into costs about as much as this many hashes scanned (AVX-512, bench/search.py).
constexpr std::size_t kHashesPerProbe = 20;

}  // namespace

Flips::Flips(unsigned bits) {
  for (unsigned wanted = 0; wanted <= kMaxFlips; ++wanted) {
    for (unsigned mask = 0; mask < 1u << bits; ++mask)
      if (std::popcount(mask) == static_cast<int>(wanted)) masks.push_back(static_cast<std::uint16_t>(mask));
    upto[wanted + 1] = masks.size();
  }
}

Plan::Plan(unsigned radius, unsigned bits, const Flips &flips)
    : bits_(bits), flips_(flips), feasible_(bits > 0 && radius / kChunks <= kMaxFlips) {
  for (unsigned chunk = 0; chunk < kChunks; ++chunk)
    shares_[chunk] = static_cast<int>((radius + 1) / kChunks + (chunk < (radius + 1) % kChunks));
}

bool Plan::pays(std::size_t count) const {
  if (!feasible_) return false;
  std::size_t probes = 0;
  for (const int share : shares_) probes += flips_.upto[std::min<std::size_t>(share, kMaxFlips + 1)];
  return probes * kHashesPerProbe < count;
}

unsigned Plan::first_start(const std::uint8_t *hash, const std::uint8_t *query) const {
  for (unsigned chunk = 0; chunk < kChunks; ++chunk) {
    if (!starts_at(chunk)) continue;
    const auto here = static_cast<std::uint16_t>(chunk_of(hash, chunk) ^ chunk_of(query, chunk));
    const auto next = static_cast<std::uint16_t>(chunk_of(hash, chunk + 1) ^ chunk_of(query, chunk + 1));
    const int flips = std::popcount(static_cast<std::uint16_t>(here >> (kChunkBits - bits_)));
    if (flips < shares_[chunk] && std::popcount(next) <= limit(chunk, flips)) return chunk;
  }
  return kChunks;
}

}  // namespace hamming
