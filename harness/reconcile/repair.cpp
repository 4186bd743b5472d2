#include "harness/reconcile/repair.h"

#include "sim/kernel/assert.h"

namespace rehearse {

using scenario::RepairRule;

RepairRuleAtWork::RepairRuleAtWork(const RepairRule& rule, std::uint32_t index, const CheckDescription& check)
    : rule_(rule), index_(index), check_(check.index), store_(check.trial) {
  REHEARSE_ASSERT(store_ != source_store, "a repair never writes the source");
}

AuditEntry::Action RepairRuleAtWork::action_for(DiscrepancyClass discrepancy) const {
  switch (discrepancy) {
    case scenario::MISSING:
      return rule_.missing();
    case scenario::EXTRA:
      return rule_.extra();
    case scenario::MISMATCH:
      return rule_.mismatch();
    case scenario::DUPLICATE:
      return rule_.duplicate();
    default:
      return RepairRule::IGNORE;
  }
}

AuditEntry RepairRuleAtWork::entry(Time at, const Job& job, AuditEntry::Result result) const {
  return {.at = at,
          .rule = index_,
          .check = check_,
          .run = job.run,
          .store = store_,
          .table = job.table,
          .row = job.row,
          .rows = 1,
          .discrepancy = job.discrepancy,
          .action = job.action,
          .result = result};
}

std::optional<Time> RepairRuleAtWork::take(const CheckRun& run, std::vector<AuditEntry>& audit) {
  if (stopped_) return std::nullopt;
  const auto most = static_cast<std::uint64_t>(rule_.at_most().count());
  std::uint64_t taken = 0, beyond = 0;
  for (const Claim& claim : run.claims) {
    const AuditEntry::Action action = action_for(claim.discrepancy());
    if (action == RepairRule::IGNORE || claim.row == no_key || queued_.count({claim.table, claim.row}) > 0) continue;
    if (taken == most) {
      ++beyond;
      continue;
    }
    ++taken;
    queued_.insert({claim.table, claim.row});
    waiting_.push_back({run.number, claim.table, claim.row, claim.discrepancy(), action});
  }
  if (beyond > 0)
    audit.push_back({.at = run.reported,
                     .rule = index_,
                     .check = check_,
                     .run = run.number,
                     .store = store_,
                     .rows = beyond,
                     .result = AuditEntry::Result::left_to_people});
  if (busy_ || waiting_.empty()) return std::nullopt;
  busy_ = true;
  return run.reported;
}

void RepairRuleAtWork::read_next(Controls& controls) {
  read_ = controls.read_source_row(waiting_.front().table, waiting_.front().row);
}

std::optional<Time> RepairRuleAtWork::go_on(Time now, Controls& controls, std::vector<AuditEntry>& audit) {
  if (stopped_) return std::nullopt;
  const Duration row_time{rule_.row_time_ns()};
  do {
    if (!read_) {
      read_next(controls);
      if (row_time.ns > 0) return now + row_time;
    }
    const Job job = waiting_.front();
    if (job.action == RepairRule::DEDUPLICATE) controls.deduplicate_row(store_, job.table, job.row);
    else controls.write_row(store_, *read_);
    audit.push_back(entry(now, job, AuditEntry::Result::done));
    waiting_.pop_front();
    queued_.erase({job.table, job.row});
    read_.reset();
  } while (!waiting_.empty());
  busy_ = false;
  return std::nullopt;
}

void RepairRuleAtWork::stop(Time now, std::vector<AuditEntry>& audit) {
  for (const Job& job : waiting_) audit.push_back(entry(now, job, AuditEntry::Result::cancelled));
  waiting_.clear();
  queued_.clear();
  read_.reset();
  busy_ = false;
  stopped_ = true;
}

}  // namespace rehearse
