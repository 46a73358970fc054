// Python interface of the kernel: arrays in, bytes out, the interpreter lock released while it computes.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <stdexcept>

#include "filters.hpp"
#include "markers.hpp"
#include "pdq.hpp"

namespace nb = nanobind;
namespace pdq = tutela::pdq;

namespace {

using LumaF32 = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using LumaU8 = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using StridedU8 = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::device::cpu>;
using RgbU8 = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;
using Boxes = nb::ndarray<const double, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>;
using Plane = nb::ndarray<nb::numpy, float, nb::ndim<2>>;
using Descriptions = nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<3>>;
using Counts = nb::ndarray<nb::numpy, std::uint32_t, nb::ndim<1>>;
using Samples = nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<2>>;
using Qualities = nb::ndarray<nb::numpy, std::uint8_t, nb::ndim<1>>;

pdq::Picture picture(const LumaF32& a) { return {a.data(), pdq::Pixels::luma_f32, a.shape(0), a.shape(1), a.shape(1)}; }
pdq::Picture picture(const LumaU8& a) { return {a.data(), pdq::Pixels::luma_u8, a.shape(0), a.shape(1), a.shape(1)}; }
pdq::Picture picture(const RgbU8& a) { return {a.data(), pdq::Pixels::rgb_u8, a.shape(0), a.shape(1), a.shape(1)}; }

nb::bytes to_bytes(const pdq::Bits& bits) { return nb::bytes(bits.data(), bits.size()); }

nb::tuple to_tuple(const std::array<pdq::Bits, 8>& b) {
  return nb::make_tuple(to_bytes(b[0]), to_bytes(b[1]), to_bytes(b[2]), to_bytes(b[3]), to_bytes(b[4]), to_bytes(b[5]),
                        to_bytes(b[6]), to_bytes(b[7]));
}

template <class T>
nb::capsule owner_of(T* data) {
  return nb::capsule(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
}

// (variants, quality, structures, stretched)
nb::tuple told(const pdq::Description& one) {
  return nb::make_tuple(to_tuple(one.pdq.bits), one.pdq.quality, to_tuple(one.structure), one.stretched);
}

template <class Array>
nb::tuple hash(const Array& array) {
  const pdq::Picture source = picture(array);
  pdq::Hash answer;
  {
    nb::gil_scoped_release unlocked;
    answer = pdq::hash(source);
  }
  return nb::make_tuple(to_bytes(answer.bits), answer.quality);
}

template <class Array>
nb::tuple dihedral(const Array& array) {
  const pdq::Picture source = picture(array);
  pdq::Dihedral answer;
  {
    nb::gil_scoped_release unlocked;
    answer = pdq::dihedral(source);
  }
  return nb::make_tuple(to_tuple(answer.bits), answer.quality);
}

template <class Array>
nb::tuple describe(const Array& array) {
  const pdq::Picture source = picture(array);
  pdq::Description answer;
  {
    nb::gil_scoped_release unlocked;
    answer = pdq::describe(source);
  }
  return told(answer);
}

// For each ground (variants, quality, structures, stretched) of a picture with transparency, given on white.
nb::list describe_on_grounds(const RgbU8& white, const LumaU8& alpha, const std::vector<float>& grounds) {
  const pdq::Picture source = picture(white), opacity = picture(alpha);
  if (source.rows != opacity.rows || source.cols != opacity.cols) throw std::invalid_argument("the opacity has another size");
  std::vector<pdq::Description> found;
  {
    nb::gil_scoped_release unlocked;
    found = pdq::describe_on_grounds(source, opacity, grounds);
  }
  nb::list answers;
  for (const pdq::Description& one : found) answers.append(told(one));
  return answers;
}

void require_scaled(const pdq::Picture& source, std::size_t rows, std::size_t cols, std::size_t scale) {
  if (scale < 1 || (rows + scale - 1) / scale != source.rows || (cols + scale - 1) / scale != source.cols)
    throw std::invalid_argument("the array is not the picture at that scale");
  if (rows < pdq::kMinimumSide || cols < pdq::kMinimumSide) throw std::invalid_argument("a side below 5 pixels");
}

// (variants, quality, structures, stretched, clearance) of a picture of rows × cols pixels that was decoded at 1/scale.
nb::tuple describe_scaled(const LumaU8& array, std::size_t rows, std::size_t cols, std::size_t scale) {
  const pdq::Picture source = picture(array);
  require_scaled(source, rows, cols, scale);
  pdq::Description answer;
  {
    nb::gil_scoped_release unlocked;
    answer = pdq::describe_scaled(source, rows, cols, scale);
  }
  return nb::make_tuple(to_tuple(answer.pdq.bits), answer.pdq.quality, to_tuple(answer.structure), answer.stretched, answer.clearance);
}

// (variants, quality, structures, stretched) of a luminance plane whose rows may be padded.
nb::tuple describe_plane(const StridedU8& array, bool limited) {
  if (array.shape(0) && array.shape(1) && (array.stride(1) != 1 || array.stride(0) < static_cast<std::int64_t>(array.shape(1))))
    throw std::invalid_argument("the samples of a row do not follow one another");
  const pdq::Picture source{array.data(), pdq::Pixels::luma_u8, array.shape(0), array.shape(1),
                            static_cast<std::size_t>(array.stride(0))};
  pdq::Description answer;
  {
    nb::gil_scoped_release unlocked;
    answer = pdq::describe_plane(source, limited);
  }
  return told(answer);
}

void require_inside(const double* box, const pdq::Picture& plane) {
  const double left = box[0], top = box[1], right = box[2], bottom = box[3];
  if (!(left >= 0 && top >= 0 && right - left >= 1 && bottom - top >= 1 && right <= static_cast<double>(plane.cols) &&
        bottom <= static_cast<double>(plane.rows)))
    throw std::invalid_argument("a window lies outside the picture or has a side below one sample");
}

// (variants, quality, structures) of rows × cols pixels whose means at 1/scale are given: of the turned pictures.
nb::tuple describe_turned(const LumaF32& array, std::size_t rows, std::size_t cols, std::size_t scale) {
  const pdq::Picture source = picture(array);
  require_scaled(source, rows, cols, scale);
  pdq::Description answer;
  {
    nb::gil_scoped_release unlocked;
    answer = pdq::describe_turned(source, rows, cols, scale);
  }
  return nb::make_tuple(to_tuple(answer.pdq.bits), answer.pdq.quality, to_tuple(answer.structure));
}

// Windows (left, top, right, bottom, in samples) of one plane: PDQ and structure, each windows × positions × 32, quality
// and stretched quality. Positions are the first one, or all eight.
nb::tuple windows(const LumaF32& array, const Boxes& boxes, bool turned) {
  const pdq::Picture plane = picture(array);
  const std::size_t count = boxes.shape(0), positions = turned ? pdq::kPositions : 1;
  for (std::size_t k = 0; k < count; ++k) require_inside(boxes.data() + 4 * k, plane);
  const std::size_t size = positions * sizeof(pdq::Bits);
  auto* hashes = new std::uint8_t[count * size];
  nb::capsule hashes_owner = owner_of(hashes);
  auto* structures = new std::uint8_t[count * size];
  nb::capsule structures_owner = owner_of(structures);
  auto* qualities = new std::uint8_t[count];
  nb::capsule qualities_owner = owner_of(qualities);
  auto* stretched = new std::uint8_t[count];
  nb::capsule stretched_owner = owner_of(stretched);
  {
    nb::gil_scoped_release unlocked;
    for (std::size_t k = 0; k < count; ++k) {
      const double* box = boxes.data() + 4 * k;
      const auto described = pdq::describe_window(plane, pdq::window_taps(box[1], box[3], plane.rows),
                                                  pdq::window_taps(box[0], box[2], plane.cols), positions);
      std::memcpy(hashes + k * size, described.pdq.bits.data(), size);
      std::memcpy(structures + k * size, described.structure.data(), size);
      qualities[k] = static_cast<std::uint8_t>(described.pdq.quality);
      stretched[k] = static_cast<std::uint8_t>(described.stretched);
    }
  }
  return nb::make_tuple(Descriptions(hashes, {count, positions, 32}, hashes_owner),
                        Descriptions(structures, {count, positions, 32}, structures_owner),
                        Qualities(qualities, {count}, qualities_owner), Qualities(stretched, {count}, stretched_owner));
}

Plane new_plane(std::size_t rows, std::size_t cols) {
  float* out = new float[rows * cols];
  return {out, {rows, cols}, owner_of(out)};
}

Plane luminance(const RgbU8& array) {
  const pdq::Picture source = picture(array);
  Plane plane = new_plane(source.rows, source.cols);
  float* out = plane.data();
  nb::gil_scoped_release unlocked;
  pdq::luminance(source, out);
  return plane;
}

template <class Array>
Plane reduced(const Array& array, std::size_t factor) {
  const pdq::Picture source = picture(array);
  if (factor < 1) throw std::invalid_argument("a factor below 1");
  Plane plane = new_plane((source.rows + factor - 1) / factor, (source.cols + factor - 1) / factor);
  float* out = plane.data();
  nb::gil_scoped_release unlocked;
  pdq::reduced(source, factor, out);
  return plane;
}

nb::tuple steps(const LumaF32& array, float least) {
  const pdq::Picture source = picture(array);
  const auto counts = [](std::size_t length) {
    const std::size_t size = length > 0 ? length - 1 : 0;
    auto* zeros = new std::uint32_t[size]();
    return Counts(zeros, {size}, owner_of(zeros));
  };
  Counts between_rows = counts(source.rows), between_columns = counts(source.cols);
  {
    nb::gil_scoped_release unlocked;
    pdq::steps(source, least, between_rows.data(), between_columns.data());
  }
  return nb::make_tuple(between_rows, between_columns);
}

std::ptrdiff_t next_marker(const nb::bytes& data, std::size_t at) {
  return tutela::jpeg::next_marker(static_cast<const std::uint8_t*>(data.data()), data.size(), at);
}

// The rows of a PNG with `bytes` a pixel, rows × width, from what its inflated data are; None where a filter is none.
nb::object unfiltered(const nb::bytes& data, std::size_t rows, std::size_t width, std::size_t bytes) {
  if (bytes < 1 || bytes > 4 || width == 0 || width % bytes != 0) throw std::invalid_argument("no whole pixels");
  if (data.size() % (width + 1) != 0 || data.size() / (width + 1) != rows) throw std::invalid_argument("not as many rows");
  auto* out = new std::uint8_t[rows * width];
  nb::capsule owner = owner_of(out);
  bool known;
  {
    nb::gil_scoped_release unlocked;
    known = tutela::png::unfilter(static_cast<const std::uint8_t*>(data.data()), rows, width, bytes, out);
  }
  if (!known) return nb::none();
  return Samples(out, {rows, width}, owner).cast();
}

}  // namespace

NB_MODULE(_pdq, m) {
  m.doc() = "PDQ kernel: luminance (float32 or uint8, 2-D) or RGB (uint8, h x w x 3) to hashes. See tutela.media.pdq.";
  m.def("hash", &hash<LumaF32>, nb::arg("luma").noconvert());
  m.def("hash", &hash<LumaU8>, nb::arg("luma").noconvert());
  m.def("hash", &hash<RgbU8>, nb::arg("rgb").noconvert());
  m.def("dihedral", &dihedral<LumaF32>, nb::arg("luma").noconvert());
  m.def("dihedral", &dihedral<LumaU8>, nb::arg("luma").noconvert());
  m.def("dihedral", &dihedral<RgbU8>, nb::arg("rgb").noconvert());
  m.def("describe", &describe<LumaF32>, nb::arg("luma").noconvert());
  m.def("describe", &describe<LumaU8>, nb::arg("luma").noconvert());
  m.def("describe", &describe<RgbU8>, nb::arg("rgb").noconvert());
  m.def("describe_on_grounds", &describe_on_grounds, nb::arg("white").noconvert(), nb::arg("alpha").noconvert(), nb::arg("grounds"));
  m.def("describe_scaled", &describe_scaled, nb::arg("luma").noconvert(), nb::arg("rows"), nb::arg("cols"), nb::arg("scale"));
  m.def("describe_turned", &describe_turned, nb::arg("luma").noconvert(), nb::arg("rows"), nb::arg("cols"), nb::arg("scale"));
  m.def("describe_plane", &describe_plane, nb::arg("luma").noconvert(), nb::arg("limited"));
  m.def("windows", &windows, nb::arg("luma").noconvert(), nb::arg("boxes").noconvert(), nb::arg("turned"));
  m.def("luminance", &luminance, nb::arg("rgb").noconvert());
  m.def("reduced", &reduced<LumaU8>, nb::arg("luma").noconvert(), nb::arg("factor"));
  m.def("reduced", &reduced<RgbU8>, nb::arg("rgb").noconvert(), nb::arg("factor"));
  m.def("steps", &steps, nb::arg("luma").noconvert(), nb::arg("least"));
  m.def("next_marker", &next_marker, nb::arg("data"), nb::arg("at"));
  m.def("unfiltered", &unfiltered, nb::arg("data"), nb::arg("rows"), nb::arg("width"), nb::arg("bytes"));
  m.def("simd_level", [] { return std::string(pdq::kernel().name); });
  m.def("simd_levels", &pdq::levels);
  m.def("select_simd_level", &pdq::select_level, nb::arg("name"));
}
