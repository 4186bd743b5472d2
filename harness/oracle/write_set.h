// A set of writes of one row, as runs of numbers that follow each other: what is under way comes and goes nearly in
// order, so that there are few runs however many writes there are. Where the writes of a row are not numbered one by
// one, a write stands for all numbers after the write before it.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "sim/rows/types.h"

namespace rehearse {

class WriteSet {
 public:
  bool empty() const { return runs_.empty(); }
  bool contains(Write write) const {
    const auto run = first_reaching(write);
    return run != runs_.end() && run->first <= write;
  }
  // The write before those that lead up to `write` without a gap; `write` itself if it is not in the set.
  Write before_run_up_to(Write write) const {
    const auto run = first_reaching(write);
    return run != runs_.end() && run->first <= write ? run->first - 1 : write;
  }
  // All after `before` up to `last`; cheapest where they lie beyond all that are in the set.
  void insert(Write before, Write last) {
    if (before >= last) return;
    auto run = runs_.begin() + (first_reaching(before) - runs_.cbegin());  // the first that touches or lies beyond
    if (run == runs_.end() || run->first > last + 1) {
      runs_.insert(run, {before + 1, last});
      return;
    }
    run->first = std::min(run->first, before + 1);
    run->last = std::max(run->last, last);
    const auto next = run + 1;
    auto beyond = next;
    for (; beyond != runs_.end() && beyond->first <= run->last + 1; ++beyond)
      run->last = std::max(run->last, beyond->last);
    runs_.erase(next, beyond);
  }
  // All after `before` up to `last`, if they are in the set.
  void remove(Write before, Write last) {
    const auto run = runs_.begin() + (first_reaching(last) - runs_.cbegin());
    if (run == runs_.end() || run->first > last) return;
    const Run above{last + 1, run->last};
    run->last = before;
    const auto next = run->first > run->last ? runs_.erase(run) : run + 1;
    if (above.first <= above.last) runs_.insert(next, above);
  }
  // Whether it is exactly all after `before` up to `last`, which may be none.
  bool is(Write before, Write last) const {
    if (before >= last) return runs_.empty();
    return runs_.size() == 1 && runs_[0].first == before + 1 && runs_[0].last == last;
  }

 private:
  struct Run {
    Write first, last;
  };
  using Runs = boost::container::small_vector<Run, 1>;  // seldom more
  Runs::const_iterator first_reaching(Write write) const {
    return std::lower_bound(runs_.begin(), runs_.end(), write,
                            [](const Run& run, Write wanted) { return run.last < wanted; });
  }
  Runs runs_;  // in order, none empty, none touching the next
};

}  // namespace rehearse
