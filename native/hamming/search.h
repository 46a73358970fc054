// Exact radius search of a batch of queries.
#pragma once

#include "plan.h"

namespace hamming {

struct Question {
  const std::uint8_t *queries;  // count × 32
  std::size_t count;
  unsigned radius;
  Level level;
  const std::uint8_t *dead;  // a bit for each stored hash that must not be answered, or nullptr
  bool first_only;           // one hit a query is enough
};

// Appends every living hash within the radius of each query, once, in order of query and position.
void search(const Tables &tables, const Flips &flips, const Question &question, Hits &out);

}  // namespace hamming
