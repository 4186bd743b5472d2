// Hand-made records of a rehearsal, a few lines each, for the judge to judge.
//
// Two pipelines write two stores of one table: nightly → old (store 1), cdc → new (store 2). Times are in hours since
// the start unless they say otherwise; the rehearsal lasts 100 hours and every promise is 1 hour.
#pragma once

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "harness/judge/case.h"
#include "harness/judge/judge.h"
#include "scenarios/check_kinds.h"

namespace rehearse::judging::test {

constexpr StoreId old_one = 1, new_one = 2;
constexpr TableId orders = 0;
constexpr Time h(std::int64_t hours) { return Time{} + hour * hours; }
constexpr Time never = Time::never();
using Kind = DivergentInterval::Kind;

class FixedNames : public Names {
 public:
  std::string table(TableId) const override { return "orders"; }
  std::string key(TableId, RowId row) const override { return "id=" + std::to_string(row); }
  std::optional<RowTexts> row(TableId, RowId row, const RowState&) const override {
    if (row == 666) return std::nullopt;
    return RowTexts{false, false, {{"amount", "1.50", "1.00", true}}, {{"sales", true, "4, write 2", std::nullopt}}};
  }
  RowState at_end(StoreId, TableId, RowId) const override { return {}; }
  // Column 0 is wrong by the first of a row's causes, column 1 by the second, and so on.
  std::vector<CauseId> causes_in_columns(const DivergentInterval& divergent, std::uint64_t columns) const override {
    std::vector<CauseId> some;
    const std::vector<CauseId>& all = table_of_causes->members(divergent.causes);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (columns >> i & 1) some.push_back(all[i]);
    return some;
  }
  const CauseTable* table_of_causes = nullptr;
};

// So many reads of each outcome.
inline ReadCounts reads(std::initializer_list<std::pair<ReadOutcome, std::uint64_t>> given) {
  ReadCounts counts;
  for (const auto& [outcome, count] : given) counts[outcome] = count;
  return counts;
}

struct Bench {
  scenario::Scenario scenario;
  TruthRecord truth;
  std::vector<CheckDescription> checks;
  std::vector<CheckRun> runs;
  CauseTable causes;
  mutable FixedNames names;
  std::optional<MigrationRecord> migration;
  std::vector<FaultTruth> faults;
  std::optional<std::vector<std::string>> necessary;
  std::optional<Time> stopped_at;
  Time horizon = h(100);
  Routing routing;  // all three read the old store at first
  std::vector<HoldTruth> holds;
  std::vector<ForkTruth> forks;
  CreditRecord credit;

  Bench() {
    parse(R"(
      name: "bench"
      source { tables { name: "orders" rows: 10 } }
      datasets { name: "orders" of: "orders" }
      pipelines { name: "nightly" batch { produces: "orders" into: "old" } }
      pipelines { name: "cdc" stream { produces: "orders" into: "new" } }
      consumers { name: "dashboard" reads: "orders" tier: LOW assumes: UNIQUE }
      consumers { name: "fraud" reads: "orders" tier: HIGH }
      world { consumers { name: "month_end" reads: "old" tier: MEDIUM } }
      safety { max_divergence { rows: 0 } stale: NEVER rollback: REQUIRED look_ahead_ns: 36000000000000
               max_exposure_ns: 3600000000000 restore_within_ns: 3600000000000 })");
    truth.stores = {{"source", "", {}, {}, {}, h(0), {}, 10, 10},
                    {"old", "nightly", hour, {}, {}, h(0), {{h(0), 10}}, 10, 10},
                    {"new", "cdc", hour, {}, {}, h(0), {{h(0), 10}}, 10, 10}};
    truth.divergent_at_end = {0, 0, 0};
    truth.consumers = {{.name = "dashboard", .tier = 0, .listed = true},
                       {.name = "fraud", .tier = 2, .listed = true},
                       {.name = "month_end", .tier = 1, .listed = false}};
    for (std::size_t i = 0; i < truth.consumers.size(); ++i) routing.add(old_one, h(0));
  }

  void parse(const std::string& text) {  // merges
    scenario::Scenario more;
    const bool parsed = google::protobuf::TextFormat::ParseFromString(text, &more);
    if (!parsed) throw std::runtime_error("the test's scenario is not a text proto");
    scenario.MergeFrom(more);
  }

  // --- truth
  void divergent(StoreId store, RowId row, Time from, Time until, const std::string& cause = "",
                 Kind kind = Kind::mismatch) {
    truth.intervals.push_back(
        {store, orders, row, from, until, cause.empty() ? CauseSet{0} : causes.named(cause), kind, {}});
    std::sort(truth.intervals.begin(), truth.intervals.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.store, a.table, a.row, a.from) < std::tuple(b.store, b.table, b.row, b.from);
    });
  }
  void stale(StoreId store, Time from, Time until) { truth.stores[store].stale.push_back({from, until}); }
  void fault(const std::string& name, std::uint64_t hits, Time at = {}, std::optional<Time> until = Time{}) {
    FaultTruth fault{name, name, "cdc", "", {}, hits, true};
    if (hits > 0) fault.strikes.push_back({at, until, hits});
    faults.push_back(fault);
  }

  // --- checks: `fields` compares the source with the new store unless it is said otherwise.
  std::uint32_t check(const std::string& kind = "field_compare", std::optional<StoreId> reference = source_store,
                      StoreId trial = new_one) {
    const auto index = static_cast<std::uint32_t>(checks.size());
    const std::string name = index == 0 ? "fields" : kind + std::to_string(index);
    std::string options = kind == "field_compare"  ? "sample_ppb: 1000000000"
                          : kind == "sampled_hash" ? "sample_ppb: 50000000"
                                                   : "";
    parse("checks { name: \"" + name + "\" " + kind + " { " + options + " } }");
    CheckDescription description;
    description.index = index;
    description.name = name;
    description.kind = kind;
    description.reference = reference;
    description.trial = trial;
    description.tables = {orders};
    description.quantity = quantity_of(scenario.checks(static_cast<int>(index)));
    checks.push_back(description);
    return index;
  }
  CheckRun& run(std::uint32_t check, Time first_read, Time reported, std::vector<Claim> claims = {}) {
    CheckRun run;
    run.check = check;
    run.number = 1 + static_cast<std::uint64_t>(
                         std::count_if(runs.begin(), runs.end(), [&](const auto& r) { return r.check == check; }));
    run.started = run.first_read = first_read;
    run.last_read = run.reported = reported;
    run.data = true;
    for (const Claim& claim : claims) run.claim(claim);
    run.claims.pack();
    runs.push_back(run);
    return runs.back();
  }

  // What second readings of a run's figures told: of each claim about one whether it is right, in their order.
  void figures(const CheckRun& run, std::vector<FigureVerdict> claims) {
    credit.figures.push_back({run.check, run.number, std::move(claims)});
  }
  void caught(const CheckRun& run, RowId row, Time since, const std::string& cause = "") {
    credit.catches.push_back(
        {run.check, run.number, new_one, orders, row, since, cause.empty() ? CauseSet{0} : causes.named(cause)});
  }

  // --- plan: three phases, shadow, canary (moves the dashboard), full (moves the rest); one trigger on `age` for 2 h.
  void plan() {
    parse(R"(migration { from: "nightly" to: "cdc" rollback { triggers { metric: "age" } }
      phases { name: "shadow" } phases { name: "canary" move { consumers: "dashboard" } }
      phases { name: "full" move { rest: TOGETHER } } })");
    migration.emplace();
    migration->from = "nightly";
    migration->to = "cdc";
    for (const char* name : {"shadow", "canary", "full"}) {
      migration->phases.push_back({});
      migration->phases.back().name = name;
      migration->gates.push_back({});
      migration->gates.back().phase = name;
    }
    enter(0, h(0));
    TriggerRecord trigger;
    trigger.text = "age above 10m for 2h";
    trigger.metric = "age";
    trigger.length = hour * 2;
    trigger.samples = 50;
    migration->triggers.push_back(trigger);
    migration->decision = MigrationDecision::held;
  }
  void enter(std::size_t phase, Time at) {
    migration->phases[phase].entered = at;
    migration->phases[phase].how = PhaseRecord::How::still_in;
  }
  void go(std::size_t phase, Time at) {  // from the phase before
    migration->phases[phase - 1].left = at;
    migration->phases[phase - 1].how = PhaseRecord::How::passed;
    enter(phase, at);
    const std::string consumer = phase == 1 ? "dashboard" : "fraud";
    const std::uint32_t index = phase == 1 ? 0 : 1;
    migration->phases[phase].moved.push_back({at, index, consumer, old_one, new_one, true, ""});
    routing.send(index, new_one, at, "phase " + migration->phases[phase].name);
    migration->gos.push_back(
        {at, migration->phases[phase - 1].name, migration->phases[phase].name, new_one, {consumer}});
    if (phase + 1 == migration->phases.size()) migration->decision = MigrationDecision::cut_over;
  }
  void roll_back(Time at, Duration takes = minute) {
    migration->decision = MigrationDecision::rolled_back;
    RollbackRecord& rollback = migration->rollback.emplace();
    rollback.started = at;
    for (PhaseRecord& phase : migration->phases) {
      if (phase.how == PhaseRecord::How::still_in) {
        phase.how = PhaseRecord::How::rolled_back;
        phase.left = at;
        rollback.phase = phase.name;
      }
      for (const MoveRecord& move : phase.moved) routing.send(move.consumer, move.from, at + takes, "rollback");
      for (const MoveRecord& move : phase.moved)
        rollback.returned.push_back({at + takes, move.consumer, move.name, move.to, move.from, true, ""});
    }
    if (!rollback.returned.empty()) rollback.consumers_back_at = at + takes;
    migration->triggers[0].fired_at = at;
  }

  // A copy that went on from a decision, in which what is true here is true as far as it goes, and until `end`.
  void fork(
      ForkTruth::Kind kind, Time made, Time end, const std::function<void(Bench&)>& change = [](Bench&) {}) {
    Bench copy = *this;
    change(copy);
    copy.read_every_minute(end);
    ForkTruth fork;
    fork.kind = kind;
    fork.made = made;
    fork.end = end;
    fork.truth = copy.truth;
    fork.causes = copy.causes;
    fork.routing = copy.routing;
    fork.holds = copy.holds;
    if (copy.migration->rollback) fork.fired = copy.migration->rollback->started;
    forks.push_back(std::move(fork));
  }
  // Consumers of which the test says nothing else.
  void read_every_minute(Time end) {
    for (std::uint32_t consumer = 0; consumer < truth.consumers.size(); ++consumer) {
      ReadHistory& history = truth.consumers[consumer].history;
      if (!history.runs().empty()) continue;
      std::vector<Route> stretches;
      for (const Route& route : routing.history())
        if (route.consumer == consumer) stretches.push_back(route);
      for (Time t; t < end; t += minute) {
        while (stretches.size() > 1 && stretches[1].since <= t) stretches.erase(stretches.begin());
        history.add(t, stretches[0].store, RIGHT);
      }
    }
  }

  JudgeInputs inputs() const {
    names.table_of_causes = &causes;
    JudgeInputs in{
        .scenario = scenario, .truth = truth, .checks = checks, .runs = runs, .causes = causes, .names = names};
    if (migration) in.migration = &*migration;
    in.credit = &credit;
    in.faults = faults;
    in.necessary = necessary;
    in.horizon = horizon;
    in.stopped_at = stopped_at;
    in.routing = routing;
    in.holds = holds;
    in.forks = forks;
    return in;
  }
  result::Result judged() const {
    Bench read = *this;
    read.read_every_minute(horizon);
    return judge(read.inputs());
  }
};

inline Claim claim(RowId row, scenario::DiscrepancyClass kind = scenario::MISMATCH) {
  return {.row = row, .table = orders, .kind = static_cast<std::uint8_t>(kind), .columns = 0};
}
inline Claim claim_of_table(scenario::DiscrepancyClass kind = scenario::AGGREGATE) {
  return {.row = Claim{}.row, .table = orders, .kind = static_cast<std::uint8_t>(kind), .columns = 0};
}

}  // namespace rehearse::judging::test
