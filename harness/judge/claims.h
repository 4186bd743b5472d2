// Checks against the truth: which claims were right, what was caught, and how late.
//
// A run looks from its first read to its report, both included.
// - A claim about a row is right if that row was divergent, in either store that the check reads, at some moment of the
//   run. What the claim says of the row is not judged, but a duplicate is right only of a row that is there more than
//   once, or that should not be there at all. It catches the causes that the row has in the columns that the check
//   compares; a claim about a pair (an orphan and its parent) is about either.
// - A claim about a figure (a count, a sum, the checksum of a range) follows what the figure sees: which causes it
//   catches, of which rows, and whether it is right, was found out by reading it a second time
//   (harness/oracle/credit.h). Whether one is right may be untold; it is then neither right nor a false alarm.
// - A claim of counters that records went missing is right if a row whose newest change never came was divergent, and
//   catches those alone.
// - A claim that columns differ is right if any row of the table was divergent then or becomes so later, which is what
//   it announces; it catches what is divergent by these columns during its run.
// - A claim that is not right is *late*, and no false alarm, if it is about a row that lacked a change for longer than
//   promised when it was read, or about a figure while a side was stale. A claim of timing is about lateness alone: it
//   is excused while a side is stale, and a false alarm else. What a re-check withdrew as mere lag was never claimed;
//   it is only counted.
// - Recall is over intervals of divergence, of any kind, of the check's tables in its stores, that covered a whole run
//   with data: from the first read or before, until after the report. Those that covered none are too short for the
//   check, and counted beside it. In the sample: the same where a check reads every row; a check of a sample does not
//   tell which rows it drew, so n/a. A denominator of zero is n/a. What is untold is in neither number.
// - Delay is from an interval's onset to the report of the first right claim, over all intervals that were claimed.
// - Of a check that reads a sample afresh each run, the runs without a claim since its last one say how many wrong rows
//   there can be: k of them miss d rows that were wrong all the while with probability (1 - share)^(k d).
// Monitors (latency, freshness, lag) make no claims and are not judged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/judge/case.h"

namespace rehearse::judging {

struct ClassScore {
  std::uint64_t claims = 0, right = 0, late = 0;
};

// What a check knew of one interval.
struct Sighting {
  Time claimed = Time::never();  // the report of the first right claim
  std::uint64_t run = 0;         // that made it
  std::uint8_t kind = 0;         // a DiscrepancyClass
  bool covers_run = false;       // it lasted throughout a run with data
  bool untold = false;           // not caught, as far as is known
  std::uint64_t by = 0;          // of which of its causes, a bit each in the order of the interval's
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
  std::optional<Claim> example{};
};

struct CheckScore {
  const CheckDescription* check = nullptr;
  bool judged = false;  // false: a monitor
  bool reads_all_rows = true;
  std::uint64_t runs = 0, runs_without_data = 0, rows_compared = 0, skipped_rows = 0;
  std::uint64_t runs_not_kept = 0;                            // one by one, of `runs`
  std::uint64_t claims = 0, right = 0, late = 0, untold = 0;  // without claims of timing while stale
  std::array<ClassScore, discrepancy_classes> classes{};
  std::uint64_t problems = 0;                    // runs in which the user's own logic had no answer
  std::string problem;                           // the first of them
  std::uint64_t withdrawn = 0;                   // as lag, by re-checks
  std::uint64_t rows_read = 0, most_rounds = 0;  // of checks that read in rounds
  Duration longest_run;
  std::uint64_t covering = 0, covering_caught = 0;   // intervals: recall
  std::uint64_t covering_untold = 0, too_short = 0;  // beside it
  std::uint64_t clean_runs = 0;                      // with data, since the last that claimed anything
  std::vector<Duration> delays;                      // sorted
  std::vector<Sightings> sightings;
  std::vector<FalseAlarms> false_alarms;
  std::uint64_t false_alarms_in_all() const { return claims - right - late - untold; }
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
