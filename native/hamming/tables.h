// The postings of a list as plain arrays: built once, stored in a file and shared between processes.
//
// A hash is cut into 16 chunks of 16 bits. For every chunk there is a directory over the chunk's upper `bits` bits (its
// key) and, bucket by bucket, one posting a hash: where the hash lies (`positions`) and, apart from it so that a bucket
// is one run of memory, the 16 bits of the *following* chunk (`signatures`), by which most postings are refused without
// a look at the hash. Hashes ascend bytewise; equal ones lie together and have one posting, at the first of them.
// Positions are read for one posting in hundreds: each has as many bits as the list needs, without gaps.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels.h"

namespace hamming {

constexpr unsigned kChunks = 16;
constexpr unsigned kChunkBits = 16;
constexpr unsigned kBits = 256;
// Kernels read whole registers: this many signatures lie behind the last.
constexpr std::size_t kSignaturePad = 32;
// Positions are read eight bytes at a time: so many bytes lie behind the last.
constexpr std::size_t kPositionPad = 8;
constexpr std::size_t kMaxHashes = 0xffff0000;

// Bit 0 of a position is the lowest of its first byte, in memory as in a file.
static_assert(std::endian::native == std::endian::little);

inline std::uint16_t chunk_of(const std::uint8_t *hash, unsigned chunk) {
  std::uint16_t value;
  std::memcpy(&value, hash + 2 * (chunk % kChunks), sizeof value);
  return value;
}

struct Tables {
  const std::uint8_t *hashes = nullptr;  // count × 32, ascending
  std::size_t count = 0;
  unsigned bits = 0;                          // of a key; 0: no postings, the list is scanned
  std::size_t unique = 0;                     // hashes without duplicates
  const std::uint32_t *starts = nullptr;      // kChunks × (2^bits + 1)
  const std::uint16_t *signatures = nullptr;  // kChunks × unique, and kSignaturePad
  const std::uint8_t *positions = nullptr;    // kChunks × unique × width bits, and kPositionPad bytes
  unsigned width = 0;                         // of a position: `position_width(count)`

  std::size_t keys() const { return std::size_t{1} << bits; }
  const std::uint8_t *hash(std::size_t position) const { return hashes + position * kHashBytes; }
  unsigned key_of(std::uint16_t chunk) const { return chunk >> (kChunkBits - bits); }
  const std::uint8_t *position_at(std::size_t posting) const { return positions + (posting * width >> 3); }
  std::uint32_t position(std::size_t posting) const {
    std::uint64_t word;
    std::memcpy(&word, position_at(posting), sizeof word);
    return static_cast<std::uint32_t>(word >> (posting * width & 7) & ((std::uint64_t{1} << width) - 1));
  }
};

// The bits of a position in a list of so many hashes, and the bytes of the positions of so many different ones.
inline unsigned position_width(std::size_t count) { return count < 2 ? 1 : static_cast<unsigned>(std::bit_width(count - 1)); }
inline std::size_t position_bytes(std::size_t count, std::size_t unique) {
  return (kChunks * unique * position_width(count) + 7) / 8 + kPositionPad;
}

// Memory for a large array: huge pages where the system gives them, since postings are read at random places.
struct FreeLarge {
  void operator()(void *memory) const noexcept;
};
template <typename T>
using Large = std::unique_ptr<T[], FreeLarge>;
void *allocate_large(std::size_t bytes);

struct Built {
  std::size_t unique;
  Large<std::uint32_t> starts;
  Large<std::uint16_t> signatures;
  Large<std::uint8_t> positions;
};

bool ascending(const std::uint8_t *hashes, std::size_t count);
// The stable order in which the hashes ascend.
std::vector<std::uint32_t> ascending_order(const std::uint8_t *hashes, std::size_t count);
// Postings over ascending hashes with keys of `bits` (1-16) bits.
Built build(const std::uint8_t *hashes, std::size_t count, unsigned bits);
// Sets bit i for every row i whose id is among gone[0, wanted), which ascend.
void mark_rows(const std::uint32_t *ids, std::size_t count, const std::uint32_t *gone, std::size_t wanted,
               std::uint8_t *bits);
// The first thing in the directories that would make a search read outside the arrays; nullptr if there is none.
// Positions are compared with the number of hashes when they are used: reading all of them would take longer than a
// thousand searches.
const char *fault(const Tables &tables);

}  // namespace hamming
