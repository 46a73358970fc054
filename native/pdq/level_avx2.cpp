// 256-bit vectors. FMA stays off: a fused multiply-add rounds once where the reference rounds twice.
#include "pdq.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#ifdef TUTELA_PDQ_X86_LEVELS
#pragma GCC diagnostic ignored "-Wpsabi"
#pragma GCC push_options
#pragma GCC target("avx2")
namespace tutela::pdq {
namespace {
constexpr std::size_t kNative = 8;
#include "kernel.inc.hpp"
}  // namespace
const Kernel kAvx2{"avx2", luminance, reduce, shrink, transform};
}  // namespace tutela::pdq
#pragma GCC pop_options
#endif
