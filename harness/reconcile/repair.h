// Repair rules at work: what is done about a check's claims, row by row, at a pace, up to a limit.
//
// A rule repairs one row after another, each taking `row_time`: it reads the row from the source at the beginning and
// writes it at the end, so that a change which arrives in between is overwritten by what was read before it. The limit
// is of rows by run, or by rows taken on in any minute, hour or day; what goes beyond it is left to people. A claim
// about a pair whose parent is missing is a claim about the parent. A pause is the rule's own hold of the pipeline, and
// ends when its time is over; while it lasts another pause by this rule does nothing. A row in quarantine is repaired
// by no rule any more; readers still see it. After stop() nothing is written any more, not even what was read already;
// pauses run out. Every action is in the audit log. Invariant: the side on trial is corrected, never the source
// (asserted on the source's digest around every action).
//
// A rule may leave to a program or library of the user's what is done: it is told the claims of a run, and answers with
// key and action for those that something is to be done about. An answer about a key that was not
// claimed, or none, repairs nothing and is in the audit log.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/reconcile/check.h"
#include "harness/reconcile/own_program.h"

namespace rehearse {

struct AuditEntry {
  using Action = scenario::RepairRule::Action;
  enum class Result : std::uint8_t { done, left_to_people, cancelled, no_answer };
  Time at;
  std::uint32_t rule = 0;  // index into the scenario's rules
  std::uint32_t check = 0;
  std::uint64_t run = 0;  // whose claim it was
  StoreId store = 0;
  TableId table = 0;
  RowId row = no_key;  // the key; none for an entry about several rows
  std::uint64_t rows = 1;
  DiscrepancyClass discrepancy = scenario::MISSING;
  Action action = scenario::RepairRule::IGNORE;
  Result result = Result::done;
  std::string problem{};  // of no_answer: why the user's program has none
};

// Rows that no rule touches any more.
using Quarantine = std::set<std::tuple<StoreId, TableId, RowId>>;

// One rule and the rows that wait for it.
class RepairRuleAtWork {
 public:
  RepairRuleAtWork(const scenario::RepairRule& rule, std::uint32_t index, const CheckDescription& check);

  std::uint32_t check() const { return check_; }
  // Takes a run's claims on; returns when the rule wants to go on, if it was idle and has work now.
  std::optional<Time> take(const CheckRun& run, const ReadView& view, const Quarantine& quarantine,
                           std::vector<AuditEntry>& audit);
  // Goes on at the time that was asked for; returns the next one, if any.
  std::optional<Time> go_on(Time now, Controls& controls, Quarantine& quarantine, std::vector<AuditEntry>& audit);
  // When the pipeline that this rule has just paused goes on; asked for once after go_on().
  std::optional<Time> take_pause_end();
  void end_pause(Controls& controls);
  void stop(Time now, std::vector<AuditEntry>& audit);

 private:
  struct Job {
    std::uint64_t run;
    TableId table;
    RowId row;
    DiscrepancyClass discrepancy;
    AuditEntry::Action action;
  };
  AuditEntry::Action action_for(DiscrepancyClass discrepancy) const;
  struct Wish {
    Claim claim;
    AuditEntry::Action action;
  };
  using WishesByKey = std::map<std::pair<std::string, std::string>, std::vector<Wish*>>;  // dataset, key
  // What is to be done about a run's claims; those about nothing that could be repaired are not among them.
  std::vector<Wish> wishes(const CheckRun& run, const ReadView& view, std::vector<AuditEntry>& audit);
  std::string ask_program(const ReadView& view, std::vector<Wish>& wishes);
  static std::string take_answer(const std::string& line, const WishesByKey& wishes);
  AuditEntry entry(Time at, const Job& job, AuditEntry::Result result) const;
  void read_next(Controls& controls);
  bool take_one(Time at);  // false: the limit is reached
  void act(Time now, const Job& job, Controls& controls, Quarantine& quarantine);

  scenario::RepairRule rule_;
  std::uint32_t index_;
  std::string by_;  // itself in words, for what it holds
  std::uint32_t check_;
  StoreId store_;
  std::deque<Job> waiting_;                     // the first is under way if `read_` is set
  std::set<std::pair<TableId, RowId>> queued_;  // rows in waiting_
  std::optional<Controls::RowImage> read_;
  std::deque<Time> taken_;  // when rows were taken on, as far back as the limit looks
  std::uint64_t taken_of_run_ = 0;
  bool paused_ = false;
  std::optional<Time> pause_end_;  // not told yet
  std::optional<OwnProgram> program_;
  bool busy_ = false;
  bool stopped_ = false;
};

}  // namespace rehearse
