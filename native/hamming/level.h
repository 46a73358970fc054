// SIMD levels. Every level gives the same answers; the level is chosen at run time, so one binary runs on every
// machine. A test may select any level that the machine has.
#pragma once

#include <string>
#include <vector>

namespace hamming {

enum class Level { scalar, neon, avx2, avx512 };

Level best_level();
// Every level of this machine, slowest first.
std::vector<Level> levels();
const char *level_name(Level level);
// Throws std::invalid_argument for an unknown name and for a level that this machine lacks.
Level level_from_name(const std::string &name);

}  // namespace hamming
