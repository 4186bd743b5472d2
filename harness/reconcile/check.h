// What a reconciliation check is: it reads the world in steps of simulated time and reports what it found.
//
// A run begins at its occasion, goes on at the times that the check asks for, and ends with a report. What it reports
// are claims, which may be wrong: it sees stores as a query would, each side at another instant. A run that found a
// side not ready, or nothing to measure or to compare, has no data: that is not a pass. Left out: checks that fail or
// are cancelled. Invariants: a check never writes, and all it knows comes from the ReadView; it is a value behind
// clone(), so that a rehearsal that is copied in the middle of its run goes on with a run of its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/reconcile/claim_set.h"
#include "scenarios/annotations/quantities.h"
#include "scenarios/schema/checks.pb.h"
#include "sim/kernel/recurrence.h"
#include "sim/kernel/time.h"
#include "sim/rows/types.h"
#include "sim/world/read_view.h"

namespace rehearse {

inline constexpr std::size_t discrepancy_classes = scenario::DiscrepancyClass_ARRAYSIZE;

// One aggregate of one group, as both sides had it.
struct AggregateFigure {
  TableId table = 0;
  std::uint32_t measure = 0;  // index into the check's measures
  std::string group;          // empty without `group_by`
  double reference = 0;
  double trial = 0;
  bool differs = false;
};

// What a run measured, by the quantity's dimension: a count, a duration, or a share as a fraction.
using Measured = std::variant<std::uint64_t, Duration, double>;
double as_number(const Measured& measured);  // durations in nanoseconds

struct CheckRun {
  std::uint32_t check = 0;   // index into the scenario's checks
  std::uint64_t number = 0;  // of this check's runs, from 1
  Time due;                  // its occasion
  Time started;
  Time first_read;  // the earliest instant whose rows it saw
  Time last_read;   // the latest
  Time reported;
  bool data = false;
  std::uint64_t rows_compared = 0;
  std::uint64_t rows_unsettled = 0;  // left out because a change was under way
  std::uint64_t lag_claims = 0;      // of own logic that reads naively: those that lag alone makes
  std::array<std::uint64_t, discrepancy_classes> found{};  // by class; a count that is off by three rows is three
  ClaimSet claims;                                         // packed when it reports

  std::string problem;           // why the user's own logic has no answer; empty otherwise
  std::optional<double> figure;  // that the user's own logic returned

  // What it measured; which of these are set depends on the kind of check.
  std::uint64_t reference_rows = 0, trial_rows = 0;  // row_count, duplicates (trial)
  std::uint64_t changes = 0;                         // latency: that became visible since the last run
  std::optional<Duration> mean;                      // latency
  std::optional<Measured> measured;                  // the quantity that the check's description names
  std::uint64_t rows_read = 0, rounds = 0;           // checksum: what it cost, of both sides and over all rounds
  std::vector<AggregateFigure> aggregates;           // all in total, or those that differ by group; at most 1,000

  std::uint64_t discrepancies() const;  // of all classes but timing
  bool found_anything() const;          // of any class
  void claim(const Claim& claim, std::uint64_t times = 1);
};

// Of a check's runs that are not kept one by one.
struct RunsNotKept {
  std::uint64_t runs = 0;
  std::uint64_t without_data = 0;
  std::uint64_t rows_compared = 0;
  Time last_started;       // of the check's runs so far, kept or not
  Duration longest_apart;  // between the starts of two in a row, kept or not
};

struct CheckDescription {
  std::uint32_t index = 0;
  std::string name;
  std::string kind;                  // as in scenario files: "row_count"
  std::optional<StoreId> reference;  // none: an observation of one store
  StoreId trial = 0;                 // the side on trial
  std::vector<TableId> tables;
  // By position in `tables`: the columns whose values it compares, as Claim::columns. Empty: all that contracts have.
  std::vector<std::uint64_t> compares;
  scenario::Severity severity = scenario::WARNING;
  scenario::Align align = scenario::POSITION;  // of comparisons
  Recurrence due;
  std::vector<std::string> during;                         // the phases in which it runs; empty: always
  bool empty_agrees = false;                               // a run that found nothing to look at has data
  Quantity quantity = CLAIMS;                              // what its series shows
  bool monitor() const { return is_monitored(quantity); }  // makes no claims
};

class Onlooker;  // second_reading.h

class Check {
 public:
  struct Context {
    ReadView& view;
    Comparisons& comparisons;
    CheckRun& run;
    Time next_due;                 // by when the run should be over
    Onlooker* onlooker = nullptr;  // none: nobody looks on
  };
  // When the run wants to go on; none: it is complete and reports now.
  using Next = std::optional<Time>;

  explicit Check(CheckDescription description) : description_(std::move(description)) {}
  virtual ~Check() = default;
  virtual std::unique_ptr<Check> clone() const = 0;
  const CheckDescription& description() const { return description_; }

  virtual Next begin(Context context) = 0;
  virtual Next go_on(Context context) = 0;
  // How long before its occasion a run must begin.
  virtual Duration ahead() const { return {}; }

 private:
  CheckDescription description_;
};

// The usual clone(): a copy.
template <class Derived, class Base = Check>
class Copied : public Base {
 public:
  using Base::Base;
  std::unique_ptr<Check> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

}  // namespace rehearse
