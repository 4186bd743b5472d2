// The workload of a captured stream, as the parameters of a synthetic one, with 95% intervals.
//
// Models: by table the rate of changes, their mix, which keys they hit (Zipf's exponent, the share of the hottest 100
// keys), how many changes of the table a transaction has, columns with types and distinct values, and how late a row's
// own time is at the commit; over the whole capture the rates by segment (by hour where there are hours) and where the
// mix of transactions changes.
// Leaves out: dependencies between tables (a fitted table has transactions of its own), popularity that drifts, and
// changes of the rate alone, which the segments show.
//
// How:
// - Intervals are estimate ± 1.96 standard deviations of a bootstrap by transaction: each transaction counts Poisson(1)
//   times, by a draw keyed by its number, so that equal captures give equal intervals.
// - Zipf's exponent is a maximum likelihood estimate with ranks taken from one half of the transactions and hits from
//   the other, and the other way round, for ranks taken from the hits themselves find skew in uniform picks. What noise
//   in the ranks takes away is put back by fitting samples drawn from the first estimate (indirect inference).
// - A change point is the cut that most raises the likelihood of transactions' kinds (which tables they insert into,
//   update, delete from), if it does so by more than chance explains (BIC) and moves at least 5% of them; then the two
//   sides are cut again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/capture/captured_stream.h"

namespace rehearse {

enum class FittedTransactions { all, odd, even };  // numbered from 1

struct FitOptions {
  FittedTransactions which = FittedTransactions::all;
  std::optional<std::uint64_t> first, last;  // transactions, numbered from 1, both included
  std::uint32_t replicates = 100;            // of the bootstrap
};

struct Estimate {
  double value = 0;
  double deviation = 0;  // standard
  double low() const { return value - 1.96 * deviation; }
  double high() const { return value + 1.96 * deviation; }
};

inline constexpr std::size_t hottest_keys = 100;

struct FittedSizes {  // changes in a transaction
  Estimate mean;
  Estimate p99;
  bool geometric = false;                                  // within 5% of one, in total variation
  std::vector<std::pair<std::uint64_t, double>> shares{};  // by size, ascending
};

struct FittedColumn {
  std::string name;
  std::string type;  // as PostgreSQL prints it
  bool key = false;
  std::uint64_t distinct = 0;
  double nulls = 0;  // share
};

struct FittedPicks {  // of updates and deletes together
  std::uint64_t hits = 0, keys_hit = 0, keys = 0;
  Estimate zipf;
  Estimate hottest;  // share of the hottest keys
};

struct FittedLateness {            // how far a row's own time is behind its commit
  std::string column;              // empty: no column holds such a time
  double long_share = 0;           // of transactions
  std::int64_t long_hold_ns = 0;   // their mean
  std::uint64_t late_changes = 0;  // whose time is older than one that was delivered before
};

struct FittedTable {
  std::string name;
  std::uint64_t changes = 0, rows = 0;  // rows before the stream, or all keys ever seen if they are not known
  bool rows_known = false;
  Estimate rate;                       // changes a second
  Estimate inserts, updates, deletes;  // shares
  double reinserts = 0;                // share of inserts that bring a key back
  FittedPicks picks;
  FittedSizes sizes;
  FittedLateness lateness;
  std::vector<FittedColumn> columns;
};

struct FittedSegment {
  std::int64_t from_ns = 0, to_ns = 0;  // since the first commit
  std::uint64_t transactions = 0, changes = 0;
};

struct FittedChange {  // before this transaction
  std::uint64_t transaction = 0;
  std::int64_t at_ns = 0;  // since the first commit
  double moved = 0;        // the share of transactions that are of another kind, total variation
};

struct Fit {
  std::uint64_t transactions = 0, changes = 0;
  std::uint64_t first = 0, last = 0;  // transactions of the capture
  std::int64_t began_unix_ns = 0, duration_ns = 0;
  Estimate rate;  // changes a second
  FittedSizes sizes;
  std::vector<FittedTable> tables;  // with changes, in the capture's order
  std::vector<FittedSegment> segments;
  std::vector<FittedChange> changes_of_mix;
};

// At least two transactions with changes at different times; nothing otherwise.
std::optional<Fit> fit_capture(const CapturedStream& stream, const FitOptions& options = {});

// A scenario fragment with what was found beside each value.
std::string fit_yaml(const Fit& fit, const std::string& capture);

}  // namespace rehearse
