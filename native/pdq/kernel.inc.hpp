// The hot loops, included once by each level_*.cpp inside a namespace and a target region of its own.
// No #include here: a header opened inside a target region would be compiled for that target everywhere.
//
// A register of this level, `kNative` floats. No wider vector: what GCC lowers itself it keeps in memory, and a number
// that is spread over one goes there lane by lane.
typedef float Native __attribute__((vector_size(kNative * sizeof(float)), aligned(4)));

inline Native native(const float* from) { return *reinterpret_cast<const Native*>(from); }

// 16 rows (or 16 columns) that do not depend on each other: four registers of SSE or NEON, two of AVX, one of AVX-512.
constexpr std::size_t kLanes = 16;
struct alignas(64) Lanes {
  Native part[kLanes / kNative];
  Lanes& operator+=(const Lanes& other) {
    for (std::size_t n = 0; n < kLanes / kNative; ++n) part[n] += other.part[n];
    return *this;
  }
  Lanes& operator-=(const Lanes& other) {
    for (std::size_t n = 0; n < kLanes / kNative; ++n) part[n] -= other.part[n];
    return *this;
  }
  Lanes operator/(float count) const {
    Lanes out;
    for (std::size_t n = 0; n < kLanes / kNative; ++n) out.part[n] = part[n] / count;
    return out;
  }
  float operator[](std::size_t lane) const { return part[lane / kNative][lane % kNative]; }
};

inline std::size_t padded(std::size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

// Memory aligned for `Lanes`, zeroed.
class Plane {
 public:
  explicit Plane(std::size_t floats)
      : data_(static_cast<float*>(::operator new(floats * sizeof(float), std::align_val_t{64}))) {
    std::memset(data_, 0, floats * sizeof(float));
  }
  ~Plane() { ::operator delete(data_, std::align_val_t{64}); }
  Plane(const Plane&) = delete;
  Plane& operator=(const Plane&) = delete;
  float* operator+(std::size_t offset) const { return data_ + offset; }
  Lanes& lanes(std::size_t index) const { return reinterpret_cast<Lanes*>(data_)[index]; }

 private:
  float* data_;
};

// The box filter's window of w samples around k, as the reference places it: h - 1 samples lead, clipped at both ends.
struct Window {
  std::size_t n, w, h;
  explicit Window(std::size_t length)
      : n(length), w((length + 2 * kBlock - 1) / (2 * kBlock)), h((w + 2) / 2) {}
};

inline std::size_t centre(std::size_t index, std::size_t length) {
  return static_cast<std::size_t>(((static_cast<double>(index) + 0.5) * static_cast<double>(length)) / kBlock);
}

// Luminance of `count` rows. The reference weighs RGB in 64 bits and rounds once to 32. That is the float nearest to
// k / 1000 for a whole k: no such quotient lies so near to the middle of two floats that what 64 bits leave out counts.
// Both k and 1000 are floats, and a division rounds to the nearest.
void luminance(const Picture& p, std::size_t first, std::size_t count, float* out, std::size_t stride) {
  for (std::size_t r = 0; r < count; ++r) {
    float* to = out + r * stride;
    const std::size_t at = (first + r) * p.stride;
    if (p.pixels == Pixels::luma_f32) {
      std::memcpy(to, static_cast<const float*>(p.data) + at, p.cols * sizeof(float));
    } else if (p.pixels == Pixels::luma_u8) {
      const std::uint8_t* from = static_cast<const std::uint8_t*>(p.data) + at;
      for (std::size_t c = 0; c < p.cols; ++c) to[c] = static_cast<float>(from[c]);
    } else {
      const std::uint8_t* from = static_cast<const std::uint8_t*>(p.data) + 3 * at;
      for (std::size_t c = 0; c < p.cols; ++c) {
        const int thousandths = 299 * from[3 * c] + 587 * from[3 * c + 1] + 114 * from[3 * c + 2];
        to[c] = static_cast<float>(thousandths) / 1000.0f;
      }
    }
  }
}

typedef float Quad __attribute__((vector_size(16), aligned(16)));
typedef int QuadIndex __attribute__((vector_size(16)));

// A 4 × 4 tile turned over its diagonal; strides in floats, all addresses aligned to 16 bytes.
inline void turn_tile(const float* const* from, float* const* to) {
  const Quad a = *reinterpret_cast<const Quad*>(from[0]), b = *reinterpret_cast<const Quad*>(from[1]);
  const Quad c = *reinterpret_cast<const Quad*>(from[2]), d = *reinterpret_cast<const Quad*>(from[3]);
  const QuadIndex low{0, 4, 1, 5}, high{2, 6, 3, 7}, first{0, 1, 4, 5}, second{2, 3, 6, 7};
  const Quad ab = __builtin_shuffle(a, b, low), cd = __builtin_shuffle(c, d, low);
  const Quad ab2 = __builtin_shuffle(a, b, high), cd2 = __builtin_shuffle(c, d, high);
  *reinterpret_cast<Quad*>(to[0]) = __builtin_shuffle(ab, cd, first);
  *reinterpret_cast<Quad*>(to[1]) = __builtin_shuffle(ab, cd, second);
  *reinterpret_cast<Quad*>(to[2]) = __builtin_shuffle(ab2, cd2, first);
  *reinterpret_cast<Quad*>(to[3]) = __builtin_shuffle(ab2, cd2, second);
}

// 16 rows of `cols` floats at `from` become `cols` vectors; and back. Both sides are padded to whole tiles.
inline void to_lanes(const float* from, std::size_t stride, std::size_t cols, Plane& to) {
  for (std::size_t lane = 0; lane < kLanes; lane += 4) {
    const float* rows = from + lane * stride;
    for (std::size_t c = 0; c < cols; c += 4) {
      const float* in[4] = {rows + c, rows + stride + c, rows + 2 * stride + c, rows + 3 * stride + c};
      float* column = to + c * kLanes + lane;
      float* out[4] = {column, column + kLanes, column + 2 * kLanes, column + 3 * kLanes};
      turn_tile(in, out);
    }
  }
}

inline void from_lanes(const Plane& from, std::size_t cols, float* const* rows) {
  for (std::size_t lane = 0; lane < kLanes; lane += 4) {
    for (std::size_t c = 0; c < cols; c += 4) {
      const float* column = from + c * kLanes + lane;
      const float* in[4] = {column, column + kLanes, column + 2 * kLanes, column + 3 * kLanes};
      float* out[4] = {rows[lane] + c, rows[lane + 1] + c, rows[lane + 2] + c, rows[lane + 3] + c};
      turn_tile(in, out);
    }
  }
}

// The box filter along 16 rows at once: `emit(k, mean)` for k = 0 … n - 1. `count` is a float, as the reference's
// int is converted before it divides.
template <class Emit>
inline void box_along_rows(const Plane& in, const Window& win, Emit emit) {
  Lanes sum{};
  std::size_t right = 0, left = 0, k = 0;
  for (; right + 1 < win.h; ++right) sum += in.lanes(right);
  for (; right < win.w; ++right) {
    sum += in.lanes(right);
    emit(k++, sum, static_cast<float>(right + 1));
  }
  const float full = static_cast<float>(win.w);
  for (; right < win.n; ++right) {
    sum += in.lanes(right);
    sum -= in.lanes(left++);
    emit(k++, sum, full);
  }
  for (std::size_t count = win.w - 1; k < win.n; --count) {
    sum -= in.lanes(left++);
    emit(k++, sum, static_cast<float>(count));
  }
}

// One step of the box filter along all columns: add a row, take one away, and write the means. Null means "none".
inline void box_step(float* sum, const float* add, const float* drop, float count, float* out, std::size_t width) {
  Lanes* s = reinterpret_cast<Lanes*>(sum);
  for (std::size_t v = 0; v < width / kLanes; ++v) {
    Lanes value = s[v];
    if (add) value += reinterpret_cast<const Lanes*>(add)[v];
    if (drop) value -= reinterpret_cast<const Lanes*>(drop)[v];
    s[v] = value;
    if (out) reinterpret_cast<Lanes*>(out)[v] = value / count;
  }
}

// The box filter along columns, fed with rows in order; `row(r)` finds an earlier row, `sink(k)` where result k goes
// (null: not needed), `done(k)` follows.
template <class Row, class Sink, class Done>
inline void box_along_columns(const Window& win, std::size_t from, std::size_t to, float* sum, std::size_t width,
                              Row row, Sink sink, Done done) {
  for (std::size_t r = from; r < to; ++r) {
    const float* drop = r >= win.w ? row(r - win.w) : nullptr;
    if (r + 1 < win.h) {
      box_step(sum, row(r), drop, 1.0f, nullptr, width);
      continue;
    }
    const std::size_t k = r + 1 - win.h;
    box_step(sum, row(r), drop, static_cast<float>(r < win.w ? r + 1 : win.w), sink(k), width);
    done(k);
  }
  if (to != win.n) return;
  for (std::size_t k = win.n + 1 - win.h, count = win.w - 1; k < win.n; ++k, --count) {
    box_step(sum, nullptr, row(k + win.h - 1 - win.w), static_cast<float>(count), sink(k), width);
    done(k);
  }
}

// The four passes (rows, columns, rows, columns) as a stream over bands of 16 rows, so that a picture of any height
// needs a few bands of memory; the last two passes compute only what the 64 × 64 block will keep.
class Reducer {
 public:
  explicit Reducer(const Picture& p)
      : p_(p), across_(p.cols), down_(p.rows), width_(padded(p.cols)), ring_rows_(padded(down_.w + kLanes)),
        raw_(width_ * kLanes), turned_(width_ * kLanes), blurred_(width_ * kLanes), ring_(width_ * ring_rows_),
        sums_(width_), second_(width_ * kLanes), narrow_(padded(p.rows) * kBlock), narrow_sums_(kBlock) {}

  void run(Block& out) {
    for (std::size_t first = 0; first < p_.rows; first += kLanes) {
      const std::size_t count = std::min(kLanes, p_.rows - first);
      first_pass(first, count);
      box_along_columns(
          down_, first, first + count, sums_ + 0, width_,
          [this](std::size_t r) { return ring_ + (r % ring_rows_) * width_; },
          [this](std::size_t k) { return second_ + (k % kLanes) * width_; },
          [this](std::size_t k) { if (k % kLanes == kLanes - 1 || k + 1 == p_.rows) third_pass(k / kLanes * kLanes); });
    }
    fourth_pass(out);
  }

 private:
  void first_pass(std::size_t first, std::size_t count) {
    luminance(p_, first, count, raw_ + 0, width_);
    to_lanes(raw_ + 0, width_, p_.cols, turned_);
    box_along_rows(turned_, across_, [this](std::size_t k, const Lanes& sum, float n) { blurred_.lanes(k) = sum / n; });
    float* rows[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) rows[lane] = ring_ + ((first + lane) % ring_rows_) * width_;
    from_lanes(blurred_, p_.cols, rows);
  }

  void third_pass(std::size_t first) {
    to_lanes(second_ + 0, width_, p_.cols, turned_);
    float* to = narrow_ + first * kBlock;
    std::size_t next = 0;
    box_along_rows(turned_, across_, [&](std::size_t k, const Lanes& sum, float n) {
      for (; next < kBlock && centre(next, p_.cols) == k; ++next) {
        const Lanes mean = sum / n;
        for (std::size_t lane = 0; lane < kLanes; ++lane) to[lane * kBlock + next] = mean[lane];
      }
    });
  }

  void fourth_pass(Block& out) {
    alignas(64) float mean[kBlock];
    std::size_t next = 0;
    box_along_columns(
        down_, 0, p_.rows, narrow_sums_ + 0, kBlock, [this](std::size_t r) { return narrow_ + r * kBlock; },
        [&](std::size_t k) { return next < kBlock && centre(next, p_.rows) == k ? mean : nullptr; },
        [&](std::size_t k) {
          for (; next < kBlock && centre(next, p_.rows) == k; ++next)
            std::memcpy(&out[next * kBlock], mean, sizeof mean);
        });
  }

  const Picture& p_;
  Window across_, down_;
  std::size_t width_, ring_rows_;
  Plane raw_, turned_, blurred_, ring_, sums_, second_, narrow_, narrow_sums_;
};

void reduce(const Picture& p, Block& out) { Reducer(p).run(out); }

// The weighted sum of `taps` rows from `from` on, column by column and in the order of the rows; the sums of `kWide`
// columns stay in registers over all of them. The last ones may have been summed before, to the same sums.
// Written twice and no template: GCC would compile that for no level at all.
constexpr std::size_t kWide = 32;

inline void sum_few(const Picture& p, std::size_t from, const float* weights, std::size_t taps, std::size_t count, float* out) {
  for (std::size_t c = 0; c < count; ++c) {
    float sum = 0;
    for (std::size_t t = 0; t < taps; ++t) {
      const std::size_t at = from + t * p.stride + c;
      sum += weights[t] * (p.pixels == Pixels::luma_u8 ? static_cast<float>(static_cast<const std::uint8_t*>(p.data)[at])
                                                       : static_cast<const float*>(p.data)[at]);
    }
    out[c] = sum;
  }
}

inline void sum_bytes(const std::uint8_t* from, std::size_t stride, const float* weights, std::size_t taps, float* out) {
  float sums[kWide] = {};
  for (std::size_t t = 0; t < taps; ++t) {
    const std::uint8_t* row = from + t * stride;
    const float weight = weights[t];
    for (std::size_t c = 0; c < kWide; ++c) sums[c] += weight * static_cast<float>(row[c]);
  }
  for (std::size_t c = 0; c < kWide; ++c) out[c] = sums[c];
}

inline void sum_floats(const float* from, std::size_t stride, const float* weights, std::size_t taps, float* out) {
  float sums[kWide] = {};
  for (std::size_t t = 0; t < taps; ++t) {
    const float* row = from + t * stride;
    const float weight = weights[t];
    for (std::size_t c = 0; c < kWide; ++c) sums[c] += weight * row[c];
  }
  for (std::size_t c = 0; c < kWide; ++c) out[c] = sums[c];
}

inline void sum_rows(const Picture& p, std::size_t from, const float* weights, std::size_t taps, std::size_t count, float* out) {
  if (count < kWide) return sum_few(p, from, weights, taps, count, out);
  for (std::size_t at = 0; at < count; at += kWide) {
    const std::size_t c = std::min(at, count - kWide);
    if (p.pixels == Pixels::luma_u8)
      sum_bytes(static_cast<const std::uint8_t*>(p.data) + from + c, p.stride, weights, taps, out + c);
    else
      sum_floats(static_cast<const float*>(p.data) + from + c, p.stride, weights, taps, out + c);
  }
}

// The 64 × 64 block as weighted means of luminance: sums of rows first, then of the columns of 16 such sums at once.
void shrink(const Picture& p, const Taps& down, const Taps& across, Block& out) {
  const std::size_t left = across.begin(), count = across.end() - left, width = padded(count);
  Plane sums(width * kLanes), turned(width * kLanes), columns(kBlock * kLanes);
  for (std::size_t top = 0; top < kBlock; top += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = top + lane;
      sum_rows(p, down.first[i] * p.stride + left, &down.weights[down.at[i]], down.count[i], count, sums + lane * width);
    }
    to_lanes(sums + 0, width, count, turned);
    for (std::size_t j = 0; j < kBlock; ++j) {
      Native mean[kLanes / kNative] = {};
      for (std::size_t t = 0; t < across.count[j]; ++t) {
        const float weight = across.weights[across.at[j] + t];
        const float* from = turned + (across.first[j] - left + t) * kLanes;
        for (std::size_t n = 0; n < kLanes / kNative; ++n) mean[n] += native(from + n * kNative) * weight;
      }
      for (std::size_t n = 0; n < kLanes / kNative; ++n)
        *reinterpret_cast<Native*>(columns + j * kLanes + n * kNative) = mean[n];
    }
    float* rows[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) rows[lane] = &out[(top + lane) * kBlock];
    from_lanes(columns, kBlock, rows);
  }
}

// B = D · A · Dᵀ, each sum taken in order of its index, four frequencies at once.
void transform(const Block& in, Spectrum& out) {
  constexpr int kAtOnce = 4;
  const Cosines& d = cosines();
  for (int i = 0; i < kFrequencies; i += kAtOnce) {
    alignas(64) float half[kAtOnce][kBlock];
    for (std::size_t j = 0; j < kBlock; j += kNative) {
      Native sums[kAtOnce] = {};
      for (int k = 0; k < kBlock; ++k) {
        const Native samples = native(&in[k * kBlock + j]);
        for (int n = 0; n < kAtOnce; ++n) sums[n] += d.by_frequency[(i + n) * kBlock + k] * samples;
      }
      for (int n = 0; n < kAtOnce; ++n) *reinterpret_cast<Native*>(&half[n][j]) = sums[n];
    }
    for (std::size_t j = 0; j < kFrequencies; j += kNative) {
      Native sums[kAtOnce] = {};
      for (int k = 0; k < kBlock; ++k) {
        const Native cosine = native(&d.by_sample[k * kFrequencies + j]);
        for (int n = 0; n < kAtOnce; ++n) sums[n] += half[n][k] * cosine;
      }
      for (int n = 0; n < kAtOnce; ++n) *reinterpret_cast<Native*>(&out[(i + n) * kFrequencies + j]) = sums[n];
    }
  }
}
