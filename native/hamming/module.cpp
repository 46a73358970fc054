// Python interface of the search: arrays in and out without copies, the interpreter lock released.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
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
                        to_numpy(std::move(built.positions), position_bytes(hashes.shape(0), built.unique)));
}

// A list that is only read: hashes, their postings, and what was checked once about both.
class Table {
 public:
  Table(Hashes hashes, unsigned bits, Array<std::uint32_t> starts, Array<std::uint16_t> signatures,
        Array<std::uint8_t> positions)
      : hashes_(std::move(hashes)), starts_(std::move(starts)), signatures_(std::move(signatures)),
        positions_(std::move(positions)), flips_(std::min(bits, kChunkBits)) {
    check_count(hashes_);
    const std::size_t count = hashes_.shape(0), signatures_here = signatures_.shape(0);
    const std::size_t unique = signatures_here < kSignaturePad ? 0 : (signatures_here - kSignaturePad) / kChunks;
    tables_ = {hashes_.data(),     count,  bits, unique, starts_.data(), signatures_.data(), positions_.data(),
               position_width(count)};
    if (bits > 0 && (bits > kChunkBits || starts_.shape(0) != kChunks * (tables_.keys() + 1) ||
                     signatures_here != kChunks * unique + kSignaturePad ||
                     positions_.shape(0) != position_bytes(count, unique)))
      throw std::invalid_argument("The arrays do not belong together.");
    const char *wrong;
    {
      nb::gil_scoped_release unlocked;
      wrong = fault(tables_);
    }
    if (wrong != nullptr) throw std::invalid_argument(wrong);
  }

  const Tables &tables() const { return tables_; }
  const Flips &flips() const { return flips_; }
  std::size_t unique() const { return tables_.bits > 0 ? tables_.unique : tables_.count; }

 private:
  Hashes hashes_;
  Array<std::uint32_t> starts_;
  Array<std::uint16_t> signatures_;
  Array<std::uint8_t> positions_;
  Tables tables_;
  Flips flips_;
};

// A table with IDs of its rows (default: their numbers) and the removed rows.
class Layer {
 public:
  Layer(std::shared_ptr<Table> table, std::optional<Array<std::uint32_t>> ids, std::optional<Array<std::uint8_t>> dead)
      : table_(std::move(table)), ids_(std::move(ids)), dead_(std::move(dead)) {
    const std::size_t count = table_->tables().count;
    if (ids_ && ids_->shape(0) != count) throw std::invalid_argument("Every hash has one id.");
    if (dead_ && dead_->shape(0) * 8 < count) throw std::invalid_argument("The bits are fewer than the hashes.");
  }

  void ask(Question question, Hits &out) const {
    question.dead = dead_ ? dead_->data() : nullptr;
    search(table_->tables(), table_->flips(), question, out);
    if (ids_)
      for (Hit &hit : out) hit.position = ids_->data()[hit.position];
  }

 private:
  std::shared_ptr<Table> table_;
  std::optional<Array<std::uint32_t>> ids_;
  std::optional<Array<std::uint8_t>> dead_;
};

// Hits of several layers: those of a query together, layer after layer.
nb::tuple ask(const std::vector<const Layer *> &layers, const Hashes &queries, unsigned radius, bool first_only,
              const std::optional<std::string> &level_name) {
  if (radius > kBits) throw std::invalid_argument("A radius is at most 256 bits.");
  if (queries.shape(0) > kMaxHashes) throw std::invalid_argument("A batch holds at most 2^32 - 2^16 queries.");
  const Level level = level_name ? level_from_name(*level_name) : best_level();
  std::vector<std::int64_t> offsets(queries.shape(0) + 1, 0);
  std::vector<std::uint32_t> ids;
  std::vector<std::uint16_t> distances;
  {
    nb::gil_scoped_release unlocked;
    std::vector<Hits> found(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
      layers[i]->ask({queries.data(), queries.shape(0), radius, level, nullptr, first_only}, found[i]);
      for (const Hit &hit : found[i]) ++offsets[hit.query + 1];
    }
    for (std::size_t q = 1; q < offsets.size(); ++q) offsets[q] += offsets[q - 1];
    ids.resize(static_cast<std::size_t>(offsets.back()));
    distances.resize(ids.size());
    std::vector<std::int64_t> next(layers.size() > 1 ? offsets : std::vector<std::int64_t>{});
    std::size_t place = 0;
    for (const Hits &hits : found)
      for (const Hit &hit : hits) {
        const std::size_t at = layers.size() > 1 ? static_cast<std::size_t>(next[hit.query]++) : place++;
        ids[at] = hit.position;
        distances[at] = hit.distance;
      }
  }
  return nb::make_tuple(to_numpy(std::move(offsets)), to_numpy(std::move(ids)), to_numpy(std::move(distances)));
}

// Sets the bits of the rows whose id is among `gone` (ascending).
void mark(const Array<std::uint32_t> &ids, const Array<std::uint32_t> &gone,
          const nb::ndarray<std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu> &dead) {
  if (dead.shape(0) * 8 < ids.shape(0)) throw std::invalid_argument("The bits are fewer than the ids.");
  nb::gil_scoped_release unlocked;
  mark_rows(ids.data(), ids.shape(0), gone.data(), gone.shape(0), dead.data());
}

}  // namespace

NB_MODULE(_hamming, m) {
  // Lists live until their process ends, so leak warnings at exit are disabled.
  nb::set_leak_warnings(false);
  m.def("simd_level", [] { return level_name(best_level()); });
  m.def("simd_levels", [] {
    std::vector<std::string> names;
    for (Level level : levels()) names.emplace_back(level_name(level));
    return names;
  });
  m.def("order", &order, nb::arg("hashes").noconvert());
  m.def("postings", &postings, nb::arg("hashes").noconvert(), nb::arg("bits"));
  m.def("mark", &mark, nb::arg("ids").noconvert(), nb::arg("gone").noconvert(), nb::arg("dead").noconvert());
  m.def("ask", &ask, nb::arg("layers"), nb::arg("queries").noconvert(), nb::arg("radius"),
        nb::arg("first_only") = false, nb::arg("level") = nb::none());
  nb::class_<Table>(m, "Table")
      .def(nb::init<Hashes, unsigned, Array<std::uint32_t>, Array<std::uint16_t>, Array<std::uint8_t>>(),
           nb::arg("hashes").noconvert(), nb::arg("bits"), nb::arg("starts").noconvert(),
           nb::arg("signatures").noconvert(), nb::arg("positions").noconvert())
      .def_prop_ro("unique", &Table::unique);
  nb::class_<Layer>(m, "Layer")
      .def(nb::init<std::shared_ptr<Table>, std::optional<Array<std::uint32_t>>, std::optional<Array<std::uint8_t>>>(),
           nb::arg("table"), nb::arg("ids").noconvert() = nb::none(), nb::arg("dead").noconvert() = nb::none());
}
