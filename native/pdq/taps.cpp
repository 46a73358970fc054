// The samples of PDQ's blur for a source without every pixel: PDQ blurs each side with two boxes and keeps 64
// samples, which is one weighted mean for each of them. The weights are those of the full-size picture, carried over.
#include "pdq.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tutela::pdq {
namespace {

// The box filter's window around sample k of a side of n, as the reference places and clips it.
struct Box {
  std::ptrdiff_t n, w, h;
  explicit Box(std::size_t length)
      : n(static_cast<std::ptrdiff_t>(length)), w((n + 2 * kBlock - 1) / (2 * kBlock)), h((w + 2) / 2) {}
  std::ptrdiff_t first(std::ptrdiff_t k) const { return std::max<std::ptrdiff_t>(0, k + h - w); }
  std::ptrdiff_t last(std::ptrdiff_t k) const { return std::min(n - 1, k + h - 1); }
};

void set(Taps& taps, int k, std::size_t first, const std::vector<double>& weights) {
  taps.first[k] = first;
  taps.count[k] = weights.size();
  taps.at[k] = taps.weights.size();
  taps.weights.insert(taps.weights.end(), weights.begin(), weights.end());
}

// The area of a triangle of base 2 and height 1 left of u.
double triangle_until(double u) {
  if (u <= -1) return 0;
  if (u >= 1) return 1;
  return u < 0 ? (1 + u) * (1 + u) / 2 : 1 - (1 - u) * (1 - u) / 2;
}

}  // namespace

std::size_t Taps::begin() const { return *std::min_element(first.begin(), first.end()); }

std::size_t Taps::end() const {
  std::size_t end = 0;
  for (int k = 0; k < kBlock; ++k) end = std::max(end, first[k] + count[k]);
  return end;
}

// A sample of the scaled source is the mean of `scale` pixels. Between the means a parabola is drawn that keeps them;
// each pixel is then a weighted sum of three means, and so is each of PDQ's sums of pixels.
Taps scaled_taps(std::size_t length, std::size_t scale) {
  const Box box(length);
  const auto s = static_cast<std::ptrdiff_t>(scale), samples = (box.n + s - 1) / s;
  Taps taps;
  std::vector<double> steps, weights;
  // What a pixel takes of the mean before its own, of its own and of the one behind it, by its place in its own.
  std::vector<std::array<double, 3>> shares(scale);
  for (std::ptrdiff_t r = 0; r < s; ++r) {
    const double t = (static_cast<double>(r) + 0.5) / static_cast<double>(s) - 0.5;
    const double bend = t * t - (1.0 - 1.0 / static_cast<double>(s * s)) / 12.0;
    shares[static_cast<std::size_t>(r)] = {(bend - t) / 2, 1 - bend, (bend + t) / 2};
  }
  for (int k = 0; k < kBlock; ++k) {
    const auto at = static_cast<std::ptrdiff_t>((k + 0.5) * static_cast<double>(box.n) / kBlock);
    const std::ptrdiff_t outer = box.first(at), outer_end = box.last(at), begin = box.first(outer), end = box.last(outer_end);
    steps.assign(static_cast<std::size_t>(end - begin + 2), 0.0);
    for (std::ptrdiff_t j = outer; j <= outer_end; ++j) {
      const double share = 1.0 / static_cast<double>((outer_end - outer + 1) * (box.last(j) - box.first(j) + 1));
      steps[box.first(j) - begin] += share;
      steps[box.last(j) + 1 - begin] -= share;
    }
    const std::ptrdiff_t low = std::max<std::ptrdiff_t>(0, begin / s - 1), high = std::min(samples - 1, end / s + 1);
    weights.assign(static_cast<std::size_t>(high - low + 1), 0.0);
    double weight = 0;
    std::ptrdiff_t j = begin / s, r = begin % s;
    for (std::ptrdiff_t x = begin; x <= end; ++x) {
      weight += steps[x - begin];
      const auto& share = shares[static_cast<std::size_t>(r)];
      weights[std::max(j - 1, low) - low] += weight * share[0];
      weights[j - low] += weight * share[1];
      weights[std::min(j + 1, high) - low] += weight * share[2];
      if (++r == s) ++j, r = 0;
    }
    set(taps, k, static_cast<std::size_t>(low), weights);
  }
  return taps;
}

Taps mirrored(const Taps& taps, std::size_t samples) {
  Taps out = taps;
  for (int k = 0; k < kBlock; ++k) {
    out.first[k] = samples - taps.first[k] - taps.count[k];
    std::reverse(out.weights.begin() + taps.at[k], out.weights.begin() + taps.at[k] + taps.count[k]);
  }
  return out;
}

Taps window_taps(double from, double to, std::size_t length) {
  const double step = (to - from) / kBlock, half = step / 2;
  Taps taps;
  std::vector<double> weights;
  for (int k = 0; k < kBlock; ++k) {
    const double centre = from + (k + 0.5) * step;
    const double begin = std::max(from, centre - half), end = std::min(to, centre + half);
    const auto low = static_cast<std::size_t>(std::clamp(std::floor(begin), 0.0, static_cast<double>(length - 1)));
    const auto high = std::clamp(static_cast<std::size_t>(std::ceil(end)), low + 1, length);
    weights.assign(high - low, 0.0);
    double sum = 0, before = triangle_until((std::max(begin, static_cast<double>(low)) - centre) / half);
    for (std::size_t x = low; x < high; ++x) {
      // Where one sample ends the next begins.
      const double until = triangle_until((std::min(end, static_cast<double>(x + 1)) - centre) / half);
      weights[x - low] = std::max(0.0, until - before);
      sum += weights[x - low];
      before = until;
    }
    for (double& weight : weights) weight = sum > 0 ? weight / sum : 1.0 / static_cast<double>(weights.size());
    set(taps, k, low, weights);
  }
  return taps;
}

}  // namespace tutela::pdq
