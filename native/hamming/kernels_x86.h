#pragma once

#include "kernels.h"

#if defined(__x86_64__)
namespace hamming {
extern const Kernels kAvx2;
extern const Kernels kAvx512;
}  // namespace hamming
#endif
