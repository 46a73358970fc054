// The second hash: where a picture becomes brighter or darker, on a grid of 8 × 8 places.
//
// PDQ keeps the signs of 256 frequencies of the whole picture; a picture can be changed a little everywhere until they
// are those of another one. This hash keeps local steps: at each place, whether the luminance rises or falls clearly
// from left to right (64 places) and from top to bottom (64 places). To make those agree, the picture must look alike.
// Bits 0-127 (bytes 0-15) say "rises", bits 128-255 "falls"; neither is set where the step is small.
#include "pdq.hpp"

#include <algorithm>
#include <cmath>

namespace tutela::pdq {
namespace {

constexpr int kCells = 16;   // means of 4 × 4 samples
constexpr int kPlaces = 8;
// A step counts from half of the mean step on, and from one level of luminance: flat pictures have no structure.
constexpr float kShareOfMean = 0.5f, kSmallestStep = 1.0f;

using Grid = std::array<float, kCells * kCells>;

Grid cells_of(const Block& block) {
  Grid grid{};
  constexpr int side = kBlock / kCells;
  for (int i = 0; i < kBlock; ++i) {
    for (int j = 0; j < kBlock; ++j) grid[i / side * kCells + j / side] += block[i * kBlock + j];
  }
  for (float& value : grid) value /= side * side;
  return grid;
}

Bits bits_of(const Grid& grid) {
  const auto at = [&](int i, int j) { return grid[std::clamp(i, 0, kCells - 1) * kCells + std::clamp(j, 0, kCells - 1)]; };
  // Half of a place lies on each side of its middle, and half beyond it: neighbouring places overlap.
  const auto band = [&](int i, int j, bool across) {
    return across ? at(2 * i, j) + at(2 * i + 1, j) : at(j, 2 * i) + at(j, 2 * i + 1);
  };
  std::array<float, 2 * kPlaces * kPlaces> steps;
  double total = 0;
  for (int i = 0; i < kPlaces; ++i) {
    for (int j = 0; j < kPlaces; ++j) {
      for (const bool across : {true, false}) {
        const int line = across ? i : j, place = across ? j : i, m = 2 * place;
        const float step = ((band(line, m + 1, across) + band(line, m + 2, across)) -
                            (band(line, m - 1, across) + band(line, m, across))) / 4;
        steps[(across ? 0 : kPlaces * kPlaces) + i * kPlaces + j] = step;
        total += std::fabs(step);
      }
    }
  }
  const float least = std::max(kSmallestStep, kShareOfMean * static_cast<float>(total / steps.size()));
  Bits bits{};
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto bit = static_cast<std::uint8_t>(1u << (k % 8));
    if (steps[k] > least) bits[k / 8] |= bit;
    if (steps[k] < -least) bits[bits.size() / 2 + k / 8] |= bit;
  }
  return bits;
}

// The eight positions, in the order of PDQ's: mirrored top to bottom, left to right, then over the main diagonal.
struct Position {
  bool rows, columns, diagonal;
};
constexpr std::array<Position, kPositions> kMoves{{
    {false, false, false},
    {false, true, true},
    {true, true, false},
    {true, false, true},
    {true, false, false},
    {false, true, false},
    {false, false, true},
    {true, true, true},
}};

Grid moved(const Grid& grid, const Position& position) {
  Grid out;
  for (int i = 0; i < kCells; ++i) {
    for (int j = 0; j < kCells; ++j) {
      const int row = position.diagonal ? j : i, column = position.diagonal ? i : j;
      out[i * kCells + j] = grid[(position.rows ? kCells - 1 - row : row) * kCells +
                                 (position.columns ? kCells - 1 - column : column)];
    }
  }
  return out;
}

}  // namespace

std::array<Bits, kPositions> structure_of(const Block& block, std::size_t positions) {
  const Grid grid = cells_of(block);
  std::array<Bits, kPositions> all{};
  for (std::size_t k = 0; k < positions; ++k) all[k] = bits_of(moved(grid, kMoves[k]));
  return all;
}

}  // namespace tutela::pdq
