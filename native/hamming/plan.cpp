#include "plan.h"

#include <algorithm>
#include <bit>

namespace hamming {
namespace {

// A bucket looked into costs about as much as this many hashes scanned (AVX-512, bench/search.py).
constexpr std::size_t kHashesPerProbe = 6;

}  // namespace

Plan::Plan(unsigned radius, unsigned bits) : bits_(bits), flips_(radius / kChunks) {
  for (unsigned chunk = 0; chunk < kChunks; ++chunk)
    shares_[chunk] = static_cast<int>((radius + 1) / kChunks + (chunk < (radius + 1) % kChunks));
  if (bits_ == 0 || flips_ > kMaxFlips) return;
  for (unsigned mask = 0; mask < 1u << bits_; ++mask)
    if (std::popcount(mask) <= static_cast<int>(flips_)) masks_.push_back(static_cast<std::uint16_t>(mask));
  std::stable_sort(masks_.begin(), masks_.end(),
                   [](std::uint16_t a, std::uint16_t b) { return std::popcount(a) < std::popcount(b); });
  for (unsigned flips = 0; flips <= kMaxFlips; ++flips)
    within_[flips] = static_cast<std::size_t>(std::count_if(
        masks_.begin(), masks_.end(), [flips](std::uint16_t m) { return std::popcount(m) <= static_cast<int>(flips); }));
}

bool Plan::pays(std::size_t unique) const {
  if (bits_ == 0 || flips_ > kMaxFlips) return false;
  std::size_t all = 0;
  for (unsigned chunk = 0; chunk < kChunks; ++chunk)
    if (starts_at(chunk)) all += probes(chunk);
  return all * kHashesPerProbe < unique;
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
