// Choices for random small worlds: a sequence of keyed draws, so that a world is named by its number alone.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>

#include "sim/kernel/draw.h"
#include "sim/kernel/time.h"

namespace rehearse::twins {

class Chooser {
 public:
  explicit Chooser(std::uint64_t world) : stream_(stream(world, "twins")) {}
  std::int64_t between(std::int64_t lo, std::int64_t hi) {  // both ends included
    return lo + static_cast<std::int64_t>(below(bits(stream_, next_++), static_cast<std::uint64_t>(hi - lo + 1)));
  }
  bool one_in(int n) { return between(1, n) == 1; }
  template <class T>
  T of(std::initializer_list<T> values) {
    return *std::next(values.begin(), between(0, static_cast<std::int64_t>(values.size()) - 1));
  }
  Time instant(Time from, Time until) { return {between(from.ns, until.ns)}; }

 private:
  Stream stream_;
  std::uint64_t next_ = 0;
};

}  // namespace rehearse::twins
