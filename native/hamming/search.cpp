#include "search.h"

#include <algorithm>

namespace hamming {
namespace {

// Queries that go through the chunks together: one chunk's postings stay in the cache for all of them.
constexpr std::size_t kBlock = 256;
// An item (one chunk of one query) waits this many items for its directory entries, and again for its signatures.
constexpr std::size_t kAhead = 3;
// Candidates are verified so many at a time, that their hashes arrive while others are looked at.
constexpr std::size_t kDrain = 1024;
constexpr std::size_t kLine = 64 / sizeof(std::uint16_t);
// Beyond this the processor's own prefetcher takes over.
constexpr std::size_t kFarAhead = 16 * kLine;
// A query with more candidates than this share of the list is cheaper to answer by a scan: crowded lists stay linear.
constexpr std::size_t kScanShare = 32;
constexpr std::size_t kScanFloor = 4096;
// Hashes scanned together stay in the second-level cache while every query of a block passes over them.
constexpr std::size_t kScanBlock = 4096;

// Into the second-level cache: it has room for everything under way, the first has not.
inline void ask_for(const void *address) { __builtin_prefetch(address, 0, 2); }

struct Item {
  std::uint32_t query;
  unsigned chunk;
  std::size_t count;
  std::size_t postings;
  Probe *probes;
};

struct Candidate {
  std::uint32_t query;
  std::uint32_t chunk;
  std::uint32_t posting;
};

class Block {
 public:
  Block(const Tables &tables, const Question &question, const Plan &plan, std::size_t first, std::size_t count,
        Hits &out)
      : t_(tables), ask_(question), plan_(plan), kernels_(kernels(question.level)), first_(first), count_(count),
        out_(out), begin_(out.size()), most_(std::max(kScanFloor, tables.unique / kScanShare)), seen_(count, 0) {}

  void by_chunks();
  void by_scan();

 private:
  bool crowded(std::size_t q) const { return seen_[q] > most_; }
  const std::uint8_t *query(std::size_t q) const { return ask_.queries + (first_ + q) * kHashBytes; }
  void touch(const Item &item) const;
  void prepare(Item &item) const;
  void look(const Item &item);
  void drain();
  void emit(std::uint32_t q, std::uint32_t position, unsigned distance);
  void scan(const std::vector<std::uint32_t> &queries);
  void finish();

  const Tables &t_;
  const Question &ask_;
  const Plan &plan_;
  const Kernels &kernels_;
  std::size_t first_, count_;
  Hits &out_;
  std::size_t begin_;
  std::size_t most_;               // candidates of a query before it is scanned instead
  std::vector<std::size_t> seen_;  // candidates of each query
  std::array<Item, 2 * kAhead + 1> ring_;
  std::vector<std::uint32_t> passed_;
  std::vector<Candidate> candidates_;
};

void Block::touch(const Item &item) const {
  const std::uint32_t *starts = t_.starts + item.chunk * (t_.keys() + 1);
  const unsigned key = t_.key_of(chunk_of(query(item.query), item.chunk));
  const std::uint16_t *masks = plan_.flips().masks.data();
  const std::size_t probes = plan_.flips().upto[plan_.share(item.chunk)];
  for (std::size_t i = 0; i < probes; ++i) ask_for(starts + (key ^ masks[i]));
}

void Block::prepare(Item &item) const {
  const std::uint32_t *starts = t_.starts + item.chunk * (t_.keys() + 1);
  const std::uint16_t *signatures = t_.signatures + item.chunk * t_.unique;
  const unsigned key = t_.key_of(chunk_of(query(item.query), item.chunk));
  const Flips &all = plan_.flips();
  Probe *probe = item.probes;
  std::size_t postings = 0;
  for (int flips = 0; flips < plan_.share(item.chunk); ++flips) {
    const int limit = plan_.limit(item.chunk, flips);
    for (std::size_t i = all.upto[flips]; i < all.upto[flips + 1]; ++i) {
      const unsigned bucket = key ^ all.masks[i];
      const std::uint32_t first = starts[bucket], last = starts[bucket + 1];
      *probe = {first, last, limit};
      probe += first != last;
      postings += last - first;
      // First and last line without a branch that depends on where a short bucket begins; only long ones have more.
      // An empty bucket prefetches its neighbours, which is harmless.
      const std::uint16_t *end = signatures + last;
      ask_for(signatures + first);
      ask_for(end - 1);
      const std::uint16_t *far = std::min(end, signatures + first + kFarAhead);
      for (const std::uint16_t *at = signatures + first + kLine; at < far; at += kLine) ask_for(at);
    }
  }
  item.count = static_cast<std::size_t>(probe - item.probes);
  item.postings = postings;
}

void Block::look(const Item &item) {
  if (crowded(item.query)) return;
  if (passed_.size() < item.postings + kSignaturePad) passed_.resize(item.postings + kSignaturePad);
  const std::uint16_t *signatures = t_.signatures + item.chunk * t_.unique;
  const std::size_t found = kernels_.filter(signatures, item.probes, item.count,
                                            chunk_of(query(item.query), item.chunk + 1), passed_.data());
  seen_[item.query] += found;
  if (crowded(item.query)) return;
  for (std::size_t i = 0; i < found; ++i) {
    // Eight bytes may lie in two lines.
    const std::uint8_t *position = t_.position_at(item.chunk * t_.unique + passed_[i]);
    ask_for(position);
    ask_for(position + sizeof(std::uint64_t) - 1);
    candidates_.push_back({item.query, item.chunk, passed_[i]});
  }
  if (candidates_.size() >= kDrain) drain();
}

void Block::drain() {
  const auto last = static_cast<std::uint32_t>(t_.count - 1);
  for (Candidate &c : candidates_) {
    // A file may hold anything: a posting beyond the hashes leads to the last of them, never outside.
    c.posting = std::min(t_.position(c.chunk * t_.unique + c.posting), last);
    ask_for(t_.hash(c.posting));
  }
  for (const Candidate &c : candidates_) {
    const std::uint8_t *hash = t_.hash(c.posting), *wanted = query(c.query);
    const unsigned distance = kernels_.distance(hash, wanted);
    // A hash that several chunks lead to is answered from the first of them alone.
    if (distance <= ask_.radius && plan_.first_start(hash, wanted) == c.chunk) emit(c.query, c.posting, distance);
  }
  candidates_.clear();
}

// One posting stands for all equal hashes behind it.
void Block::emit(std::uint32_t q, std::uint32_t position, unsigned distance) {
  const std::uint8_t *hash = t_.hash(position);
  for (std::size_t p = position; p < t_.count; ++p) {
    if (p != position && (t_.unique == t_.count || std::memcmp(hash, t_.hash(p), kHashBytes) != 0)) return;
    if (ask_.dead != nullptr && (ask_.dead[p >> 3] >> (p & 7) & 1)) continue;
    out_.push_back({static_cast<std::uint32_t>(first_ + q), static_cast<std::uint32_t>(p),
                    static_cast<std::uint16_t>(distance)});
    if (ask_.first_only) return;
  }
}

void Block::by_chunks() {
  std::vector<unsigned> chunks;
  for (unsigned chunk = 0; chunk < kChunks; ++chunk)
    if (plan_.starts_at(chunk)) chunks.push_back(chunk);
  const std::size_t widest = plan_.flips().upto[plan_.share(0)];
  const auto room = std::make_unique_for_overwrite<Probe[]>(ring_.size() * widest);
  for (std::size_t i = 0; i < ring_.size(); ++i) ring_[i].probes = room.get() + i * widest;
  const std::size_t items = chunks.size() * count_;
  for (std::size_t step = 0; step < items + 2 * kAhead; ++step) {
    if (step < items) {
      Item &item = ring_[step % ring_.size()];
      item.query = static_cast<std::uint32_t>(step % count_);
      item.chunk = chunks[step / count_];
      touch(item);
    }
    if (step >= kAhead && step - kAhead < items) prepare(ring_[(step - kAhead) % ring_.size()]);
    if (step >= 2 * kAhead) look(ring_[(step - 2 * kAhead) % ring_.size()]);
  }
  drain();
  std::vector<std::uint32_t> again;
  for (std::size_t q = 0; q < count_; ++q)
    if (crowded(q)) again.push_back(static_cast<std::uint32_t>(q));
  if (!again.empty()) {
    const auto doubled = [this](const Hit &hit) { return crowded(hit.query - first_); };
    out_.erase(std::remove_if(out_.begin() + static_cast<std::ptrdiff_t>(begin_), out_.end(), doubled), out_.end());
    scan(again);
  }
  finish();
}

void Block::by_scan() {
  std::vector<std::uint32_t> all(count_);
  for (std::size_t q = 0; q < count_; ++q) all[q] = static_cast<std::uint32_t>(q);
  scan(all);
  finish();
}

void Block::scan(const std::vector<std::uint32_t> &queries) {
  const std::size_t from = out_.size();
  for (std::size_t first = 0; first < t_.count; first += kScanBlock)
    for (const std::uint32_t q : queries)
      kernels_.scan(t_.hashes, first, std::min(first + kScanBlock, t_.count), query(q), ask_.radius,
                    static_cast<std::uint32_t>(first_ + q), out_);
  if (ask_.dead == nullptr) return;
  const auto dead = [this](const Hit &hit) { return ask_.dead[hit.position >> 3] >> (hit.position & 7) & 1; };
  out_.erase(std::remove_if(out_.begin() + static_cast<std::ptrdiff_t>(from), out_.end(), dead), out_.end());
}

void Block::finish() {
  const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(begin_);
  std::sort(begin, out_.end(), [](const Hit &a, const Hit &b) {
    return a.query != b.query ? a.query < b.query : a.position < b.position;
  });
  if (!ask_.first_only) return;
  const auto same = [](const Hit &a, const Hit &b) { return a.query == b.query; };
  out_.erase(std::unique(begin, out_.end(), same), out_.end());
}

}  // namespace

void search(const Tables &tables, const Flips &flips, const Question &question, Hits &out) {
  const Plan plan(question.radius, tables.bits, flips);
  const bool chunks = plan.pays(tables.count);
  for (std::size_t first = 0; first < question.count; first += kBlock) {
    Block block(tables, question, plan, first, std::min(kBlock, question.count - first), out);
    if (chunks) block.by_chunks();
    else block.by_scan();
  }
}

}  // namespace hamming
