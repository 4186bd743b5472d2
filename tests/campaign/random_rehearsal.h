// Small random rehearsals, named by a number: a source, a batch job and a stream or two, consumers, checks of every
// kind, repairs, a plan with gates and a rollback, and faults of every kind, as the text of a scenario.
//
// Each feature is off altogether in many of them, so that features also meet alone. Periods are round and short, so
// that instants coincide. Left out: captured sources, programs and libraries of the user's own (SQL is in).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/time.h"
#include "tests/campaign/loaded.h"

namespace rehearse {

class Run;

// A sequence of keyed draws.
class Picks {
 public:
  Picks(std::uint64_t number, const char* purpose) : stream_(stream(number, purpose)) {}
  std::int64_t between(std::int64_t lo, std::int64_t hi) {  // both ends included
    return lo + static_cast<std::int64_t>(below(bits(stream_, next_++), static_cast<std::uint64_t>(hi - lo + 1)));
  }
  bool one_in(int n) { return between(1, n) == 1; }
  std::string of(std::initializer_list<const char*> values) {
    return *std::next(values.begin(), between(0, static_cast<std::int64_t>(values.size()) - 1));
  }

 private:
  Stream stream_;
  std::uint64_t next_ = 0;
};

std::string random_scenario(std::uint64_t number);
Loaded random_rehearsal(std::uint64_t number);  // asserts that it loads without an error

// Of everything that a rehearsal under way is and has recorded, part by part: equal in two that went the same way.
struct RunPart {
  const char* name;
  Digest128 digest;
};
std::vector<RunPart> parts_of(const Run& run);
// The names of the parts that differ; empty if none does.
std::string difference(const std::vector<RunPart>& a, const std::vector<RunPart>& b);

}  // namespace rehearse
