// The Python face of the search: arrays in and out without copies, the interpreter lock released.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "search.h"

namespace nb = nanobind;
using namespace hamming;

namespace {

template <typename T>
using Array = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Hashes = nb::ndarray<const std::uint8_t, nb::shape<-1, 32>, nb::c_contig, nb::device::cpu>;

template <typename T>
nb::object to_numpy(std::vector<T> &&values) {
  auto *kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void *p) noexcept { delete static_cast<std::vector<T> *>(p); });
  return nb::ndarray<nb::numpy, T, nb::ndim<1>>(kept->data(), {kept->size()}, owner).cast();
}

template <typename T>
nb::object to_numpy(Large<T> &&values, std::size_t size) {
  T *memory = values.release();
  nb::capsule owner(memory, [](void *p) noexcept { FreeLarge{}(p); });
  return nb::ndarray<nb::numpy, T, nb::ndim<1>>(memory, {size}, owner).cast();
}

void check_count(const Hashes &hashes) {
  if (hashes.shape(0) > kMaxHashes) throw std::invalid_argument("An index holds at most 2^32 - 2^16 hashes.");
}

nb::object order(const Hashes &hashes) {
  check_count(hashes);
  std::vector<std::uint32_t> found;
  {
    nb::gil_scoped_release unlocked;
    if (!ascending(hashes.data(), hashes.shape(0))) found = ascending_order(hashes.data(), hashes.shape(0));
  }
  return found.empty() ? nb::none() : to_numpy(std::move(found));
}

nb::tuple postings(const Hashes &hashes, unsigned bits) {
  check_count(hashes);
  if (bits < 1 || bits > kChunkBits) throw std::invalid_argument("A key has 1 to 16 bits.");
  Built built;
  {
    nb::gil_scoped_release unlocked;
    if (!ascending(hashes.data(), hashes.shape(0))) throw std::invalid_argument("The hashes do not ascend.");
    built = build(hashes.data(), hashes.shape(0), bits);
  }
  const std::size_t keys = std::size_t{1} << bits;
  return nb::make_tuple(to_numpy(std::move(built.starts), kChunks * (keys + 1)),
                        to_numpy(std::move(built.signatures), kChunks * built.unique + kSignaturePad),
                        to_numpy(std::move(built.positions), kChunks * built.unique));
}

// Bits of the rows whose id is among `gone` (ascending), beside those set in `dead` before.
void mark(const Array<std::uint32_t> &ids, const Array<std::uint32_t> &gone,
          const nb::ndarray<std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu> &dead) {
  if (dead.shape(0) * 8 < ids.shape(0)) throw std::invalid_argument("The bits are fewer than the ids.");
  nb::gil_scoped_release unlocked;
  const std::uint32_t *first = gone.data(), *last = first + gone.shape(0);
  if (first == last) return;
  for (std::size_t row = 0; row < ids.shape(0); ++row) {
    const std::uint32_t id = ids.data()[row];
    if (id < *first || id > last[-1]) continue;
    if (std::binary_search(first, last, id)) dead.data()[row >> 3] |= static_cast<std::uint8_t>(1u << (row & 7));
  }
}

class Index {
 public:
  Index(Hashes hashes, unsigned bits, Array<std::uint32_t> starts, Array<std::uint16_t> signatures,
        Array<std::uint32_t> positions)
      : hashes_(std::move(hashes)), starts_(std::move(starts)), signatures_(std::move(signatures)),
        positions_(std::move(positions)), flips_(std::min(bits, kChunkBits)) {
    check_count(hashes_);
    tables_ = {hashes_.data(), hashes_.shape(0), bits, positions_.shape(0) / kChunks, starts_.data(),
               signatures_.data(), positions_.data()};
    if (bits > 0 && (bits > kChunkBits || starts_.shape(0) != kChunks * (tables_.keys() + 1) ||
                     positions_.shape(0) != kChunks * tables_.unique ||
                     signatures_.shape(0) != kChunks * tables_.unique + kSignaturePad))
      throw std::invalid_argument("The arrays do not belong together.");
    const char *wrong;
    {
      nb::gil_scoped_release unlocked;
      wrong = fault(tables_);
    }
    if (wrong != nullptr) throw std::invalid_argument(wrong);
  }

  nb::tuple query(Hashes queries, unsigned radius, std::optional<Array<std::uint8_t>> dead, bool first_only,
                  const std::optional<std::string> &level_name) const {
    if (radius > kBits) throw std::invalid_argument("A radius is at most 256 bits.");
    if (dead && dead->shape(0) * 8 < tables_.count) throw std::invalid_argument("The bits are fewer than the hashes.");
    const Level level = level_name ? level_from_name(*level_name) : best_level();
    std::vector<std::int64_t> offsets(queries.shape(0) + 1, 0);
    std::vector<std::uint32_t> positions;
    std::vector<std::uint16_t> distances;
    {
      nb::gil_scoped_release unlocked;
      Hits hits;
      search(tables_, flips_, {queries.data(), queries.shape(0), radius, level, dead ? dead->data() : nullptr, first_only},
             hits);
      positions.reserve(hits.size());
      distances.reserve(hits.size());
      for (const Hit &hit : hits) {
        ++offsets[hit.query + 1];
        positions.push_back(hit.position);
        distances.push_back(hit.distance);
      }
      for (std::size_t q = 1; q < offsets.size(); ++q) offsets[q] += offsets[q - 1];
    }
    return nb::make_tuple(to_numpy(std::move(offsets)), to_numpy(std::move(positions)),
                          to_numpy(std::move(distances)));
  }

  std::size_t size() const { return tables_.count; }
  std::size_t unique() const { return tables_.unique; }

 private:
  Hashes hashes_;
  Array<std::uint32_t> starts_;
  Array<std::uint16_t> signatures_;
  Array<std::uint32_t> positions_;
  Tables tables_;
  Flips flips_;
};

}  // namespace

NB_MODULE(_hamming, m) {
  m.def("simd_level", [] { return level_name(best_level()); });
  m.def("simd_levels", [] {
    std::vector<std::string> names;
    for (Level level : levels()) names.emplace_back(level_name(level));
    return names;
  });
  m.def("order", &order, nb::arg("hashes").noconvert());
  m.def("postings", &postings, nb::arg("hashes").noconvert(), nb::arg("bits"));
  m.def("mark", &mark, nb::arg("ids").noconvert(), nb::arg("gone").noconvert(), nb::arg("dead").noconvert());
  nb::class_<Index>(m, "Index")
      .def(nb::init<Hashes, unsigned, Array<std::uint32_t>, Array<std::uint16_t>, Array<std::uint32_t>>(),
           nb::arg("hashes").noconvert(), nb::arg("bits"), nb::arg("starts").noconvert(),
           nb::arg("signatures").noconvert(), nb::arg("positions").noconvert())
      .def("query", &Index::query, nb::arg("queries").noconvert(), nb::arg("radius"),
           nb::arg("dead").noconvert() = nb::none(), nb::arg("first_only") = false, nb::arg("level") = nb::none())
      .def_prop_ro("size", &Index::size)
      .def_prop_ro("unique", &Index::unique);
}
