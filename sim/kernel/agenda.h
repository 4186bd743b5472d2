// The agenda of control events (fault, phase, cycle, tick): a binary heap under a total order, so that ties are broken
// by (time, phase, component, sequence) and never by heap accident. A value: a copied agenda goes on alone.
//
// Left out: cancelling. Whoever schedules an event and may outlive its reason carries an epoch in the event and ignores
// those of an earlier one.
// Invariant: events leave in the total order, and time never goes back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/kernel/assert.h"
#include "sim/kernel/time.h"

namespace rehearse {

template <class Event>
class Agenda {
 public:
  struct Entry {
    Time time;
    int phase = 0;
    std::uint32_t component = 0;
    std::uint64_t sequence = 0;  // the order of the calls to at()
    Event event;
  };

  // `time` may be now, not before. An event at Time::never() is not kept.
  void at(Time time, int phase, std::uint32_t component, Event event) {
    REHEARSE_ASSERT(time >= now_, "the agenda's time never goes back");
    if (time == Time::never()) return;
    heap_.push_back(Entry{time, phase, component, sequence_++, std::move(event)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  Time now() const { return now_; }  // of the last entry popped
  Time next() const { return heap_.empty() ? Time::never() : heap_.front().time; }

  Entry pop() {
    REHEARSE_ASSERT(!heap_.empty(), "an entry is popped only from an agenda that has one");
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    REHEARSE_ASSERT(entry.time >= now_, "the agenda's time never goes back");
    now_ = entry.time;
    return entry;
  }

 private:
  static bool later(const Entry& a, const Entry& b) {
    return std::tie(a.time, a.phase, a.component, a.sequence) > std::tie(b.time, b.phase, b.component, b.sequence);
  }

  std::vector<Entry> heap_;
  std::uint64_t sequence_ = 0;
  Time now_ = Time::before_all();
};

}  // namespace rehearse
