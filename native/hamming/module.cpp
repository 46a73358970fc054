// The Python face of the search kernels: arrays in and out without copies, the interpreter lock released.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>

#include "multi_index.h"

namespace nb = nanobind;
using namespace hamming;

namespace {

using Hashes = nb::ndarray<const std::uint8_t, nb::shape<-1, 32>, nb::c_contig, nb::device::cpu>;

// Hashes of one block stay in the second-level cache while every query of a batch passes over them.
constexpr std::size_t kBlock = 4096;
constexpr unsigned kBits = 256;

template <typename T>
nb::object to_numpy(std::vector<T> &&values) {
  auto *kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void *p) noexcept { delete static_cast<std::vector<T> *>(p); });
  return nb::ndarray<nb::numpy, T, nb::ndim<1>>(kept->data(), {kept->size()}, owner).cast();
}

class Index {
 public:
  Index(Hashes hashes, bool multi) : hashes_(std::move(hashes)) {
    if (hashes_.shape(0) > std::numeric_limits<std::uint32_t>::max())
      throw std::invalid_argument("An index holds at most 2^32 - 1 hashes.");
    nb::gil_scoped_release unlocked;
    if (multi) multi_ = std::make_unique<MultiIndex>(hashes_.data(), hashes_.shape(0));
  }

  nb::tuple query(Hashes queries, unsigned radius, const std::optional<std::string> &level_name) const {
    if (radius > kBits) throw std::invalid_argument("A radius is at most 256 bits.");
    const Level level = level_name ? level_from_name(*level_name) : best_level();
    std::vector<std::int64_t> offsets;
    std::vector<std::uint32_t> positions;
    std::vector<std::uint16_t> distances;
    {
      nb::gil_scoped_release unlocked;
      search(queries.data(), queries.shape(0), radius, level, offsets, positions, distances);
    }
    return nb::make_tuple(to_numpy(std::move(offsets)), to_numpy(std::move(positions)),
                          to_numpy(std::move(distances)));
  }

  std::size_t size() const { return hashes_.shape(0); }
  std::size_t bytes() const { return size() * kHashBytes + (multi_ ? multi_->bytes() : 0); }
  bool multi() const { return multi_ != nullptr; }

 private:
  void search(const std::uint8_t *queries, std::size_t count, unsigned radius, Level level,
              std::vector<std::int64_t> &offsets, std::vector<std::uint32_t> &positions,
              std::vector<std::uint16_t> &distances) const {
    std::vector<Hits> found(count);
    if (multi_ && radius <= kMaxRadius) {
      for (std::size_t q = 0; q < count; ++q) multi_->query(level, queries + q * kHashBytes, radius, found[q]);
    } else {
      for (std::size_t first = 0; first < size(); first += kBlock) {
        const std::size_t last = std::min(first + kBlock, size());
        for (std::size_t q = 0; q < count; ++q)
          scan(level, hashes_.data(), first, last, queries + q * kHashBytes, radius, found[q]);
      }
    }
    offsets.reserve(count + 1);
    offsets.push_back(0);
    for (const Hits &hits : found) {
      for (const Hit &hit : hits) {
        positions.push_back(hit.position);
        distances.push_back(hit.distance);
      }
      offsets.push_back(static_cast<std::int64_t>(positions.size()));
    }
  }

  Hashes hashes_;
  std::unique_ptr<MultiIndex> multi_;
};

}  // namespace

NB_MODULE(_hamming, m) {
  m.def("simd_level", [] { return level_name(best_level()); });
  nb::class_<Index>(m, "Index")
      .def(nb::init<Hashes, bool>(), nb::arg("hashes").noconvert(), nb::arg("multi"))
      .def("query", &Index::query, nb::arg("queries").noconvert(), nb::arg("radius"),
           nb::arg("level") = nb::none())
      .def_prop_ro("size", &Index::size)
      .def_prop_ro("nbytes", &Index::bytes)
      .def_prop_ro("multi", &Index::multi);
}
