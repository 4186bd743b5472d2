// Laws of the judge alone, on what random worlds and plans have left on record: it is judged as it is, and once more
// with one thing otherwise.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "harness/judge/parts.h"
#include "reports/result/harm.h"
#include "scenarios/needs.h"
#include "tests/laws/altered.h"
#include "tests/laws/random_plan.h"
#include "tests/worlds.h"

namespace rehearse::laws {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);

// What is judged, without the words: they name whom the judge came to first.
std::string bare(const Judgements& judgements, const std::function<std::string(const std::string&)>& named) {
  std::multiset<std::string> lines;
  for (const result::GateJudgement& gate : judgements.gates)
    lines.insert(fmt::format("{} {} {} {} {} {}", named(gate.phase()), gate.at_ns(), static_cast<int>(gate.kind()),
                             gate.was() == result::right, !gate.bad_luck().empty(), gate.earliest_safe_at_ns()));
  for (const judging::Danger& danger : judgements.dangers)
    lines.insert(fmt::format("{} {} {} {} {}", named(danger.reader), danger.store, danger.from.ns, danger.passed.ns,
                             danger.in_all.ns));
  if (const auto& rollback = judgements.rollback)
    lines.insert(fmt::format("{} {} {} {} {} {} {}", rollback->fired_at_ns(), rollback->was() == result::right,
                             rollback->landed(), rollback->onset_at_ns(), rollback->rto_ns(),
                             rollback->harm_before().ShortDebugString(), rollback->harm_after().ShortDebugString()));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}
std::string as_it_is(const std::string& name) { return name; }

std::set<std::string> in_danger(const Judgements& judgements) {
  std::set<std::string> readers;
  for (const judging::Danger& danger : judgements.dangers) readers.insert(danger.reader);
  return readers;
}

// Every read that a reader made in [from, to), one by one.
ReadCounts counted(const ConsumerTruth& reader, Time from, Time to) {
  ReadCounts counts;
  for (const ReadHistory::Run& run : reader.history.runs())
    for (std::uint64_t i = 0; i < run.reads; ++i) {
      const Time at = run.first + run.apart * static_cast<std::int64_t>(i);
      if (from <= at && at < to) ++counts[run.found];
    }
  return counts;
}
ReadCounts counted(const TruthRecord& truth, Time from, Time to) {
  ReadCounts counts;
  for (const ConsumerTruth& reader : truth.consumers)
    for (const ReadOutcome outcome : all_outcomes()) counts[outcome] += counted(reader, from, to)[outcome];
  return counts;
}
std::vector<std::uint64_t> numbers(const result::Harm& harm) {
  return {harm.reads(), harm.wrong(), harm.stale(), harm.broken_assumption()};
}
std::vector<std::uint64_t> numbers(const ReadCounts& counts) {
  return {counts.reads(), counts[WRONG], counts[STALE], counts[BROKEN_ASSUMPTION]};
}

// Since when a row has been missing without a break, of an interval in which it is.
Time missing_since(const JudgeInputs& recorded, const DivergentInterval& missing) {
  Time since = missing.from;
  for (auto i = recorded.truth.intervals.rbegin(); i != recorded.truth.intervals.rend(); ++i)
    if (i->store == missing.store && i->table == missing.table && i->row == missing.row && i->kind == missing.kind &&
        i->until == since)
      since = i->from;
  return since;
}

const std::vector<Span>& older_than(const StoreTruth& store, const ReaderNeeds& needs) {
  for (const StoreTruth::Older& older : store.older)
    if (needs.freshness == older.age) return older.spans;
  return store.stale;
}

// Whether a store is unsafe for a reader at an instant, by asking each divergence and each stretch of staleness in
// turn.
bool unsafe_at(const JudgeInputs& recorded, const ReaderNeeds& needs, StoreId store, Time t) {
  const StoreTruth& truth = recorded.truth.stores[store];
  const scenario::Safety& safety = recorded.scenario.safety();
  if (safety.stale() == scenario::Safety::NEVER)
    for (const Span& stale : older_than(truth, needs))
      if (stale.from <= t && t < stale.until) return true;
  std::set<RowKey> rows;
  for (const DivergentInterval& interval : recorded.truth.intervals) {
    if (interval.store != store || interval.from > t || t >= interval.until) continue;
    rows.insert({interval.table, interval.row});
    if (needs.unique && interval.state.extra > 0) return true;
    const Duration fresh = needs.freshness.value_or(truth.freshness);
    if (needs.complete && interval.kind == DivergenceKind::missing && t - missing_since(recorded, interval) >= fresh)
      return true;
  }
  const auto wrong = static_cast<std::int64_t>(rows.size());
  const scenario::Amount& most = needs.tolerance ? *needs.tolerance : safety.max_divergence();
  if (!most.has_share_ppb()) return wrong > most.rows();
  std::uint64_t keys = 0;
  for (const auto& [since, count] : truth.keys)
    if (since <= t) keys = count;
  return wrong * 1'000'000'000 > static_cast<std::int64_t>(keys) * most.share_ppb();
}

// How long in all a reader was sent to an unsafe store, stretch by stretch in which nothing changes.
Duration sent_to_unsafe(const JudgeInputs& recorded, std::uint32_t reader) {
  const scenario::Consumer* given = consumer_named(recorded.scenario, recorded.truth.consumers[reader].name);
  const ReaderNeeds needs = given ? needs_of(*given) : ReaderNeeds{};
  std::set<Time> changes{Time{}, recorded.end()};
  for (const DivergentInterval& interval : recorded.truth.intervals) {
    const Duration fresh = needs.freshness.value_or(recorded.truth.stores[interval.store].freshness);
    changes.insert({interval.from, interval.until, interval.from + fresh});
  }
  for (const StoreTruth& store : recorded.truth.stores) {
    for (const Span& stale : older_than(store, needs)) changes.insert({stale.from, stale.until});
    for (const auto& [since, count] : store.keys) changes.insert(since);
  }
  for (const Route& route : recorded.routing.history()) changes.insert(route.since);
  Duration sum;
  for (auto from = changes.begin(); *from < recorded.end(); ++from) {
    StoreId store = 0;
    for (const Route& route : recorded.routing.history())
      if (route.consumer == reader && route.since <= *from) store = route.store;
    if (unsafe_at(recorded, needs, store, *from)) sum += std::min(*std::next(from), recorded.end()) - *from;
  }
  return sum;
}

// What is safe, stricter in one way.
void make_stricter(scenario::Safety& safety, Picks& pick) {
  scenario::Amount& most = *safety.mutable_max_divergence();
  switch (pick.between(1, 3)) {
    case 1:
      if (most.has_share_ppb()) most.set_share_ppb(most.share_ppb() / pick.between(2, 10));
      else most.set_rows(most.rows() / 2);
      break;
    case 2:
      safety.set_max_exposure_ns(safety.max_exposure_ns() / pick.between(2, 10));
      break;
    default:
      safety.set_restore_within_ns(safety.restore_within_ns() / pick.between(2, 10));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(strictness_a_stricter_safety_never_turns_a_false_go_right_or_ends_a_missed_danger) {
  Tally tally;
  std::uint64_t turned_false = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      const Judgements before = judgements_of(recorded);
      tally.add(before);
      Altered altered(recorded);
      Picks pick(number, "stricter");
      for (int step = 0; step < 4; ++step) {
        make_stricter(*altered.scenario.mutable_safety(), pick);
        const Judgements after = judgements_of(altered.inputs());
        const auto explained = [&] { return text_of(before) + "-- stricter\n" + text_of(after) + plan.text(); };
        for (std::size_t i = 0; i < before.gates.size(); ++i) {
          if (before.gates[i].kind() != result::GateJudgement::go) continue;
          const bool is_right = after.gates[i].was() == result::right;
          BOOST_REQUIRE_MESSAGE(!is_right || before.gates[i].was() == result::right, explained());
          turned_false += !is_right && before.gates[i].was() == result::right;
        }
        const std::set<std::string> were = in_danger(before), are = in_danger(after);
        BOOST_REQUIRE_MESSAGE(std::includes(are.begin(), are.end(), were.begin(), were.end()), explained());
      }
    });
  }
  tally.assert_worth_it(worlds);
  BOOST_TEST(turned_false * 10 > worlds);
}

// The moments between two exposures are safe: whoever allows as much time as was unsafe in all has missed no danger.
BOOST_AUTO_TEST_CASE(strictness_allowing_all_the_time_that_was_unsafe_ends_every_missed_danger) {
  std::uint64_t ended = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      const Judgements before = judgements_of(recorded);
      for (const judging::Danger& danger : before.dangers) {
        std::uint32_t reader = 0;
        while (recorded.truth.consumers[reader].name != danger.reader) ++reader;
        Altered altered(recorded);
        altered.scenario.mutable_safety()->set_max_exposure_ns(sent_to_unsafe(recorded, reader).ns);
        const Judgements after = judgements_of(altered.inputs());
        BOOST_REQUIRE_MESSAGE(in_danger(after).count(danger.reader) == 0,
                              text_of(before) + "-- all allowed\n" + text_of(after) + plan.text());
        ++ended;
      }
    });
  }
  BOOST_TEST(ended * 20 > worlds);
}

BOOST_AUTO_TEST_CASE(more_harm_one_more_wrong_read_never_turns_missed_danger_into_none) {
  std::uint64_t dangers = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      const Judgements before = judgements_of(recorded);
      dangers += before.dangers.size();
      Altered altered(recorded);
      Picks pick(number, "one more read");
      const auto reader = static_cast<std::uint32_t>(pick.between(0, altered.truth.consumers.size() - 1));
      const Time at = Time{} + minute * pick.between(0, plan.hours * 60 - 1);
      const StoreId store = judging::Case(recorded).course.store_of(reader, at);
      add_read(altered.truth.consumers[reader], at, store, WRONG);
      const Judgements after = judgements_of(altered.inputs());
      const std::set<std::string> were = in_danger(before), are = in_danger(after);
      BOOST_REQUIRE_MESSAGE(std::includes(are.begin(), are.end(), were.begin(), were.end()),
                            text_of(before) + "-- one more\n" + text_of(after) + plan.text());
    });
  }
  BOOST_TEST(dangers * 20 > worlds);
}

// Before what a rollback reacted to, from there to its trigger, and after it.
BOOST_AUTO_TEST_CASE(parts_reads_before_during_and_after_are_all_reads_each_once) {
  std::uint64_t parted = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      const judging::Case c(recorded);
      Picks pick(number, "parts");
      const Time from = Time{} + minute * pick.between(0, plan.hours * 60), to = from + minute * pick.between(0, 900);
      ReadCounts all;
      for (const ConsumerTruth& reader : recorded.truth.consumers) {
        for (const ReadOutcome outcome : all_outcomes()) all[outcome] += reader.all[outcome];
        const ReadCounts told = reader.history.between(Time::before_all(), Time::never());
        BOOST_REQUIRE_MESSAGE(told.found == reader.all.found, reader.name + "\n" + plan.text());
      }
      const auto is = [&](const result::Harm& harm, Time since, Time until) {
        BOOST_REQUIRE_MESSAGE(numbers(harm) == numbers(counted(recorded.truth, since, until)), plan.text());
      };
      is(judging::harm_between(c, Time::before_all(), from), Time::before_all(), from);
      is(judging::harm_between(c, from, to), from, to);
      is(judging::harm_between(c, to, Time::never()), to, Time::never());
      BOOST_REQUIRE(numbers(counted(recorded.truth, Time::before_all(), Time::never())) == numbers(all));
      if (const auto rollback = judging::judge_rollback(c)) {
        const Time fired{rollback->fired_at_ns()};
        const Time onset = rollback->has_onset_at_ns() ? std::min(Time{rollback->onset_at_ns()}, fired) : fired;
        is(rollback->harm_before(), onset, fired);
        is(rollback->harm_after(), fired, Time::never());
        result::Harm parts;
        for (const result::Harm& part : {rollback->harm_until_onset(), rollback->harm_before(),
                                         rollback->harm_returning(), rollback->harm_landed()})
          result::add_harm(part, parts);
        BOOST_REQUIRE_MESSAGE(numbers(parts) == numbers(all), plan.text());
        ++parted;
      }
    });
  }
  BOOST_TEST(parted * 5 > worlds);
}

BOOST_AUTO_TEST_CASE(clone_a_consumer_twice_doubles_counts_and_is_judged_alike) {
  std::uint64_t doubled = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      const Judgements before = judgements_of(recorded);
      Altered altered(recorded);
      const auto reader = static_cast<std::uint32_t>(
          Picks(number, "clone").between(0, static_cast<std::int64_t>(altered.truth.consumers.size()) - 1));
      clone_reader(altered, reader, "the_same");
      const JudgeInputs twice = altered.inputs();
      Judgements after = judgements_of(twice);
      const std::string name = recorded.truth.consumers[reader].name;
      const auto is_clone = [](const judging::Danger& danger) { return danger.reader == "the_same"; };
      BOOST_REQUIRE(std::count_if(after.dangers.begin(), after.dangers.end(), is_clone) ==
                    std::count_if(before.dangers.begin(), before.dangers.end(),
                                  [&](const judging::Danger& danger) { return danger.reader == name; }));
      std::erase_if(after.dangers, is_clone);
      BOOST_REQUIRE_MESSAGE(text_of(after) == text_of(before),
                            text_of(after) + "-- instead of\n" + text_of(before) + plan.text());
      std::vector<std::uint64_t> once = numbers(judging::harm_between(judging::Case(recorded), {}, Time::never()));
      const std::vector<std::uint64_t> more = numbers(judging::harm_between(judging::Case(twice), {}, Time::never()));
      const std::vector<std::uint64_t> own = numbers(recorded.truth.consumers[reader].all);
      for (std::size_t i = 0; i < once.size(); ++i) once[i] += own[i];
      BOOST_REQUIRE(more == once);
      doubled += own[1];
    });
  }
  BOOST_TEST(doubled > worlds);
}

BOOST_AUTO_TEST_CASE(names_replaced_change_nothing_but_names) {
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      const auto other = [](const std::string& name) { return std::string(name.rbegin(), name.rend()) + "_"; };
      Altered altered(recorded);
      rename(altered, other);
      const std::string before = bare(judgements_of(recorded), other);
      const std::string after = bare(judgements_of(altered.inputs()), as_it_is);
      BOOST_REQUIRE_MESSAGE(after == before, after + "-- instead of\n" + before + plan.text());
    });
  }
}

BOOST_AUTO_TEST_CASE(declarations_reordered_change_nothing) {
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      Altered altered(recorded);
      reverse_declarations(altered);
      const std::string before = bare(judgements_of(recorded), as_it_is);
      const std::string after = bare(judgements_of(altered.inputs()), as_it_is);
      BOOST_REQUIRE_MESSAGE(after == before, after + "-- instead of\n" + before + plan.text());
    });
  }
}

}  // namespace rehearse::laws
