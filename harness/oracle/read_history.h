// When one consumer read, and what it found: every read, as runs of reads that found the same in the same store at
// equal distances. A consumer that reads every so often makes a run of any length; one that finds something else at
// each read makes a run a read.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "scenarios/annotations/outcomes.h"
#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

// Reads of one consumer, by what they found.
struct ReadCounts {
  std::array<std::uint64_t, read_outcomes> found{};  // by ReadOutcome
  std::uint64_t& operator[](ReadOutcome outcome) { return found[static_cast<std::size_t>(outcome)]; }
  std::uint64_t operator[](ReadOutcome outcome) const { return found[static_cast<std::size_t>(outcome)]; }
  std::uint64_t reads() const { return std::accumulate(found.begin(), found.end(), std::uint64_t{0}); }
};

class ReadHistory {
 public:
  struct Run {
    Time first;
    Duration apart;  // from one read to the next; nothing of a single one
    std::uint64_t reads = 1;
    StoreId store = 0;
    ReadOutcome found = RIGHT;

    Time last() const { return first + apart * static_cast<std::int64_t>(reads - 1); }
    std::uint64_t before(Time t) const {
      if (t <= first) return 0;
      if (reads == 1 || t > last()) return reads;
      return static_cast<std::uint64_t>(((t - first).ns + apart.ns - 1) / apart.ns);
    }
    std::uint64_t between(Time from, Time to) const { return before(to) - std::min(before(from), before(to)); }
  };

  // Times go up.
  void add(Time at, StoreId store, ReadOutcome found) {
    if (!runs_.empty()) {
      Run& run = runs_.back();
      const bool alike = run.store == store && run.found == found;
      if (alike && (run.reads == 1 || at == run.last() + run.apart)) {
        if (run.reads == 1) run.apart = at - run.first;
        ++run.reads;
        return;
      }
    }
    runs_.push_back({at, Duration{}, 1, store, found});
  }
  ReadCounts between(Time from, Time to) const {
    ReadCounts counts;
    for (const Run& run : runs_) counts[run.found] += run.between(from, to);
    return counts;
  }
  const std::vector<Run>& runs() const { return runs_; }
  // Of a store, at `from` or later; never if it reads there no more.
  Time first_read(StoreId store, Time from) const {
    for (const Run& run : runs_) {
      if (run.store != store || run.last() < from) continue;
      return run.first + run.apart * static_cast<std::int64_t>(run.before(from));
    }
    return Time::never();
  }

 private:
  std::vector<Run> runs_;
};

}  // namespace rehearse
