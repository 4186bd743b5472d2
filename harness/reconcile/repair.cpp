#include "harness/reconcile/repair.h"

#include <fmt/format.h>

#include "harness/program/json.h"
#include "harness/reconcile/own_claims.h"
#include "harness/reconcile/own_json.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/assert.h"

namespace rehearse {

using scenario::RepairRule;

namespace {

// The window that a limit looks at; none: the run.
std::optional<Duration> window_of(scenario::RepairLimit::Per per) {
  switch (per) {
    case scenario::RepairLimit::MINUTE:
      return minute;
    case scenario::RepairLimit::HOUR:
      return hour;
    case scenario::RepairLimit::DAY:
      return day;
    default:
      return std::nullopt;
  }
}

// A claim as the user's own logic is told it.
struct ClaimTold {
  std::string dataset, key, kind;
  std::vector<std::string> columns;
};

ClaimTold told_of(const Claim& claim, const ReadView& view) {
  ClaimTold told{view.dataset_name(claim.table),
                 view.key_text(claim.table, claim.row),
                 scenario::DiscrepancyClass_Name(claim.discrepancy()),
                 {}};
  for (char& c : told.kind) c = static_cast<char>(c - 'A' + 'a');
  const TableSchema& schema = view.schema(claim.table);
  for (std::size_t id = 0; claim.columns != 0 && id < schema.columns.size(); ++id)
    if (claim.names(static_cast<ColumnId>(id))) told.columns.push_back(schema.columns[id].name);
  return told;
}

std::string json_of(const ClaimTold& told) {
  std::string columns;
  for (const std::string& name : told.columns) columns += (columns.empty() ? "" : ", ") + json_text(name);
  return fmt::format(R"({{"dataset": {}, "key": {}, "class": "{}", "columns": [{}]}})"
                     "\n",
                     json_text(told.dataset), json_text(told.key), told.kind, columns);
}

void call_repair(const std::vector<ClaimTold>& told, void* function, const OwnParameters& parameters,
                 const own::abi::Answer& answer) {
  std::vector<std::vector<own::abi::Text>> columns;
  for (const ClaimTold& claim : told)
    for (columns.emplace_back(); const std::string& name : claim.columns) columns.back().push_back(plain_text(name));
  std::vector<own::abi::Claim> claims;
  for (std::size_t i = 0; i < told.size(); ++i)
    claims.push_back({plain_text(told[i].dataset), plain_text(told[i].key), plain_text(told[i].kind), columns[i].data(),
                      columns[i].size()});
  const std::vector<own::abi::Parameter> given = parameters.plain();
  const own::abi::RepairQuestion asked{claims.data(), claims.size(), given.data(), given.size()};
  reinterpret_cast<own::abi::RepairFunction*>(function)(&asked, &answer);
}

}  // namespace

RepairRuleAtWork::RepairRuleAtWork(const RepairRule& rule, std::uint32_t index, const CheckDescription& check)
    : rule_(rule),
      index_(index),
      by_(fmt::format("repair[{}] of {}", index, check.name)),
      check_(check.index),
      store_(check.trial),
      program_(OwnProgram::of(rule)) {
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

std::vector<RepairRuleAtWork::Wish> RepairRuleAtWork::wishes(const CheckRun& run, const ReadView& view,
                                                             std::vector<AuditEntry>& audit) {
  std::vector<Wish> wishes;
  for (const Claim& claim : run.claims.list()) {
    const AuditEntry::Action action = program_ ? RepairRule::IGNORE : action_for(claim.discrepancy());
    if ((!program_ && action == RepairRule::IGNORE) || !claim.names_row()) continue;
    wishes.push_back({claim, action});
  }
  if (!program_ || wishes.empty()) return wishes;
  if (std::string problem = ask_program(view, wishes); !problem.empty()) {
    audit.push_back({.at = run.reported,
                     .rule = index_,
                     .check = check_,
                     .run = run.number,
                     .store = store_,
                     .rows = wishes.size(),
                     .result = AuditEntry::Result::no_answer,
                     .problem = std::move(problem)});
    wishes.clear();
  }
  return wishes;
}

// Tells the program the claims; what it wants done is put beside each. Returns why there is no answer.
std::string RepairRuleAtWork::ask_program(const ReadView& view, std::vector<Wish>& wishes) {
  WishesByKey by_key;
  std::vector<ClaimTold> told;
  OwnQuestion question;
  for (Wish& wish : wishes) {
    told.push_back(told_of(wish.claim, view));
    question.input += json_of(told.back());
    by_key[{told.back().dataset, told.back().key}].push_back(&wish);
  }
  question.kind = "repair";
  question.call = [&](void* function, const OwnParameters& parameters, const own::abi::Answer& answer) {
    call_repair(told, function, parameters, answer);
  };
  const OwnAnswer answer = program_->ask(question);
  if (!answer.problem.empty()) return answer.problem;
  const std::string wrong =
      for_each_line(answer.output, [&](const std::string& line, std::size_t) { return take_answer(line, by_key); });
  return wrong.empty() ? wrong : fmt::format("{}: {}", program_->name(), wrong);
}

std::string RepairRuleAtWork::take_answer(const std::string& line, const WishesByKey& wishes) {
  OwnLine said;
  if (std::string problem = read_own_line(line, said); !problem.empty()) return problem;
  const std::string key = key_of_parts(said.key);
  const std::string& only = wishes.begin()->first.first;  // a key alone will do where one dataset is repaired
  const auto claimed = wishes.find({said.dataset.empty() ? only : said.dataset, key});
  if (said.key.empty() || claimed == wishes.end()) return fmt::format("the key {} was not claimed", shown(key));
  std::string word = said.action;
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  AuditEntry::Action action{};
  if (!RepairRule::Action_Parse(word, &action)) return fmt::format("there is no action {}", shown(said.action));
  for (Wish* wish : claimed->second) wish->action = action;
  return {};
}

bool RepairRuleAtWork::take_one(Time at) {
  const auto most = static_cast<std::uint64_t>(rule_.at_most().count());
  const std::optional<Duration> window = window_of(rule_.at_most().per());
  if (!window) return taken_of_run_++ < most;
  while (!taken_.empty() && taken_.front() + *window <= at) taken_.pop_front();
  if (taken_.size() >= most) return false;
  taken_.push_back(at);
  return true;
}

std::optional<Time> RepairRuleAtWork::take(const CheckRun& run, const ReadView& view, const Quarantine& quarantine,
                                           std::vector<AuditEntry>& audit) {
  if (stopped_) return std::nullopt;
  std::uint64_t beyond = 0;
  taken_of_run_ = 0;
  for (const auto& [wanted, action] : wishes(run, view, audit)) {
    const Claim& claim = wanted;
    if (action == RepairRule::IGNORE) continue;
    const bool of_parent = claim.about == Claim::About::pair && claim.kind == scenario::MISSING;
    const TableId table = of_parent ? claim.other_table : claim.table;
    const RowId row = of_parent ? claim.other : claim.row;
    if (queued_.count({table, row}) > 0 || quarantine.count({store_, table, row}) > 0) continue;
    if (!take_one(run.reported)) {
      ++beyond;
      continue;
    }
    queued_.insert({table, row});
    waiting_.push_back({run.number, table, row, claim.discrepancy(), action});
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
  return run.reported + (program_ ? program_->takes() : Duration{});
}

void RepairRuleAtWork::read_next(Controls& controls) {
  read_ = controls.read_source_row(waiting_.front().table, waiting_.front().row);
}

std::optional<Time> RepairRuleAtWork::go_on(Time now, Controls& controls, Quarantine& quarantine,
                                            std::vector<AuditEntry>& audit) {
  if (stopped_) return std::nullopt;
  const Duration row_time{rule_.row_time_ns()};
  do {
    if (!read_) {
      read_next(controls);
      if (row_time.ns > 0) return now + row_time;
    }
    const Job job = waiting_.front();
    const bool set_aside = quarantine.count({store_, job.table, job.row}) > 0;  // while it waited
    if (!set_aside) {
      const Digest128 source = controls.source_digest();
      act(now, job, controls, quarantine);
      REHEARSE_ASSERT(controls.source_digest() == source, "a repair leaves the source as it is");
    }
    audit.push_back(entry(now, job, set_aside ? AuditEntry::Result::cancelled : AuditEntry::Result::done));
    waiting_.pop_front();
    queued_.erase({job.table, job.row});
    read_.reset();
  } while (!waiting_.empty());
  busy_ = false;
  return std::nullopt;
}

void RepairRuleAtWork::act(Time now, const Job& job, Controls& controls, Quarantine& quarantine) {
  switch (job.action) {
    case RepairRule::RELOAD_FROM_SOURCE:
      return controls.write_row(store_, *read_);
    case RepairRule::RE_APPLY_TRANSFORM:
      return controls.write_row(store_, controls.mapped(store_, *read_));
    case RepairRule::DEDUPLICATE:
      return controls.deduplicate_row(store_, job.table, job.row);
    case RepairRule::DELETE:
      return controls.delete_row(store_, job.table, job.row);
    case RepairRule::QUARANTINE:
      quarantine.insert({store_, job.table, job.row});
      return;
    case RepairRule::PAUSE_PIPELINE:
      if (paused_) return;
      paused_ = true;
      pause_end_ = now + Duration{rule_.pause_for_ns()};
      return controls.pause_pipeline_of(store_, index_, by_);
    default:
      REHEARSE_ASSERT(false, "what is ignored is never taken on");
  }
}

std::optional<Time> RepairRuleAtWork::take_pause_end() {
  const std::optional<Time> end = pause_end_;
  pause_end_.reset();
  return end;
}

void RepairRuleAtWork::end_pause(Controls& controls) {
  if (!paused_) return;
  paused_ = false;
  controls.resume_pipeline_of(store_, index_);
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
