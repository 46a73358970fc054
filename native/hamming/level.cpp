#include "level.h"

#include <stdexcept>

namespace hamming {

std::vector<Level> levels() {
  std::vector<Level> found{Level::scalar};
#if defined(__aarch64__)
  found.push_back(Level::neon);
#elif defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) found.push_back(Level::avx2);
  // One level for both counting extensions: every processor since Ice Lake and Zen 4 has them together.
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vpopcntdq") &&
      __builtin_cpu_supports("avx512bitalg") && found.back() == Level::avx2)
    found.push_back(Level::avx512);
#endif
  return found;
}

Level best_level() {
  static const Level best = levels().back();
  return best;
}

const char *level_name(Level level) {
  switch (level) {
    case Level::avx512: return "avx512";
    case Level::avx2: return "avx2";
    case Level::neon: return "neon";
    default: return "scalar";
  }
}

Level level_from_name(const std::string &name) {
  for (Level level : levels())
    if (name == level_name(level)) return level;
  for (Level level : {Level::scalar, Level::neon, Level::avx2, Level::avx512})
    if (name == level_name(level)) throw std::invalid_argument("This machine has no " + name + ".");
  throw std::invalid_argument("Unknown SIMD level: " + name + ".");
}

}  // namespace hamming
