// The level every machine has: SSE2 on x86-64, NEON on arm64.
#include "pdq.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#pragma GCC diagnostic ignored "-Wpsabi"
namespace tutela::pdq {
namespace {
constexpr std::size_t kNative = 4;
#include "kernel.inc.hpp"
}  // namespace

#if defined(__aarch64__)
constexpr const char* kName = "neon";
#elif defined(__x86_64__)
constexpr const char* kName = "sse2";
#else
constexpr const char* kName = "scalar";
#endif
const Kernel kBaseline{kName, luminance, reduce, shrink, transform};
}  // namespace tutela::pdq
