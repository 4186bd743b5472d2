// Checks against the truth: which claims were right, what was caught, and how late.
//
// A run looks from its first read to its report, both included.
// - A claim about a row is right if that row was divergent, in either store that the check reads, at some moment of the
//   run. What the claim says of the row is not judged, but a duplicate is right only of a row that is there more than
//   once, or that should not be there at all.
// - A claim without a row (a count, an aggregate) is right if any row of its table was divergent in either store at
//   some moment of the run. That says that there was something to find, not that this is what made the figures differ:
//   which way a figure was off is not judged.
// - A claim about a range of keys is right if any row of the range was, and catches those alone; a claim about a pair
//   (an orphan and its parent) if either was; a claim about everything that the check looks at if any row of its tables
//   was.
// - A claim that columns differ is right if any row of the table was divergent then or becomes so later, which is what
//   it announces; it catches what is divergent during its run.
// - A claim of timing is about lateness, not about rows: it is neither right nor a false alarm if a side was stale
//   during the run, and a false alarm if none was. What a re-check withdrew as mere lag was never claimed; it is only
//   counted.
// - Recall is over intervals of divergence, of any kind, of the check's tables in its stores, that covered a whole run
//   with data: from the first read or before, until after the report. An interval is caught if a claim about its row
//   was right of it, in any run; or a right claim without a row about its table (a mismatch changes no row count, so
//   `row_count` never catches one). In the sample: the same where a check reads every row; a check of a sample does not
//   tell which rows it drew, so n/a. A denominator of zero is n/a.
// - Delay is from an interval's onset to the report of the first right claim, over all intervals that were claimed.
// Monitors (latency, freshness, lag) make no claims and are not judged. Claims beyond those that a run keeps are not
// judged.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "harness/judge/case.h"

namespace rehearse::judging {

struct ClassScore {
  std::uint64_t claims = 0, right = 0;
};

// What a check knew of one interval.
struct Sighting {
  Time claimed = Time::never();  // the report of the first right claim
  std::uint64_t run = 0;         // that made it
  std::uint8_t kind = 0;         // a DiscrepancyClass
  bool covers_run = false;       // it lasted throughout a run with data
  bool caught() const { return claimed != Time::never(); }
};

// Intervals of one table of one store, [first, first + seen.size()), as one check saw them.
struct Sightings {
  StoreId store = 0;
  TableId table = 0;
  Divergences::Index first = 0;
  std::vector<Sighting> seen;
  std::pair<Divergences::Index, Divergences::Index> range() const { return {first, first + seen.size()}; }
};

struct FalseAlarms {  // of one run
  const CheckRun* run = nullptr;
  std::uint64_t claims = 0;
  const Claim* example = nullptr;
};

struct CheckScore {
  const CheckDescription* check = nullptr;
  bool judged = false;  // false: a monitor
  bool reads_all_rows = true;
  std::uint64_t runs = 0, runs_without_data = 0, rows_compared = 0, skipped_rows = 0;
  std::uint64_t claims = 0, right = 0;  // without claims of timing while stale
  std::array<ClassScore, discrepancy_classes> classes{};
  std::uint64_t problems = 0;   // runs in which the user's own logic had no answer
  std::string problem;          // the first of them
  std::uint64_t withdrawn = 0;  // as lag, by re-checks
  std::uint64_t not_kept = 0;
  std::uint64_t rows_read = 0, most_rounds = 0;  // of checks that read in rounds
  Duration longest_run;
  std::uint64_t covering = 0, covering_caught = 0;  // intervals: recall
  std::vector<Duration> delays;                     // sorted
  std::vector<Sightings> sightings;
  std::vector<FalseAlarms> false_alarms;
  std::uint64_t false_alarms_in_all() const { return claims - right; }
};

// Whether a claim that names rows is right by this interval of one of them.
bool is_right_of(const CheckRun& run, const Claim& claim, const DivergentInterval& interval);

// Whether a side was stale at some moment of the run; `stale` is by store, merged.
bool a_side_was_stale(const CheckRun& run, const CheckDescription& check, const std::vector<Spans>& stale);

std::vector<CheckScore> score_checks(const Case& c);

// The part of the result; `scores` in the scenario's order.
void write_checks(const Case& c, const std::vector<CheckScore>& scores, result::Result& result);
void write_delay(const std::vector<Duration>& sorted, result::Delay& delay);
const char* class_name(std::uint8_t kind);

}  // namespace rehearse::judging
