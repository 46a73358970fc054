// Select the SIMD level: the best of the processor, unless one is chosen by name.
#include "pdq.hpp"

#include <atomic>
#include <stdexcept>

namespace tutela::pdq {
namespace {

std::vector<const Kernel*> available() {
  std::vector<const Kernel*> found{&kBaseline};
#ifdef TUTELA_PDQ_X86_LEVELS
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) found.push_back(&kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    found.push_back(&kAvx512);
#endif
  return found;
}

std::atomic<const Kernel*>& chosen() {
  static std::atomic<const Kernel*> level{available().back()};
  return level;
}

}  // namespace

const Kernel& kernel() { return *chosen().load(std::memory_order_relaxed); }

std::vector<std::string> levels() {
  std::vector<std::string> names;
  for (const Kernel* level : available()) names.emplace_back(level->name);
  return names;
}

void select_level(const std::string& name) {
  for (const Kernel* level : available()) {
    if (name == level->name) return chosen().store(level, std::memory_order_relaxed);
  }
  throw std::invalid_argument("no such SIMD level on this machine: " + name);
}

}  // namespace tutela::pdq
