#include "harness/judge/expect.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"
#include "scenarios/field_expectation.h"
#include "scenarios/units.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/wide.h"

namespace rehearse::judging {
namespace {

using Status = result::Expectation::Status;

Status held_if(bool holds) { return holds ? result::Expectation::held : result::Expectation::broken; }

// "at least 1 and at most 3", "exactly 2".
template <class Show>
std::string bounds_text(bool has_least, std::int64_t least, bool has_most, std::int64_t most, bool has_exact,
                        std::int64_t exact, Show show) {
  std::vector<std::string> parts;
  if (has_least) parts.push_back("at least " + show(least));
  if (has_most) parts.push_back("at most " + show(most));
  if (has_exact) parts.push_back("exactly " + show(exact));
  return parts.empty() ? "anything" : joined(parts);
}

std::string text_of(const scenario::CountBounds& b) {
  if (b.unknowable()) return "n/a";
  return bounds_text(b.has_at_least(), b.at_least(), b.has_at_most(), b.at_most(), b.has_equals(), b.equals(),
                     [](std::int64_t n) { return format_count(n); });
}
std::string text_of(const scenario::DurationBounds& b) {
  if (b.unknowable()) return "n/a";
  return bounds_text(b.has_at_least_ns(), b.at_least_ns(), b.has_at_most_ns(), b.at_most_ns(), b.has_equals_ns(),
                     b.equals_ns(), [](std::int64_t ns) { return format_duration(ns); });
}
std::string text_of(const scenario::ShareBounds& b) {
  if (b.unknowable()) return "n/a";
  return bounds_text(b.has_at_least_ppb(), b.at_least_ppb(), b.has_at_most_ppb(), b.at_most_ppb(), b.has_equals_ppb(),
                     b.equals_ppb(), [](std::int64_t ppb) { return format_share(ppb); });
}

// A figure that is there is never what `n/a` expects.
bool within(const scenario::CountBounds& b, std::uint64_t actual) {
  if (b.unknowable()) return false;
  const auto below = [&](std::int64_t bound) { return bound > 0 && actual < static_cast<std::uint64_t>(bound); };
  const auto above = [&](std::int64_t bound) { return bound < 0 || actual > static_cast<std::uint64_t>(bound); };
  return !(b.has_at_least() && below(b.at_least())) && !(b.has_at_most() && above(b.at_most())) &&
         !(b.has_equals() && (below(b.equals()) || above(b.equals())));
}
bool within(const scenario::DurationBounds& b, Duration actual) {
  return !b.unknowable() && !(b.has_at_least_ns() && actual.ns < b.at_least_ns()) &&
         !(b.has_at_most_ns() && actual.ns > b.at_most_ns()) && !(b.has_equals_ns() && actual.ns != b.equals_ns());
}
// Without rounding: compares numerator · 10^9 with share · denominator.
bool within(const scenario::ShareBounds& b, std::uint64_t numerator, std::uint64_t denominator) {
  if (b.unknowable()) return false;
  const Signed128 actual = static_cast<Signed128>(numerator) * 1'000'000'000;
  const auto bound = [&](std::int64_t ppb) { return static_cast<Signed128>(denominator) * ppb; };
  return !(b.has_at_least_ppb() && actual < bound(b.at_least_ppb())) &&
         !(b.has_at_most_ppb() && actual > bound(b.at_most_ppb())) &&
         !(b.has_equals_ppb() && actual != bound(b.equals_ppb()));
}

// What a figure that is n/a does to an expectation of it: nothing was put to the test, unless that is what is expected.
template <class Bounds>
Status unknowable(const Bounds& bounds) {
  return bounds.unknowable() ? result::Expectation::held : result::Expectation::vacuous;
}

class Evaluation {
 public:
  Evaluation(const Case& c, const std::vector<CheckScore>& scores, const Opinion& own, result::Result& result)
      : c_(c), expect_(c.in.scenario.expect()), scores_(scores), own_(own), result_(result) {}

  void run() {
    decisions();
    if (expect_.has_rollback()) rollback();
    reads();
    for (int i = 0; i < expect_.divergence_size(); ++i)
      divergence(expect_.divergence(i), fmt::format("expect.divergence[{}]", i));
    for (const scenario::CheckExpectation& check : expect_.checks()) of_check(check);
    for (const scenario::GoExpectation& go : expect_.go_at()) go_at(go);
    if (!expect_.reached().empty()) reached();
    if (expect_.has_time_to_go()) time_to_go();
    for (const scenario::HitsExpectation& hits : expect_.hits()) of_hits(hits);
    for (const scenario::LossExpectation& loss : expect_.source_log_incomplete()) of_loss(loss);
    for (const scenario::FieldExpectation& field : expect_.result()) of_field(field);
  }

 private:
  // `what` reads as a subject: "the recall of fields".
  void add(const std::string& path, const std::string& what, std::string expected, Status status, std::string actual) {
    result::Expectation& out = *result_.add_expectations();
    out.set_text(fmt::format("{} is {}", what, expected));
    out.set_status(status);
    out.set_actual(std::move(actual));
    out.set_expected(std::move(expected));
    out.set_path(path);
    if (c_.in.where) out.set_where(c_.in.where(path));
  }

  void decisions() {
    static constexpr std::array<const char*, 4> decisions{"cut over", "rolled back", "held", "none"};
    static constexpr std::array<const char*, 4> verdicts{"pass", "fail", "inconclusive", "vacuous"};
    if (expect_.has_decision()) {
      const std::string expected = decisions[static_cast<std::size_t>(expect_.decision())];
      const std::string actual = word(decision_of(c_));
      add("expect.decision", "the decision", expected, held_if(actual == expected), actual);
    }
    if (expect_.has_verdict()) {
      const std::string expected = verdicts[static_cast<std::size_t>(expect_.verdict())];
      const std::string actual = word(own_.verdict);
      add("expect.verdict", "the judge's verdict", expected, held_if(actual == expected), actual);
    }
  }

  const FaultTruth* fault(const std::string& name) const {
    for (const FaultTruth& fault : c_.in.faults)
      if (fault.name == name) return &fault;
    return nullptr;
  }

  // One of the faults named that never struck, if any.
  std::optional<std::string> never_struck(const google::protobuf::RepeatedPtrField<std::string>& names) const {
    for (const std::string& name : names)
      if (const FaultTruth* f = fault(name); f && !f->struck()) return name;
    return std::nullopt;
  }

  void rollback() {
    const scenario::RollbackExpectation& e = expect_.rollback();
    const result::Rollback* actual = result_.rollbacks().empty() ? nullptr : &result_.rollbacks(0);
    const std::optional<std::string> idle = never_struck(e.necessary());
    // Of something that cannot be said without a rollback.
    const auto part = [&](const char* field, const char* what, std::string expected, auto&& judge) {
      const std::string path = fmt::format("expect.rollback.{}", field);
      if (!actual && idle) return add(path, what, expected, result::Expectation::vacuous, *idle + " never struck");
      if (!actual) return add(path, what, expected, held_if(expected == "n/a"), "nothing, since there was no rollback");
      const auto [status, text] = judge(*actual);
      add(path, what, expected, status, text);
    };
    using Answer = std::pair<Status, std::string>;
    if (e.has_was_right())
      part("was_right", "the rollback", e.was_right() ? "right" : "wrong", [&](const result::Rollback& r) {
        const bool right = r.was() == result::right;
        return Answer{held_if(right == e.was_right()), right ? "right" : "wrong: " + r.why()};
      });
    if (!e.necessary().empty()) {
      std::vector<std::string> wanted(e.necessary().begin(), e.necessary().end());
      std::sort(wanted.begin(), wanted.end());
      part("necessary", "what was necessary for the rollback", joined(wanted), [&](const result::Rollback& r) {
        if (!r.necessary_known()) return Answer{result::Expectation::unknown, "no paired reruns were made"};
        std::vector<std::string> found(r.necessary().begin(), r.necessary().end());
        std::sort(found.begin(), found.end());
        return Answer{held_if(found == wanted), found.empty() ? "nothing" : joined(found)};
      });
    }
    if (e.has_rto())
      part("rto", "the time until the last consumer was back", text_of(e.rto()), [&](const result::Rollback& r) {
        if (!r.has_rto_ns() && e.rto().unknowable()) return Answer{result::Expectation::held, "n/a"};
        if (!r.has_rto_ns())
          return Answer{result::Expectation::broken, "not all consumers came back, or none had moved"};
        return Answer{held_if(within(e.rto(), {r.rto_ns()})), duration({r.rto_ns()})};
      });
    if (e.has_rpo())
      part("rpo", "the number of acknowledged writes lost", text_of(e.rpo()), [&](const result::Rollback& r) {
        if (!r.has_rpo_writes()) return Answer{unknowable(e.rpo()), "n/a: nobody writes to the new store"};
        return Answer{held_if(within(e.rpo(), r.rpo_writes())), count(r.rpo_writes())};
      });
    if (!e.metric().empty())
      part("metric", "the metric whose trigger fired", e.metric(), [&](const result::Rollback&) {
        const std::string& metric = c_.in.migration->triggers[c_.in.migration->rollback->trigger].metric;
        return Answer{held_if(metric == e.metric()), metric};
      });
  }

  // By outcome of a read: `stale_reads` is about those that are stale.
  void reads() {
    const auto& reflection = *expect_.GetReflection();
    for (int f = 0; f < expect_.GetDescriptor()->field_count(); ++f) {
      const auto* field = expect_.GetDescriptor()->field(f);
      if (field->message_type() != scenario::ReadExpectation::descriptor()) continue;
      for (int i = 0; i < reflection.FieldSize(expect_, field); ++i)
        of_reads(static_cast<const scenario::ReadExpectation&>(reflection.GetRepeatedMessage(expect_, field, i)),
                 outcome_of(field->name()), fmt::format("expect.{}[{}]", field->name(), i));
    }
  }

  static ReadOutcome outcome_of(const std::string& field) {
    for (const ReadOutcome outcome : all_outcomes())
      if (field == rule_of(outcome).field() + "_reads") return outcome;
    REHEARSE_ASSERT(false, "what is expected of reads is named after one of their outcomes");
  }

  void of_reads(const scenario::ReadExpectation& e, ReadOutcome outcome, const std::string& path) {
    std::uint64_t actual = 0;
    for (const ConsumerTruth& consumer : c_.in.truth.consumers)
      if (e.consumer().empty() || consumer.name == e.consumer()) actual += consumer.all[outcome];
    const std::string whose = e.consumer().empty() ? "all consumers" : e.consumer();
    add(path, fmt::format("the number of {} reads of {}", rule_of(outcome).words(), whose), text_of(e.bounds()),
        held_if(within(e.bounds(), actual)), count(actual));
  }

  void divergence(const scenario::DivergenceExpectation& e, const std::string& path) {
    static constexpr std::array<const char*, 3> whens{"at worst", "after healing and draining", "ever"};
    const std::string what =
        fmt::format("the number of divergent rows in {} {}", e.store(), whens[static_cast<std::size_t>(e.when())]);
    const std::optional<StoreId> store = c_.store_named(e.store());
    if (!store) return add(path, what, text_of(e.bounds()), result::Expectation::unknown, "there is no such store");
    std::uint64_t actual = 0;
    if (e.when() == scenario::DivergenceExpectation::PEAK) actual = c_.divergences.most_rows(*store);
    if (e.when() == scenario::DivergenceExpectation::EVER) actual = c_.divergences.rows_ever(*store);
    if (e.when() == scenario::DivergenceExpectation::END) {
      if (*store >= c_.in.truth.divergent_at_end.size())
        return add(path, what, text_of(e.bounds()), result::Expectation::unknown, "nothing was healed and drained");
      actual = c_.in.truth.divergent_at_end[*store];
    }
    add(path, what, text_of(e.bounds()), held_if(within(e.bounds(), actual)), count(actual));
  }

  void of_check(const scenario::CheckExpectation& e) {
    const std::string path = "expect.checks." + e.check();
    const auto found = std::find_if(scores_.begin(), scores_.end(),
                                    [&](const CheckScore& score) { return score.check->name == e.check(); });
    const CheckScore* score = found == scores_.end() || found->runs == found->runs_without_data ? nullptr : &*found;
    const auto part = [&](const char* field, const char* what, const std::string& expected, auto&& judge) {
      const std::string at = path + "." + field;
      const std::string subject = fmt::format("the {} of {}", what, e.check());
      if (!score) return add(at, subject, expected, result::Expectation::unknown, "no run had data");
      const auto [status, text] = judge();
      add(at, subject, expected, status, text);
    };
    using Answer = std::pair<Status, std::string>;
    if (e.has_recall())
      part("recall", "recall", text_of(e.recall()), [&] {
        if (score->covering == 0) return Answer{unknowable(e.recall()), "n/a: nothing was divergent throughout a run"};
        return Answer{held_if(within(e.recall(), score->covering_caught, score->covering)),
                      fmt::format("{} ({} of {})", percent(score->covering_caught, score->covering),
                                  count(score->covering_caught), count(score->covering))};
      });
    if (e.has_false_alarms())
      part("false_alarms", "number of false alarms", text_of(e.false_alarms()), [&] {
        return Answer{held_if(within(e.false_alarms(), score->false_alarms_in_all())),
                      count(score->false_alarms_in_all())};
      });
    if (e.has_claims())
      part("claims", "number of claims", text_of(e.claims()), [&] {
        return Answer{held_if(within(e.claims(), score->claims)), count(score->claims)};
      });
  }

  std::optional<Time> entered(const std::string& phase) const {
    if (c_.in.migration)
      for (const PhaseRecord& record : c_.in.migration->phases)
        if (record.name == phase) return record.entered;
    return std::nullopt;
  }

  void instant(const std::string& path, const std::string& what, const scenario::DurationBounds& bounds,
               std::optional<Time> actual) {
    if (!actual) return add(path, what, text_of(bounds), held_if(bounds.unknowable()), "never");
    add(path, what, text_of(bounds), held_if(within(bounds, *actual - Time{})), format_duration(actual->ns));
  }

  void go_at(const scenario::GoExpectation& e) {
    instant("expect.go_at." + e.phase(), "the time of the GO to " + e.phase(), e.bounds(), entered(e.phase()));
  }

  void reached() {
    std::string last = "none";
    if (c_.in.migration)
      for (const PhaseRecord& phase : c_.in.migration->phases)
        if (phase.entered) last = phase.name;
    add("expect.reached", "the last phase that was entered", expect_.reached(), held_if(last == expect_.reached()),
        last);
  }

  void time_to_go() {
    const bool has_phases = c_.in.migration && !c_.in.migration->phases.empty();
    instant("expect.time_to_go", "the time to the last phase", expect_.time_to_go(),
            has_phases ? c_.in.migration->phases.back().entered : std::nullopt);
  }

  void of_hits(const scenario::HitsExpectation& e) {
    const FaultTruth* f = fault(e.fault());
    const std::uint64_t actual = f ? f->hits : 0;
    const bool holds = within(e.bounds(), actual);
    const Status status = !holds && actual == 0 ? result::Expectation::vacuous : held_if(holds);
    add("expect.hits." + e.fault(), "the number of hits of " + e.fault(), text_of(e.bounds()), status,
        actual == 0 ? "it never struck" : count(actual));
  }

  void of_loss(const scenario::LossExpectation& e) {
    const std::string path = "expect.source_log_incomplete." + e.table();
    const std::string what = fmt::format("the number of rows of {} that the log could not carry", e.table());
    if (c_.in.witness)
      for (const WitnessComparison& comparison : *c_.in.witness)
        if (comparison.table == e.table())
          return add(path, what, text_of(e.bounds()), held_if(within(e.bounds(), rows_lost(comparison))),
                     count(rows_lost(comparison)));
    add(path, what, text_of(e.bounds()), result::Expectation::unknown, "there is no second witness of this table");
  }

  void of_field(const scenario::FieldExpectation& e) {
    const CompiledExpectation compiled = compile(e);
    REHEARSE_ASSERT(compiled.bounds.has_value(), "expectations about fields were compiled when the file was read");
    const std::string path = "expect.result." + e.path();
    const result::Found found = result::value_at(result_, compiled.bounds->path);
    if (!found.value) {
      const Status status = found.missing != "n/a"        ? result::Expectation::broken
                            : compiled.bounds->unknowable ? result::Expectation::held
                                                          : result::Expectation::vacuous;
      return add(path, e.path(), expected_text(e), status, found.missing);
    }
    add(path, e.path(), expected_text(e), held_if(holds(*compiled.bounds, *found.value)), shown_value(*found.value));
  }

  static std::string shown_value(const result::Value& value) {
    switch (value.kind) {
      case result::ValueKind::share:
        return fmt::format("{} ({} of {})", percent(value.numerator, value.denominator), count(value.numerator),
                           count(value.denominator));
      case result::ValueKind::duration:
        return (value.negative ? "-" : "") + format_duration(static_cast<std::int64_t>(value.magnitude));
      case result::ValueKind::count:
        return (value.negative ? "-" : "") + count(value.magnitude);
      default:
        return result::exact_text(value);
    }
  }

  const Case& c_;
  const scenario::Expect& expect_;
  const std::vector<CheckScore>& scores_;
  const Opinion& own_;
  result::Result& result_;
};

}  // namespace

void write_expectations(const Case& c, const std::vector<CheckScore>& scores, const Opinion& own,
                        result::Result& result) {
  if (c.in.scenario.has_expect()) Evaluation(c, scores, own, result).run();
}

}  // namespace rehearse::judging
