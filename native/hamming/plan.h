// Select the buckets that a search reads, and the bound that a posting must meet.
//
// Let a query and a hash differ by d_c bits in chunk c, by at most `radius` in all. Give the chunks shares s_c >= 0
// that sum to radius + 1. Then the sum of (d_c - s_c) is negative, so that going round the ring of chunks there is a
// start from which every partial sum is negative (cycle lemma; for equal shares the pigeonring principle, Qin & Xiao,
// VLDB 2018; for unequal ones the general pigeonhole principle with thresholds s_c - 1). The first partial sum says
// d_c <= s_c - 1: the hash lies in a bucket within that many bits of the query's key. The second says
// d_c + d_(c+1) <= s_c + s_(c+1) - 1: a bound on the signature. A chunk without a share is never a start.
//
// A key is the upper part of a chunk: its distance is at most d_c, so that both bounds stay necessary with it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tables.h"

namespace hamming {

// More flips a key would mean more buckets than a scan has hashes, at any size this index is for.
constexpr unsigned kMaxFlips = 3;

// The bits to flip in a key of `bits` bits, fewest first. Made once an index.
struct Flips {
  explicit Flips(unsigned bits);

  std::vector<std::uint16_t> masks;
  std::array<std::size_t, kMaxFlips + 2> upto{};  // masks of fewer than this many flips
};

class Plan {
 public:
  Plan(unsigned radius, unsigned bits, const Flips &flips);

  // False if the radius is too large for looking up chunks, or the list too small for it to pay.
  bool pays(std::size_t count) const;
  bool starts_at(unsigned chunk) const { return shares_[chunk] > 0; }
  int share(unsigned chunk) const { return shares_[chunk]; }
  const Flips &flips() const { return flips_; }
  // How far the following chunk may be when the key is `flips` bits away.
  int limit(unsigned chunk, int flips) const { return shares_[chunk] + shares_[(chunk + 1) % kChunks] - 1 - flips; }
  // The first chunk whose bucket and signature lead from this query to this hash; kChunks if none does.
  unsigned first_start(const std::uint8_t *hash, const std::uint8_t *query) const;

 private:
  unsigned bits_;
  const Flips &flips_;
  std::array<int, kChunks> shares_;
  bool feasible_;
};

}  // namespace hamming
