#include "multi_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace hamming {
namespace {

constexpr std::size_t kValues = 1u << 16;
constexpr std::size_t kRow = kValues + 1;

inline std::uint16_t chunk_of(const std::uint8_t *hash, unsigned chunk) {
  std::uint16_t value;
  std::memcpy(&value, hash + 2 * chunk, sizeof value);
  return value;
}

// A hash that two chunks lead to is reported by the first of them alone.
inline bool found_earlier(const std::uint8_t *hash, const std::uint8_t *query, unsigned chunk, int flips) {
  for (unsigned c = 0; c < chunk; ++c) {
    const auto difference = static_cast<std::uint16_t>(chunk_of(hash, c) ^ chunk_of(query, c));
    if (std::popcount(difference) <= flips) return true;
  }
  return false;
}

}  // namespace

MultiIndex::MultiIndex(const std::uint8_t *hashes, std::size_t count)
    : hashes_(hashes), count_(count), starts_(kChunks * kRow, 0), positions_(kChunks * count) {
  for (unsigned chunk = 0; chunk < kChunks; ++chunk) {
    std::uint32_t *starts = starts_.data() + chunk * kRow;
    std::uint32_t *positions = positions_.data() + chunk * count;
    for (std::size_t i = 0; i < count; ++i) ++starts[chunk_of(hashes + i * kHashBytes, chunk) + 1];
    for (std::size_t v = 0; v < kValues; ++v) starts[v + 1] += starts[v];
    std::vector<std::uint32_t> next(starts, starts + kValues);
    for (std::size_t i = 0; i < count; ++i)
      positions[next[chunk_of(hashes + i * kHashBytes, chunk)]++] = static_cast<std::uint32_t>(i);
  }
}

void MultiIndex::probe(Level level, unsigned chunk, std::uint16_t value, const std::uint8_t *query, unsigned radius,
                       Hits &out) const {
  const std::uint32_t *starts = starts_.data() + chunk * kRow;
  const std::uint32_t *positions = positions_.data() + chunk * count_;
  verify(level, hashes_, positions + starts[value], starts[value + 1] - starts[value], query, radius, out);
}

void MultiIndex::query(Level level, const std::uint8_t *query, unsigned radius, Hits &out) const {
  const int flips = radius < kChunks ? 0 : 1;
  const std::size_t before = out.size();
  for (unsigned chunk = 0; chunk < kChunks; ++chunk) {
    const std::size_t from = out.size();
    const std::uint16_t value = chunk_of(query, chunk);
    probe(level, chunk, value, query, radius, out);
    for (unsigned bit = 0; flips == 1 && bit < 16; ++bit)
      probe(level, chunk, static_cast<std::uint16_t>(value ^ (1u << bit)), query, radius, out);
    const auto seen = [&](const Hit &hit) {
      return found_earlier(hashes_ + hit.position * kHashBytes, query, chunk, flips);
    };
    out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(), seen), out.end());
  }
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
            [](const Hit &a, const Hit &b) { return a.position < b.position; });
}

std::size_t MultiIndex::bytes() const { return (starts_.size() + positions_.size()) * sizeof(std::uint32_t); }

}  // namespace hamming
