// 512-bit vectors.
#include "pdq.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#ifdef TUTELA_PDQ_X86_LEVELS
#pragma GCC diagnostic ignored "-Wpsabi"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl")
namespace tutela::pdq {
namespace {
constexpr std::size_t kNative = 16;
#include "kernel.inc.hpp"
}  // namespace
const Kernel kAvx512{"avx512", luminance, reduce, shrink, transform};
}  // namespace tutela::pdq
#pragma GCC pop_options
#endif
