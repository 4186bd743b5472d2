// Combinations that are documented and rare: a rehearsal of each comes to its end, with the right figures.
#include <boost/test/unit_test.hpp>

#include "sim/kernel/limit.h"
#include "sim/rows/marks.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

std::string scenario(const std::string& workload, const std::string& rest) {
  return R"yaml(
format: 1
name: extremes
start: 2026-03-02T00:00:00Z
duration: 6h
source:
  tables:
    orders:
      rows: 100
      columns:
        id: {type: bigint, key: true}
        amount: {type: "decimal(12,2)"}
        created_at: {type: timestamptz, role: created_at}
      workload: {)yaml" +
         workload + R"yaml(}
datasets: {orders: {of: orders}}
pipelines: {cdc: {stream: {produces: orders, into: new, freshness: 1m}}}
)yaml" + rest;
}

BOOST_AUTO_TEST_CASE(checks_without_a_window_of_their_own_compare_the_rows_before_the_cut) {
  // Rows are inserted alone, so that a run at t with a settling time of an hour compares what was there at t - 1 h: at
  // 1:00 the hundred rows of the start, and at each full hour about 3,600 more.
  for (const std::string kind : {"field_compare", "key_coverage", "keyed_hash"}) {
    const Loaded loaded = from_text(
        scenario("peak_rate: 1/s, mix: {insert: 100%}",
                 "checks: {k: {" + kind + ": {between: [source, new], every: 1h, align: window_cut, settle: 1h}}}\n"));
    const result::Result r = rehearse(loaded.scenario, loaded.inputs);
    BOOST_TEST(check(r, "k").runs() == 6U);
    BOOST_TEST(check(r, "k").claims() == 0U);
    // At 0:00 those rows of the start that are an hour old, then 100 + 3,700 + 7,300 + 10,900 + 14,500, give or take
    // five times the deviation of the last of these Poisson counts for each.
    const auto compared = static_cast<double>(check(r, "k").rows_compared());
    BOOST_TEST(compared > 36'500 - 4 * 600, kind << " compared " << compared);
    BOOST_TEST(compared < 36'600 + 4 * 600, kind << " compared " << compared);
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_stale_values_of_a_hot_row_is_one_kind_of_damage) {
  // 432,000 changes, of which each leaves the amount of the change before: a mark of its own for each would be too
  // many.
  const Loaded loaded = from_text(scenario("peak_rate: 20/s, mix: {update: 100%}, pick: {updates: zipf(1.2)}", R"yaml(
checks: {k: {field_compare: {between: [source, new], every: 1h, offset: 59m59s}}}
world: {faults: [field_corruption: {pipeline: cdc, column: amount, how: stale, share: 100%, at: 0s, for: 6h}]}
)yaml"));
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(store(r, "new").divergent_now() > 90U);  // all but rows that nobody has changed twice
  BOOST_TEST(check(r, "k").false_alarms() == 0U);
  BOOST_TEST(check(r, "k").claims() > 5U * 80);
}

BOOST_AUTO_TEST_CASE(more_kinds_of_damage_than_can_be_told_apart_end_in_a_sentence) {
  MarkTable marks;
  CauseTable causes;
  const Mark clean = marks.live(0);
  const auto mark_all = [&](std::uint32_t kinds) {
    for (std::uint32_t write = 1; write <= kinds; ++write)
      marks.altered(clean, {.column = 1, .kind = AlterationKind::stale, .parameter = write}, causes);
  };
  mark_all(65'000);
  BOOST_CHECK_THROW(mark_all(65'535), LimitReached);
}

}  // namespace
}  // namespace rehearse
