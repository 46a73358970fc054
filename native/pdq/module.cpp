// The Python face of the kernel: arrays in, bytes out, the interpreter lock released while it computes.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "pdq.hpp"

namespace nb = nanobind;
namespace pdq = tutela::pdq;

namespace {

using LumaF32 = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using LumaU8 = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using RgbU8 = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;

pdq::Picture picture(const LumaF32& a) { return {a.data(), pdq::Pixels::luma_f32, a.shape(0), a.shape(1)}; }
pdq::Picture picture(const LumaU8& a) { return {a.data(), pdq::Pixels::luma_u8, a.shape(0), a.shape(1)}; }
pdq::Picture picture(const RgbU8& a) { return {a.data(), pdq::Pixels::rgb_u8, a.shape(0), a.shape(1)}; }

nb::bytes to_bytes(const pdq::Bits& bits) { return nb::bytes(bits.data(), bits.size()); }

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
  const auto& b = answer.bits;
  return nb::make_tuple(nb::make_tuple(to_bytes(b[0]), to_bytes(b[1]), to_bytes(b[2]), to_bytes(b[3]), to_bytes(b[4]),
                                       to_bytes(b[5]), to_bytes(b[6]), to_bytes(b[7])),
                        answer.quality);
}

nb::ndarray<nb::numpy, float, nb::ndim<2>> luminance(const RgbU8& array) {
  const pdq::Picture source = picture(array);
  float* out = new float[source.rows * source.cols];
  nb::capsule owner(out, [](void* p) noexcept { delete[] static_cast<float*>(p); });
  {
    nb::gil_scoped_release unlocked;
    pdq::luminance(source, out);
  }
  return {out, {source.rows, source.cols}, owner};
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
  m.def("luminance", &luminance, nb::arg("rgb").noconvert());
  m.def("simd_level", [] { return std::string(pdq::kernel().name); });
  m.def("simd_levels", &pdq::levels);
  m.def("select_simd_level", &pdq::select_level, nb::arg("name"));
}
