/* PDQ of a picture and of its windows, or of a frame of a video, made in a worker of the browser: the file stays there. The
   twin of native/pdq and media/pixels/windows.py: every addition and division is rounded to 32 bits in the same order, so
   that on the same luminance hash and quality are equal bit for bit. */
"use strict";

const SIDE = 64, FREQUENCIES = 16, SMALLEST_SIDE = 5, MINIMUM_QUALITY = 50, BAND = 64;
/* Of windows (media/pixels/windows.py, borders.py). */
const PLANE_SIDE = 384, LISTED_SHARE = 0.64, CROPS = [0.02, 0.05, 0.1], SAME = 0.004;
/* Of pictures with little contrast (native/pdq/hash.cpp): so many bits must hold against the rounding of levels. */
const HOLDING = 225, ROUNDING = Math.fround(0.288675135), FULL = 255;
const TOLERANCE = 10, STRAY = 0.01, LEAST_SIDE = 0.35;
/* Of what a picture with transparency is seen on (media/pixels/grounds.py): white, grey and black; and where it is cut. */
const WHITE = 255, GROUNDS = [WHITE, 128, 0], PART_GROUNDS = [WHITE, 0];
const round = Math.fround;

/* Sample j in frequency i + 1 of the cosine transform. */
const COSINES = new Float32Array(FREQUENCIES * SIDE);
for (let i = 0; i < FREQUENCIES; i++) {
  for (let j = 0; j < SIDE; j++) {
    COSINES[i * SIDE + j] = round(Math.sqrt(2 / SIDE)) * Math.cos((Math.PI / 2 / SIDE) * (i + 1) * (2 * j + 1));
  }
}

/* The sample of a side that stands for one of the 64. */
const centre = (index, length) => Math.floor(((index + 0.5) * length) / SIDE);

/* The box filter of a side: w samples, of which h - 1 lead. */
function windowOf(n) {
  const w = Math.floor((n + 2 * SIDE - 1) / (2 * SIDE));
  return { n, w, h: Math.floor((w + 2) / 2) };
}

/* The box filter along a row: all its means. */
function blurRow(from, { n, w, h }, to) {
  let sum = 0, right = 0, left = 0, k = 0;
  for (; right + 1 < h; right++) sum = round(sum + from[right]);
  for (; right < w; right++) {
    sum = round(sum + from[right]);
    to[k++] = sum / (right + 1);
  }
  for (; right < n; right++) {
    sum = round(sum + from[right]);
    sum = round(sum - from[left++]);
    to[k++] = sum / w;
  }
  for (let count = w - 1; k < n; count--) {
    sum = round(sum - from[left++]);
    to[k++] = sum / count;
  }
}

/* The box filter along columns, fed with rows in their order; `done(k, means)` takes each row of means. */
class ColumnBlur {
  constructor(side, width, done) {
    Object.assign(this, { side, width, done, next: 0 });
    this.sums = new Float32Array(width);
    this.means = new Float32Array(width);
    this.kept = Array.from({ length: side.w + 1 }, () => new Float32Array(width));
  }

  /* Where the next row is written before `add`. */
  row() {
    return this.kept[this.next % this.kept.length];
  }

  add() {
    const { n, w, h } = this.side, r = this.next++;
    this.step(this.kept[r % this.kept.length], r >= w ? r - w : -1);
    if (r + 1 >= h) this.emit(r + 1 - h, Math.min(r + 1, w));
    if (r + 1 < n) return;
    for (let k = n + 1 - h, count = w - 1; k < n; k++, count--) {
      this.step(null, k + h - 1 - w);
      this.emit(k, count);
    }
  }

  step(added, dropped) {
    const { sums, width } = this, old = dropped < 0 ? null : this.kept[dropped % this.kept.length];
    if (added) for (let c = 0; c < width; c++) sums[c] += added[c];
    if (old) for (let c = 0; c < width; c++) sums[c] -= old[c];
  }

  emit(k, count) {
    for (let c = 0; c < this.width; c++) this.means[c] = this.sums[c] / count;
    this.done(k, this.means);
  }
}

/* The block of 64 × 64 samples of a picture that is given row by row: `fill(row, to)` writes its luminance. */
function reduced(rows, cols, fill) {
  const block = new Float32Array(SIDE * SIDE);
  if (rows === SIDE && cols === SIDE) {
    for (let r = 0; r < rows; r++) fill(r, block.subarray(r * SIDE, (r + 1) * SIDE));
    return block;
  }
  const across = windowOf(cols), down = windowOf(rows);
  const luma = new Float32Array(cols), blurred = new Float32Array(cols);
  let taken = 0;
  const second = new ColumnBlur(down, SIDE, (k, means) => {
    for (; taken < SIDE && centre(taken, rows) === k; taken++) block.set(means, taken * SIDE);
  });
  const first = new ColumnBlur(down, cols, (k, means) => {
    blurRow(means, across, blurred);
    const narrow = second.row();
    for (let j = 0; j < SIDE; j++) narrow[j] = blurred[centre(j, cols)];
    second.add();
  });
  for (let r = 0; r < rows; r++) {
    fill(r, luma);
    blurRow(luma, across, first.row());
    first.add();
  }
  return block;
}

/* The small plane of a picture, from which its windows are cut: squares of pixels are averaged. Fed row by row. */
class SmallPlane {
  constructor(rows, cols) {
    this.factor = Math.ceil(Math.max(rows, cols) / PLANE_SIDE);
    Object.assign(this, { sourceRows: rows, sourceCols: cols, next: 0, filled: 0 });
    this.rows = Math.ceil(rows / this.factor);
    this.cols = Math.ceil(cols / this.factor);
    this.data = new Float32Array(this.rows * this.cols);
    this.sums = new Float32Array(cols);
  }

  add(luma) {
    const { sums, factor, sourceRows, sourceCols, data } = this;
    const within = this.next++ % factor;
    if (within) for (let x = 0; x < sourceCols; x++) sums[x] += luma[x];
    else sums.set(luma.subarray(0, sourceCols));
    if (within + 1 < factor && this.next < sourceRows) return;
    for (let begin = 0; begin < sourceCols; begin += factor) {
      const end = Math.min(sourceCols, begin + factor);
      let sum = 0;
      for (let x = begin; x < end; x++) sum = round(sum + sums[x]);
      data[this.filled++] = sum / ((within + 1) * (end - begin));
    }
  }
}

/* The area of a triangle of base 2 and height 1 left of u. */
function triangleUntil(u) {
  if (u <= -1) return 0;
  if (u >= 1) return 1;
  return u < 0 ? ((1 + u) * (1 + u)) / 2 : 1 - ((1 - u) * (1 - u)) / 2;
}

/* For each of the 64 samples of a window's side: its first sample of the plane, and the weights from there on. */
function tapsOf(from, to, length) {
  const step = (to - from) / SIDE, half = step / 2, taps = [];
  for (let k = 0; k < SIDE; k++) {
    const middle = from + (k + 0.5) * step;
    const begin = Math.max(from, middle - half), end = Math.min(to, middle + half);
    const low = Math.min(Math.max(Math.floor(begin), 0), length - 1);
    const high = Math.min(Math.max(Math.ceil(end), low + 1), length), weights = [];
    let before = triangleUntil((Math.max(begin, low) - middle) / half);
    for (let x = low; x < high; x++) {
      const until = triangleUntil((Math.min(end, x + 1) - middle) / half);
      weights.push(Math.max(0, until - before));
      before = until;
    }
    const sum = weights.reduce((a, b) => a + b, 0);
    taps.push({ low, weights: Float32Array.from(weights, (one) => (sum > 0 ? one / sum : 1 / weights.length)) });
  }
  return taps;
}

/* The block of a window (left, top, right, bottom, in shares of 1) of a small plane. */
function windowBlock(plane, [left, top, right, bottom]) {
  const down = tapsOf(top * plane.rows, bottom * plane.rows, plane.rows);
  const across = tapsOf(left * plane.cols, right * plane.cols, plane.cols);
  const block = new Float32Array(SIDE * SIDE), sums = new Float32Array(plane.cols);
  down.forEach(({ low, weights }, i) => {
    sums.fill(0);
    weights.forEach((weight, t) => {
      const row = (low + t) * plane.cols;
      for (let x = 0; x < plane.cols; x++) sums[x] = round(sums[x] + round(plane.data[row + x] * weight));
    });
    across.forEach((tap, j) => {
      let mean = 0;
      tap.weights.forEach((weight, t) => { mean = round(mean + round(sums[tap.low + t] * weight)); });
      block[i * SIDE + j] = mean;
    });
  });
  return block;
}

/* How many lines from an edge on have its one colour. `at(line, place)` reads a sample. */
function uniformLines(lines, places, at) {
  const edge = Float32Array.from({ length: places }, (_, place) => at(0, place));
  const colour = edge.slice().sort()[places >> 1];
  const stray = (line) => {
    let count = 0;
    for (let place = 0; place < places; place++) if (Math.abs(round(at(line, place) - colour)) > TOLERANCE) count++;
    return count > STRAY * places;
  };
  if (stray(0)) return 0;
  for (let line = 1; line < lines; line++) if (stray(line)) return line;
  return 0;
}

/* The box without its uniform edges, and that box again without the uniform edges inside. */
function contentsOf(plane) {
  const found = [], { data, cols, rows } = plane;
  let left = 0, top = 0, right = cols, bottom = rows;
  for (let turn = 0; turn < 2 && right - left > 1 && bottom - top > 1; turn++) {
    const width = right - left, height = bottom - top, sample = (y, x) => data[y * cols + x];
    const cut = [
      uniformLines(width, height, (x, y) => sample(top + y, left + x)),
      uniformLines(height, width, (y, x) => sample(top + y, left + x)),
      uniformLines(width, height, (x, y) => sample(top + y, right - 1 - x)),
      uniformLines(height, width, (y, x) => sample(bottom - 1 - y, left + x)),
    ];
    if (!cut.some(Boolean)) break;
    left += cut[0]; top += cut[1]; right -= cut[2]; bottom -= cut[3];
    const box = [left / cols, top / rows, right / cols, bottom / rows];
    if (box[2] - box[0] < LEAST_SIDE || box[3] - box[1] < LEAST_SIDE) break;
    found.push(box);
  }
  return found;
}

/* The windows by which a picture is found that was cropped, or framed: none covers less than `LISTED_SHARE` of it. */
function windowsOf(plane) {
  if (Math.min(plane.sourceRows, plane.sourceCols) < SIDE) return [];
  const large = contentsOf(plane).filter((box) => (box[2] - box[0]) * (box[3] - box[1]) >= LISTED_SHARE);
  const planned = [[0, 0, 1, 1], ...large, ...CROPS.map((share) => [share, share, 1 - share, 1 - share])], kept = [];
  for (const box of planned) {
    if (!kept.some((other) => box.every((side, i) => Math.abs(side - other[i]) < SAME))) kept.push(box);
  }
  /* Crops are not stretched: each guess more is one more chance to resemble another picture. */
  const crops = planned.slice(1 + large.length);
  const fits = (box) => (box[2] - box[0]) * plane.cols >= 1 && (box[3] - box[1]) * plane.rows >= 1;
  const hashed = (box) => ({ ...hashOf(windowBlock(plane, box)), ...(crops.includes(box) && { stretched: 0 }) });
  return kept.filter(fits).map(hashed);
}

function qualityOf(block) {
  const step = (u, v) => Math.abs(Math.trunc(round(round(round(u - v) * 100) / 255)));
  let sum = 0;
  for (let k = 0; k + SIDE < SIDE * SIDE; k++) sum += step(block[k], block[k + SIDE]);
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j + 1 < SIDE; j++) sum += step(block[i * SIDE + j], block[i * SIDE + j + 1]);
  }
  return Math.min(Math.floor(sum / 90), 100);
}

function spectrumOf(block) {
  const spectrum = new Float32Array(FREQUENCIES * FREQUENCIES), half = new Float32Array(SIDE);
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let j = 0; j < SIDE; j++) {
      let sum = 0;
      for (let k = 0; k < SIDE; k++) sum = round(sum + round(COSINES[i * SIDE + k] * block[k * SIDE + j]));
      half[j] = sum;
    }
    for (let j = 0; j < FREQUENCIES; j++) {
      let sum = 0;
      for (let k = 0; k < SIDE; k++) sum = round(sum + round(half[k] * COSINES[j * SIDE + k]));
      spectrum[i * FREQUENCIES + j] = sum;
    }
  }
  return spectrum;
}

const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");

/* The quality of a block with little contrast once that is stretched; 0 where rounding decides too many of its bits.
   `level`: the step between two levels of the source. */
function stretchedOf(block, spectrum, median, level) {
  const error = round(ROUNDING * level);
  if (spectrum.filter((value) => Math.abs(round(value - median)) > error).length < HOLDING) return 0;
  const low = block.reduce((a, b) => Math.min(a, b)), high = block.reduce((a, b) => Math.max(a, b));
  const times = round(FULL / round(high - low));
  return qualityOf(block.map((value) => round(round(value - low) * times)));
}

/* Hash as hexadecimal text, quality (0 to 100), and quality once stretched if that is too low, of a block. */
function hashOf(block, level = 1) {
  const bytes = new Uint8Array(32), spectrum = spectrumOf(block), quality = qualityOf(block);
  const median = spectrum.slice().sort()[spectrum.length / 2 - 1];
  spectrum.forEach((value, k) => {
    if (value > median) bytes[bytes.length - 1 - (k >> 3)] |= 1 << (k & 7);
  });
  const stretched = quality < MINIMUM_QUALITY ? stretchedOf(block, spectrum, median, level) : 0;
  return { hash: hex(bytes), quality, stretched };
}

/* Whether a hash means anything: of the picture as it is, or once its contrast is stretched. */
const isGood = (one) => Math.max(one.quality, one.stretched) >= MINIMUM_QUALITY;

/* PDQ of a picture that is given row by row. */
function pdq(rows, cols, fill) {
  if (rows < SMALLEST_SIDE || cols < SMALLEST_SIDE) return { hash: hex(new Uint8Array(32)), quality: 0, stretched: 0 };
  return hashOf(reduced(rows, cols, fill));
}

/* The block and the small plane of a picture, in one reading of its rows. */
function readings(rows, cols, fill) {
  const plane = new SmallPlane(rows, cols);
  const block = reduced(rows, cols, (row, to) => {
    fill(row, to);
    plane.add(to);
  });
  return { block, plane };
}

/* What is seen of samples on a ground, by the samples on white and those of opacity. */
function samplesOn(ground, white, alpha) {
  const darker = round((WHITE - ground) / WHITE);
  return white.map((value, k) => round(value - round(darker * round(WHITE - alpha[k]))));
}

/* The picture on white and its opacity are rounded apart. */
function errorOn(ground) {
  return round(Math.hypot(1, round((WHITE - ground) / WHITE)));
}

/* PDQ of a picture and of its windows. `opacity()` gives what writes the opacity of a row, after all were read: null of a
   picture that is not seen through. */
function looks(rows, cols, fill, opacity = () => null) {
  if (rows < SMALLEST_SIDE || cols < SMALLEST_SIDE) return [pdq(rows, cols, fill)];
  const white = readings(rows, cols, fill), seen = opacity(), alpha = seen && readings(rows, cols, seen);
  return (alpha ? GROUNDS : [WHITE]).flatMap((ground) => {
    const on = (of) => (ground === WHITE ? of(white) : samplesOn(ground, of(white), of(alpha)));
    const whole = hashOf(on((one) => one.block), ground === WHITE ? 1 : errorOn(ground));
    if (!PART_GROUNDS.includes(ground)) return [whole];
    const plane = Object.assign(Object.create(white.plane), { data: on((one) => one.plane.data) });
    return [whole, ...windowsOf(plane)];
  });
}

/* A colour of some opacity on white, as the decoders of the other side round it. */
function onWhite(value, alpha) {
  const sum = value * alpha + WHITE * (255 - alpha) + 128;
  return ((sum >> 8) + sum) >> 8;
}

/* Rows of a drawn picture, read in bands: `fill` writes their luminance on white, and `told(share)` hears how far it is.
   `opacity()` gives what writes their opacity, if that differs. */
function rowsOf(context, rows, cols, told) {
  /* Bits that every opacity has, and that any has: they differ where opacities do. */
  let band = null, begin = 0, common = 255, any = 0;
  const bandOf = (row) => {
    if (band === null || row < begin || row >= begin + BAND) {
      begin = row - (row % BAND);
      band = context.getImageData(0, begin, cols, Math.min(BAND, rows - begin)).data;
    }
    return 4 * (row - begin) * cols;
  };
  const fill = (row, to) => {
    if (row % BAND === 0) told(row / rows);
    let at = bandOf(row);
    const data = band;
    for (let c = 0; c < cols; c++, at += 4) {
      const alpha = data[at + 3];
      common &= alpha;
      any |= alpha;
      to[c] = alpha === 255
        ? (299 * data[at] + 587 * data[at + 1] + 114 * data[at + 2]) / 1000
        : (299 * onWhite(data[at], alpha) + 587 * onWhite(data[at + 1], alpha) + 114 * onWhite(data[at + 2], alpha)) / 1000;
    }
  };
  const seen = (row, to) => {
    for (let c = 0, at = bandOf(row) + 3; c < cols; c++, at += 4) to[c] = band[at];
  };
  return { fill, opacity: () => (common === any ? null : seen) };
}

/* The PDQ hashes of a decoded picture. One that is still flat once stretched has no PDQ that means anything: none. */
function hashesOf(picture, windows, told) {
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  picture.close();
  const { fill, opacity } = rowsOf(context, height, width, told);
  const found = windows ? looks(height, width, fill, opacity) : [pdq(height, width, fill)];
  const good = found.filter(isGood).map((one) => one.hash);
  return [...new Set(good)].map((hash) => ({ type: "pdq", hash }));
}

/* A file is a picture; anything else is a frame of a video, which the page decoded. */
globalThis.onmessage = async ({ data }) => {
  try {
    const picture = data instanceof Blob ? await createImageBitmap(data) : data;
    postMessage({ made: hashesOf(picture, data instanceof Blob, (share) => postMessage({ share })) });
  } catch {
    postMessage({ made: [] });
  }
};
