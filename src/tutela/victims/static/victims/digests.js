/* MD5 and SHA-256 of a file of any size, made in a worker of the browser: the file is read in parts and stays here.
   After RFC 1321 and FIPS 180-4. */
"use strict";

const PART = 1 << 22, BLOCK = 64;

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_SUMMANDS = Int32Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))));
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
/* The first 32 bits behind the point of a root, exact for the small primes that are used. */
const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
const SHA_SUMMANDS = Int32Array.from(PRIMES, (p) => fraction(Math.cbrt(p)));

/* A digest that is fed in parts: `mix(words)` takes 16 words of a block into `state`. */
class Digest {
  constructor(state, littleEndian, mix) {
    Object.assign(this, { state: Int32Array.from(state), littleEndian, mix, length: 0, used: 0 });
    this.rest = new Uint8Array(BLOCK);
    this.words = new Int32Array(64);
  }

  add(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.used) {
      at = Math.min(BLOCK - this.used, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.used);
      this.used += at;
      if (this.used < BLOCK) return this;
      this.block(new DataView(this.rest.buffer), 0);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.block(view, at);
    this.rest.set(bytes.subarray(at));
    this.used = bytes.length - at;
    return this;
  }

  block(view, at) {
    for (let i = 0; i < 16; i++) this.words[i] = view.getInt32(at + 4 * i, this.littleEndian);
    this.mix(this.state, this.words);
  }

  end() {
    const length = this.length, last = new Uint8Array(this.used < 56 ? BLOCK - this.used : 2 * BLOCK - this.used);
    last[0] = 128;
    const view = new DataView(last.buffer), low = (length * 8) >>> 0, high = Math.floor(length / 2 ** 29);
    view.setUint32(last.length - (this.littleEndian ? 8 : 4), low, this.littleEndian);
    view.setUint32(last.length - (this.littleEndian ? 4 : 8), high, this.littleEndian);
    this.add(last);
    const out = new DataView(new ArrayBuffer(4 * this.state.length));
    this.state.forEach((word, i) => out.setInt32(4 * i, word, this.littleEndian));
    return Array.from(new Uint8Array(out.buffer), (one) => one.toString(16).padStart(2, "0")).join("");
  }
}

function mixMd5(state, words) {
  let [a, b, c, d] = state;
  for (let i = 0; i < 64; i++) {
    let f, k;
    if (i < 16) { f = (b & c) | (~b & d); k = i; }
    else if (i < 32) { f = (d & b) | (~d & c); k = (5 * i + 1) & 15; }
    else if (i < 48) { f = b ^ c ^ d; k = (3 * i + 5) & 15; }
    else { f = c ^ (b | ~d); k = (7 * i) & 15; }
    const sum = (a + f + MD5_SUMMANDS[i] + words[k]) | 0, shift = MD5_SHIFTS[((i >> 4) << 2) | (i & 3)];
    a = d; d = c; c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
}

const right = (x, n) => (x >>> n) | (x << (32 - n));

function mixSha256(state, words) {
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15], y = words[i - 2];
    const s = right(x, 7) ^ right(x, 18) ^ (x >>> 3), t = right(y, 17) ^ right(y, 19) ^ (y >>> 10);
    words[i] = (words[i - 16] + s + words[i - 7] + t) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const t = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + SHA_SUMMANDS[i] + words[i]) | 0;
    const s = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + s) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

const md5 = () => new Digest([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476], true, mixMd5);
const sha256 = () => new Digest(PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p))), false, mixSha256);

/* Both digests of a file; `told(share)` hears how far it is. */
async function digests(file, told) {
  const made = { md5: md5(), sha256: sha256() };
  for (let at = 0; at < file.size; at += PART) {
    const part = new Uint8Array(await file.slice(at, at + PART).arrayBuffer());
    for (const one of Object.values(made)) one.add(part);
    told(Math.min(1, (at + PART) / file.size));
  }
  return Object.entries(made).map(([type, one]) => ({ type, hash: one.end() }));
}

globalThis.onmessage = async ({ data }) => {
  try {
    postMessage({ made: await digests(data, (share) => postMessage({ share })) });
  } catch {
    postMessage({ made: [] });
  }
};
