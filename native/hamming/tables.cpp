#include "tables.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hamming {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

int compare(const std::uint8_t *a, const std::uint8_t *b) { return std::memcmp(a, b, kHashBytes); }

std::uint64_t leading(const std::uint8_t *hash) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | hash[i];
  return value;
}

// The first of each run of equal hashes; empty if no two are equal.
std::vector<std::uint32_t> firsts(const std::uint8_t *hashes, std::size_t count) {
  std::vector<std::uint32_t> rows;
  bool repeated = false;
  for (std::size_t i = 0; i < count; ++i) {
    const bool same = i > 0 && compare(hashes + (i - 1) * kHashBytes, hashes + i * kHashBytes) == 0;
    if (same && !repeated) {
      repeated = true;
      for (std::size_t k = 0; k < i; ++k) rows.push_back(static_cast<std::uint32_t>(k));
    }
    if (repeated && !same) rows.push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

// The memory is zero where a position comes.
void put_position(std::uint8_t *positions, std::size_t posting, unsigned width, std::uint32_t value) {
  std::uint8_t *at = positions + (posting * width >> 3);
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  word |= std::uint64_t{value} << (posting * width & 7);
  std::memcpy(at, &word, sizeof word);
}

}  // namespace

void FreeLarge::operator()(void *memory) const noexcept { std::free(memory); }

void *allocate_large(std::size_t bytes) {
  const bool large = bytes >= kHugePage;
  const std::size_t align = large ? kHugePage : 64;
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + align - 1) / align * align;
  void *memory = std::aligned_alloc(align, rounded);
  if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // A hint only: if it is refused, ordinary pages are used.
  if (large) (void)madvise(memory, rounded, MADV_HUGEPAGE);
#endif
  return memory;
}

bool ascending(const std::uint8_t *hashes, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i)
    if (compare(hashes + (i - 1) * kHashBytes, hashes + i * kHashBytes) > 0) return false;
  return true;
}

std::vector<std::uint32_t> ascending_order(const std::uint8_t *hashes, std::size_t count) {
  struct Row {
    std::uint64_t lead;
    std::uint32_t position;
  };
  // In huge pages: to free 160 MB of small ones keeps other threads that ask the system for memory waiting.
  const Large<Row> rows(static_cast<Row *>(allocate_large(count * sizeof(Row))));
  for (std::size_t i = 0; i < count; ++i) rows[i] = {leading(hashes + i * kHashBytes), static_cast<std::uint32_t>(i)};
  std::sort(rows.get(), rows.get() + count, [hashes](const Row &a, const Row &b) {
    if (a.lead != b.lead) return a.lead < b.lead;
    const int rest = compare(hashes + a.position * kHashBytes, hashes + b.position * kHashBytes);
    return rest != 0 ? rest < 0 : a.position < b.position;
  });
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = rows[i].position;
  return order;
}

Built build(const std::uint8_t *hashes, std::size_t count, unsigned bits) {
  const std::vector<std::uint32_t> rows = firsts(hashes, count);
  const std::size_t unique = rows.empty() ? count : rows.size();
  const std::size_t keys = std::size_t{1} << bits, packed = position_bytes(count, unique);
  const unsigned width = position_width(count);
  const auto make = [](auto *kind, std::size_t size) {
    using T = std::remove_pointer_t<decltype(kind)>;
    return Large<T>(static_cast<T *>(allocate_large(size * sizeof(T))));
  };
  Built built{unique, make(static_cast<std::uint32_t *>(nullptr), kChunks * (keys + 1)),
              make(static_cast<std::uint16_t *>(nullptr), kChunks * unique + kSignaturePad),
              make(static_cast<std::uint8_t *>(nullptr), packed)};
  std::fill_n(built.starts.get(), kChunks * (keys + 1), 0);
  std::fill_n(built.signatures.get() + kChunks * unique, kSignaturePad, 0);
  std::fill_n(built.positions.get(), packed, 0);
  std::vector<std::uint32_t> next(keys);
  for (unsigned chunk = 0; chunk < kChunks; ++chunk) {
    std::uint32_t *starts = built.starts.get() + chunk * (keys + 1);
    std::uint16_t *signatures = built.signatures.get() + chunk * unique;
    const auto row = [&rows](std::size_t i) { return rows.empty() ? static_cast<std::uint32_t>(i) : rows[i]; };
    const auto key = [&](std::uint32_t at) {
      return static_cast<std::size_t>(chunk_of(hashes + at * kHashBytes, chunk) >> (kChunkBits - bits));
    };
    for (std::size_t i = 0; i < unique; ++i) ++starts[key(row(i)) + 1];
    for (std::size_t k = 0; k < keys; ++k) starts[k + 1] += starts[k];
    std::copy_n(starts, keys, next.begin());
    for (std::size_t i = 0; i < unique; ++i) {
      const std::uint32_t at = row(i), slot = next[key(at)]++;
      put_position(built.positions.get(), chunk * unique + slot, width, at);
      signatures[slot] = chunk_of(hashes + at * kHashBytes, chunk + 1);
    }
  }
  return built;
}

void mark_rows(const std::uint32_t *ids, std::size_t count, const std::uint32_t *gone, std::size_t wanted,
               std::uint8_t *bits) {
  // Most rows stay: a sieve that fits in the cache refuses them before the exact look-up.
  constexpr unsigned kSieveBits = 20;
  std::vector<std::uint64_t> sieve((std::size_t{1} << kSieveBits) / 64, 0);
  const auto spot = [](std::uint32_t id) { return id * 0x9e3779b1u >> (32 - kSieveBits); };
  for (std::size_t i = 0; i < wanted; ++i) sieve[spot(gone[i]) / 64] |= std::uint64_t{1} << spot(gone[i]) % 64;
  for (std::size_t row = 0; row < count; ++row) {
    const std::uint32_t at = spot(ids[row]);
    if ((sieve[at / 64] >> at % 64 & 1) && std::binary_search(gone, gone + wanted, ids[row]))
      bits[row >> 3] |= static_cast<std::uint8_t>(1u << (row & 7));
  }
}

const char *fault(const Tables &tables) {
  if (tables.bits == 0) return nullptr;
  if (tables.bits > kChunkBits) return "The keys are longer than a chunk.";
  if (tables.unique > tables.count) return "There are more postings than hashes.";
  for (unsigned chunk = 0; chunk < kChunks; ++chunk) {
    const std::uint32_t *starts = tables.starts + chunk * (tables.keys() + 1);
    if (starts[0] != 0 || starts[tables.keys()] != tables.unique) return "A directory does not span its postings.";
    if (!std::is_sorted(starts, starts + tables.keys() + 1)) return "A directory does not ascend.";
  }
  return nullptr;
}

}  // namespace hamming
