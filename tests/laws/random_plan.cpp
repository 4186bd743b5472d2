#include "tests/laws/random_plan.h"

#include <fmt/format.h>

#include <utility>

#include "harness/judge/gates.h"

namespace rehearse::laws {
namespace {

class Author {
 public:
  explicit Author(std::uint64_t number) : pick_(number, "random_plan") { plan_.number = number; }

  RandomPlan plan() {
    source();
    pipelines();
    consumers();
    checks();
    phases();
    rollback();
    safety();
    faults();
    return std::move(plan_);
  }

 private:
  void source() {
    plan_.hours = pick_.between(20, 40);
    const bool deletes = !pick_.one_in(3);
    plan_.workload = fmt::format("peak_rate: {}/h, mix: {{insert: 20%, update: {}, delete: {}}}, pick: {{updates: {}}}",
                                 pick_.of({"4", "12", "40"}), deletes ? "60%" : "80%", deletes ? "20%" : "0%",
                                 pick_.of({"uniform", "zipf(1.1)"}));
    const std::string columns = "columns: {id: , amount: , status: , created_at: , updated_at: }";
    switch (pick_.between(1, 4)) {
      case 1:
        plan_.contract = "where: {status: [status_0, status_1]}, " + columns;
        break;
      case 2:
        plan_.contract = "kind: aggregate, aggregate: {by: status, measures: {orders: , amount: amount}}";
        aggregate_ = true;
        break;
      default:
        plan_.contract = columns;
    }
  }

  void pipelines() {
    const std::string every = pick_.of({"2h", "3h", "4h"});
    plan_.batch = fmt::format(
        "every: {}, rate: {}/s, extract: {}, load: {}, freshness: {}, keep_snapshots: {}, catch_up: {}", every,
        pick_.of({"1", "50"}), aggregate_ || !pick_.one_in(3) ? "snapshot" : "{incremental: {cursor: updated_at}}",
        aggregate_ ? "replace" : pick_.of({"replace", "merge"}), pick_.of({"5h", "6h", "26h"}), pick_.between(1, 2),
        pick_.of({"none", "latest", "all"}));
    plan_.stream = fmt::format(
        "freshness: {}, connector: {{poll_every: {}, flush_offsets_every: {}}}, topic: {{partitions: {}, retention: "
        "{}}}, processor: {{workers: {}, service_time: exponential({})}}, delivery: {}, sink: {{write: {}, "
        "flush_every: {}}}",
        pick_.of({"2m", "10m"}), pick_.of({"1s", "30s", "2m"}), pick_.of({"1m", "10m"}), pick_.between(1, 2),
        pick_.of({"30m", "7d", "7d"}), pick_.between(1, 2), pick_.of({"10ms", "2s"}),
        pick_.of({"at_least_once", "at_least_once", "at_least_once", "at_most_once"}),
        pick_.of({"upsert", "upsert", "upsert_if_newer", pick_.one_in(3) ? "append" : "upsert"}),
        pick_.of({"1s", "1m"}));
  }

  void consumers() {
    plan_.consumers.push_back(fmt::format("dash: {{reads: sales, every: {}, tier: low, pick: {}}}",
                                          pick_.of({"17m", "30m"}), pick_.of({"uniform", "zipf(1.0)"})));
    plan_.consumers.push_back(
        fmt::format("fraud: {{reads: sales, every: {}, tier: high, {}}}", pick_.of({"11m", "20m"}),
                    pick_.of({"assumes: [unique]", "needs: {complete: true}", "needs: {freshness: 30s}",
                              "needs: {tolerance: 20%}", "needs: {unique: true, complete: true}"})));
    if (pick_.one_in(3)) plan_.consumers.push_back("portal: {reads: sales, every: 41m, tier: medium}");
    if (pick_.one_in(3))
      plan_.unlisted.push_back(
          fmt::format("month_end: {{reads: {}, every: 1h, tier: medium}}", pick_.of({"old", "new"})));
  }

  void checks() {
    plan_.checks.push_back(fmt::format("fields: {{field_compare: {{between: [source, new], every: {}, align: {}}}}}",
                                       pick_.of({"30m", "1h"}), pick_.of({"position", "naive"})));
    plan_.checks.push_back("age: {freshness: {of: new, every: 10m}}");
    plan_.metrics = {"bad: {from: fields, per: rows_compared}", "age: {from: age}"};
    if (pick_.one_in(3)) plan_.checks.push_back("counts: {row_count: {between: [source, new], every: 1h, offset: 7m}}");
    if (pick_.one_in(3)) plan_.checks.push_back("of_old: {key_coverage: {between: [source, old], every: 2h}}");
    if (pick_.one_in(3)) plan_.checks.push_back("twice: {duplicates: {of: new, every: 1h, offset: 20m}}");
    if (pick_.one_in(3))
      plan_.repairs.push_back(fmt::format("{{of: fields, missing: {}, mismatch: {}, at_most: 3 per run}}",
                                          pick_.of({"reload_from_source", "ignore"}),
                                          pick_.of({"reload_from_source", "pause_pipeline"})));
  }

  void phases() {
    const auto gate = [&] {
      return fmt::format("at_least: {}m, exit: [{{metric: bad, below: {}, for: {}}}]", 30 * pick_.between(2, 9),
                         pick_.of({"0.1%", "30%", "90%"}), pick_.of({"0s", "1h", "2h"}));
    };
    plan_.phases.push_back("{name: shadow, " + gate() + "}");
    plan_.phases.push_back("{name: canary, move: [dash], " + gate() + (pick_.one_in(4) ? ", do: [pause nightly]" : "") +
                           "}");
    plan_.phases.push_back("{name: full, move: {rest: by_tier}, soak: " + pick_.of({"30m", "1h"}) + ", " + gate() +
                           "}");
    plan_.phases.push_back(
        fmt::format("{{name: off, do: [{}]}}", pick_.of({"pause nightly", "pause nightly, run_now nightly"})));
  }

  void rollback() {
    if (pick_.one_in(8)) return;
    plan_.triggers.push_back(
        fmt::format("{{metric: bad, above: {}, for: {}}}", pick_.of({"0.1%", "10%"}), pick_.of({"0s", "1h", "4h"})));
    plan_.triggers.push_back(
        fmt::format("{{metric: age, above: {}, for: {}}}", pick_.of({"5m", "2h"}), pick_.of({"0s", "20m"})));
    if (!pick_.one_in(6)) plan_.steps.push_back("{redirect_consumers: " + pick_.of({"30s", "30s", "40m"}) + "}");
    if (!pick_.one_in(6)) plan_.steps.push_back("{resume: nightly}");
    if (pick_.one_in(2)) plan_.steps.push_back("{run_now: nightly}");
    if (pick_.one_in(4)) plan_.steps.push_back("{restore_snapshot: {pipeline: nightly, takes: 5m}}");
    if (plan_.steps.empty()) plan_.steps.push_back("{open_incident: 0s}");
  }

  void safety() {
    const auto say = [&](const std::string& what) { plan_.safety.push_back(what); };
    say("max_divergence: " + pick_.of({"0", "0", "2", "10%", "30%"}));
    say("stale: " + pick_.of({"never", "allowed"}));
    if (plan_.triggers.empty()) say("rollback: optional");
    say("look_ahead: " + pick_.of({"1h", "3h", "8h"}));
    say("max_exposure: " + pick_.of({"0s", "10m", "1h", "3h"}));
    say("restore_within: " + pick_.of({"5m", "1h", "2h"}));
  }

  // At a round time, at a GO or a while after it, again and again, or at random.
  std::string when() {
    switch (pick_.between(1, 5)) {
      case 1:
        return fmt::format("at: {}m", 30 * pick_.between(1, plan_.hours * 2));
      case 2:
        return fmt::format("at: {{phase: {}, plus: {}m}}", pick_.of({"canary", "full", "off"}),
                           pick_.one_in(3) ? 0 : pick_.between(1, 300));
      case 3:
        return fmt::format("at: {}m", 60 * plan_.hours - pick_.between(1, 600));
      case 4:
        return fmt::format("every: {}h", pick_.between(4, 15));
      default:
        return fmt::format("rate: {}/d", pick_.between(1, 4));
    }
  }

  void faults() {
    for (std::int64_t i = pick_.between(0, 4); i > 0; --i) plan_.faults.push_back(fault(fmt::format("f{}", i)));
  }

  std::string fault(const std::string& name) {
    const auto written = [&](const std::string& kind, const std::string& parameters) {
      return fmt::format("{{name: {}, {}: {{{}, {}}}}}", name, kind, parameters, when());
    };
    const std::string lasts = fmt::format("for: {}m", pick_.of({"3", "40", "300"}));
    switch (pick_.between(1, 7)) {
      case 1:
        return written("connector_restart",
                       fmt::format("pipeline: cdc, part: {}, down_for: {}m", pick_.of({"source_connector", "sink"}),
                                   pick_.of({"1", "30", "200"})));
      case 2:
        return written("duplicate_delivery", "pipeline: cdc, share: 40%, delay: exponential(20m), " + lasts);
      case 3:
        return written("out_of_order_deletes", "pipeline: cdc, share: 60%, delay: exponential(30m), " + lasts);
      case 4:
        return written("burst", fmt::format("table: orders, factor: {}, {}", pick_.between(2, 9), lasts));
      case 5:
        if (std::exchange(drifted_, true) || aggregate_) break;
        return fmt::format(
            "{{name: {}, schema_drift: {{table: orders, at: {}m, change: {{rename: {{from: status, to: state}}}}, "
            "fixed_after: {}m}}}}",
            name, pick_.between(60, 1'200), pick_.between(1, 200));
      default:
        break;
    }
    return written(
        "field_corruption",
        fmt::format("pipeline: {}, column: amount, share: {}, how: {}, {}", pick_.of({"cdc", "cdc", "cdc", "nightly"}),
                    pick_.of({"10%", "100%"}), pick_.of({"\"null\"", "shift", "truncate", "stale"}), lasts));
  }

  Picks pick_;
  RandomPlan plan_;
  bool aggregate_ = false, drifted_ = false;
};

// "checks: {a, b}", with one entry a line.
std::string section(const std::string& head, const std::vector<std::string>& entries, const char* before,
                    const std::string& indent = "  ") {
  if (entries.empty()) return "";
  std::string text = head + "\n";
  for (const std::string& entry : entries) text += indent + before + entry + "\n";
  return text;
}

}  // namespace

RandomPlan random_plan(std::uint64_t number) { return Author(number).plan(); }

std::string RandomPlan::text() const {
  std::string text = fmt::format(
      "format: 1\nname: plan-{}\nstart: 2026-03-02T00:00:00Z\nduration: {}h\nseed: {}\n"
      "source:\n  tables:\n    orders:\n      rows: {}\n      columns: {{id: {{type: bigint, key: true}}, amount: "
      "{{type: "
      "\"decimal(12,2)\"}}, status: {{type: text, distinct: 4}}, memo: {{type: text, distinct: 9}}, created_at: "
      "{{type: "
      "timestamptz, role: created_at}}, updated_at: {{type: timestamptz, role: updated_at}}}}\n      workload: {{{}}}\n"
      "    notes: {{rows: 5, columns: {{id: {{type: bigint, key: true}}, body: {{type: text, distinct: 4}}}}, "
      "workload: "
      "{{peak_rate: 1/h, mix: {{update: 100%}}}}}}\n"
      "datasets:\n  sales: {{of: orders, {}}}\n  notes: {{of: notes}}\n"
      "pipelines:\n  nightly: {{batch: {{produces: sales, into: old, {}}}}}\n  cdc: {{stream: {{produces: sales, "
      "into: "
      "new, {}}}}}\n  aside: {{stream: {{produces: notes, into: apart, freshness: 10m}}}}\n",
      number, hours, number, 8 + number % 30, workload, contract, batch, stream);
  text += section("consumers:", consumers, "") + section("checks:", checks, "") + section("metrics:", metrics, "") +
          section("repair:", repairs, "- ") + section("safety:", safety, "");
  if (has_plan) {
    text += section("migration:\n  from: nightly\n  to: cdc\n  phases:", phases, "- ", "    ");
    if (!triggers.empty())
      text += section("  rollback:\n    triggers:", triggers, "- ", "      ") +
              section("    steps:", steps, "- ", "      ");
  }
  if (unlisted.empty() && faults.empty()) return text;
  return text + "world:\n" + section("  consumers:", unlisted, "", "    ") + section("  faults:", faults, "- ", "    ");
}

Judgements judgements_of(const JudgeInputs& recorded) {
  const judging::Case c(recorded);
  return {judging::judge_gates(c), judging::judge_rollback(c), judging::missed_dangers(c)};
}

std::string text_of(const result::GateJudgement& gate) {
  return fmt::format("{} of {} at {}: {}: {}", gate.kind() == result::GateJudgement::go ? "GO" : "NO-GO", gate.phase(),
                     gate.at_ns(), gate.was() == result::right ? "right" : "false", gate.why());
}
std::string text_of(const result::Rollback& rollback) {
  return fmt::format("rollback at {}: {}: {} {} {}", rollback.fired_at_ns(),
                     rollback.was() == result::right ? "right" : "wrong", rollback.why(),
                     rollback.landed() ? "landed" : "crashed", rollback.landing());
}
std::string text_of(const judging::Danger& danger) {
  return fmt::format("danger of {} in {} from {} passed at {}: {}", danger.reader, danger.store, danger.from.ns,
                     danger.passed.ns, danger.what);
}
std::string text_of(const Judgements& judgements) {
  std::string text;
  for (const result::GateJudgement& gate : judgements.gates) text += text_of(gate) + "\n";
  if (judgements.rollback) text += text_of(*judgements.rollback) + "\n";
  for (const judging::Danger& danger : judgements.dangers) text += text_of(danger) + "\n";
  return text;
}

void rehearsed(const RandomPlan& plan, const std::function<void(const JudgeInputs&)>& judge_of_it,
               const std::vector<std::string>& without_faults) {
  const Loaded loaded = from_text(plan.text());
  RehearsalOptions options;
  options.twins = false;
  options.assembly.without_faults = without_faults;
  rehearse(loaded.scenario, loaded.inputs, options, [&](const JudgeInputs& recorded) {
    judge_of_it(recorded);
    return result::Result{};
  });
}

Judgements judged(const RandomPlan& plan, const std::vector<std::string>& without_faults) {
  Judgements judgements;
  rehearsed(
      plan, [&](const JudgeInputs& recorded) { judgements = judgements_of(recorded); }, without_faults);
  return judgements;
}

void Tally::add(const Judgements& judgements) {
  for (const result::GateJudgement& gate : judgements.gates) {
    if (gate.kind() == result::GateJudgement::no_go) ++no_gos_;
    else if (gate.was() == result::wrong) ++false_;
    else ++(gate.bad_luck().empty() ? right_ : unlucky_);
  }
  dangers_ += judgements.dangers.size();
  if (!judgements.rollback) return;
  ++(judgements.rollback->was() == result::right ? right_rollbacks_ : wrong_rollbacks_);
  if (!judgements.rollback->landed()) ++crashed_;
}

std::string Tally::text() const {
  return fmt::format(
      "{} right GOs, {} false, {} with bad luck, {} NO-GOs; {} rollbacks were right, {} wrong, {} did not land; {} "
      "missed dangers",
      right_, false_, unlucky_, no_gos_, right_rollbacks_, wrong_rollbacks_, crashed_, dangers_);
}

void Tally::assert_worth_it(std::uint64_t worlds) const {
  for (const std::uint64_t count :
       {right_, false_, unlucky_, no_gos_, right_rollbacks_, wrong_rollbacks_, crashed_, dangers_})
    BOOST_TEST(count * 50 >= worlds, text());
}

}  // namespace rehearse::laws
