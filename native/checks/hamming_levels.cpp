// Compare every SIMD level of a processor with the scalar one, function by function, on random and on extreme data;
// then compare the whole search at each level with a comparison byte by byte. The program needs no Python, so that it
// can be built for another processor and run in an emulator (tests/conformance/test_other_processors.py). It prints
// what is equal and exits with 1 at the first difference.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>

#include "../hamming/search.h"

using namespace hamming;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::mt19937_64 draw(20260731);

std::size_t below(std::size_t limit) { return static_cast<std::size_t>(draw() % limit); }

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  for (auto &byte : out) byte = static_cast<std::uint8_t>(draw());
  return out;
}

// Flips `count` different bits of the first `of` bits.
void flip(std::uint8_t *bytes, std::size_t count, std::size_t of = kBits) {
  std::vector<std::size_t> bits(of);
  std::iota(bits.begin(), bits.end(), std::size_t{0});
  std::shuffle(bits.begin(), bits.end(), draw);
  for (std::size_t i = 0; i < count; ++i) bytes[bits[i] / 8] ^= static_cast<std::uint8_t>(1u << (bits[i] % 8));
}

unsigned byte_by_byte(const std::uint8_t *a, const std::uint8_t *b) {
  int distance = 0;
  for (std::size_t i = 0; i < kHashBytes; ++i) distance += std::popcount(static_cast<std::uint8_t>(a[i] ^ b[i]));
  return static_cast<unsigned>(distance);
}

void require(bool alike, const char *what, Level level) {
  if (alike) return;
  std::printf("%s: %s differs\n", level_name(level), what);
  std::exit(1);
}

bool same(const Hits &a, const Hits &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Hit &x, const Hit &y) {
    return x.query == y.query && x.position == y.position && x.distance == y.distance;
  });
}

// Any number of differing bits, at any address.
std::size_t distances(Level level) {
  std::size_t compared = 0;
  for (std::size_t bits = 0; bits <= kBits; ++bits)
    for (std::size_t offset = 0; offset < 16; ++offset, ++compared) {
      Bytes a = random_bytes(kHashBytes + 16), b(a);
      flip(b.data() + offset, bits);
      const unsigned found = kernels(level).distance(a.data() + offset, b.data() + offset);
      require(found == bits && byte_by_byte(a.data() + offset, b.data() + offset) == bits, "distance", level);
    }
  return compared;
}

// Lists of every short length, from any place on, of hashes about as far off as the radius, or all equal.
std::size_t scans(Level level) {
  std::size_t compared = 0;
  for (const unsigned radius : {0u, 1u, 15u, 16u, 30u, 31u, 32u, 63u, 127u, 128u, 129u, 254u, 255u, 256u})
    for (std::size_t count = 0; count <= 70; ++count) {
      const std::size_t offset = below(16), first = below(count + 1), last = first + below(count - first + 1);
      const Bytes wanted = random_bytes(kHashBytes);
      Bytes list = random_bytes(offset + count * kHashBytes);
      const bool equal = below(4) == 0;
      for (std::size_t i = 0; i < count; ++i) {
        std::uint8_t *hash = list.data() + offset + i * kHashBytes;
        if (below(3) == 0 && !equal) continue;
        std::copy(wanted.begin(), wanted.end(), hash);
        if (!equal) flip(hash, std::min<std::size_t>(kBits, radius + below(3)) - (radius > 0));
      }
      // Earlier hits stay.
      Hits exact{{9, 9, 9}}, found{{9, 9, 9}};
      kernels(Level::scalar).scan(list.data() + offset, first, last, wanted.data(), radius, 7, exact);
      kernels(level).scan(list.data() + offset, first, last, wanted.data(), radius, 7, found);
      require(same(exact, found), "scan", level);
      std::size_t within = 1;
      for (std::size_t i = first; i < last; ++i)
        within += byte_by_byte(list.data() + offset + i * kHashBytes, wanted.data()) <= radius;
      require(within == exact.size(), "scalar scan", Level::scalar);
      ++compared;
    }
  return compared;
}

// Buckets of every short length, at any offset; the values around them would pass.
std::size_t filters(Level level) {
  constexpr std::uint32_t kMark = 0xfeedface;
  std::size_t compared = 0;
  for (int limit = -1; limit <= 17; ++limit)
    for (std::uint32_t length = 0; length <= 70; ++length, ++compared) {
      const auto wanted = static_cast<std::uint16_t>(draw());
      std::vector<Probe> probes;
      std::size_t room = 0, end = 0;
      for (std::uint32_t bucket = 0; bucket < 3; ++bucket) {
        const std::uint32_t first = static_cast<std::uint32_t>(below(40)), longer = bucket == 1 ? length : 5 * bucket;
        probes.push_back({first, first + longer, bucket == 2 ? limit - 1 : limit});
        room += longer;
        end = std::max<std::size_t>(end, first + longer);
      }
      std::vector<std::uint16_t> signatures(end + kSignaturePad, wanted);
      for (const Probe &probe : probes)
        for (std::uint32_t i = probe.first; i < probe.last; ++i) {
          const long bits = std::clamp(static_cast<long>(probe.limit) - 1 + static_cast<long>(below(4)), 0L, 16L);
          signatures[i] = wanted;
          flip(reinterpret_cast<std::uint8_t *>(&signatures[i]), static_cast<std::size_t>(bits), 16);
        }
      std::vector<std::uint32_t> exact(room + 8, kMark), found(room + 8, kMark);
      const auto ask = [&](Level which, std::vector<std::uint32_t> &out) {
        const std::size_t passed =
            kernels(which).filter(signatures.data(), probes.data(), probes.size(), wanted, out.data());
        require(passed <= room && std::count(out.begin() + static_cast<long>(room), out.end(), kMark) == 8,
                "room of a filter", which);
        out.resize(passed);
      };
      ask(Level::scalar, exact);
      ask(level, found);
      require(exact == found, "filter", level);
      std::vector<std::uint32_t> passing;
      for (const Probe &probe : probes)
        for (std::uint32_t i = probe.first; i < probe.last; ++i)
          if (std::popcount(static_cast<std::uint16_t>(signatures[i] ^ wanted)) <= probe.limit) passing.push_back(i);
      require(passing == exact, "scalar filter", Level::scalar);
    }
  return compared;
}

// A list with crowds, some of it removed; queries at the radius and a bit beyond.
std::size_t searches(Level level) {
  constexpr std::size_t kCount = 8000, kQueries = 120;
  constexpr unsigned kKey = 10;
  std::size_t hits = 0;
  const Flips flips(kKey);
  for (const unsigned radius : {0u, 15u, 16u, 31u, 40u}) {
    Bytes drawn = random_bytes(kCount * kHashBytes), hashes(drawn.size());
    for (std::size_t i = 1; i < kCount / 3; ++i) {
      std::copy_n(drawn.begin(), kHashBytes, drawn.begin() + static_cast<long>(i * kHashBytes));
      if (i % 2) flip(drawn.data() + i * kHashBytes, below(radius + 2));
    }
    const std::vector<std::uint32_t> order = ascending_order(drawn.data(), kCount);
    for (std::size_t i = 0; i < kCount; ++i)
      std::copy_n(drawn.data() + order[i] * kHashBytes, kHashBytes, hashes.data() + i * kHashBytes);
    Bytes queries(kQueries * kHashBytes), dead = random_bytes(kCount / 8);
    for (std::size_t q = 0; q < kQueries; ++q) {
      std::copy_n(hashes.data() + below(kCount) * kHashBytes, kHashBytes, queries.data() + q * kHashBytes);
      flip(queries.data() + q * kHashBytes, radius + q % 2);
    }
    const Built built = build(hashes.data(), kCount, kKey);
    const Tables tables{hashes.data(),           kCount,                kKey,
                        built.unique,            built.starts.get(),    built.signatures.get(),
                        built.positions.get(),   position_width(kCount)};
    require(fault(tables) == nullptr, "table", level);
    Hits exact, found;
    for (std::uint32_t q = 0; q < kQueries; ++q)
      for (std::uint32_t i = 0; i < kCount; ++i) {
        if (dead[i / 8] >> (i % 8) & 1) continue;
        const unsigned distance = byte_by_byte(hashes.data() + i * kHashBytes, queries.data() + q * kHashBytes);
        if (distance <= radius) exact.push_back({q, i, static_cast<std::uint16_t>(distance)});
      }
    search(tables, flips, {queries.data(), kQueries, radius, level, dead.data(), false}, found);
    require(same(exact, found), "search", level);
    hits += found.size();
    if (radius == 31) require(Plan(radius, kKey, flips).pays(kCount), "way of a search", level);
  }
  return hits;
}

}  // namespace

int main() {
  for (const Level level : levels()) {
    const std::size_t one = distances(level), two = scans(level), three = filters(level), four = searches(level);
    std::printf("%s: %zu distances, %zu scans, %zu filters, %zu hits\n", level_name(level), one, two, three, four);
  }
}
