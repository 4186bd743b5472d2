// What repair rules do, how they race with live changes, and where they stop.
#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

const std::string fields = "field_compare { " + compared("POSITION") + " sample_ppb: 1000000000 }";

std::string rule(const std::string& at_most, const std::string& row_time) {
  return "repair { of: 'c' missing: RELOAD_FROM_SOURCE extra: RELOAD_FROM_SOURCE mismatch: RELOAD_FROM_SOURCE "
         "duplicate: DEDUPLICATE "
         "at_most { count: " +
         at_most + " } row_time_ns: " + row_time + " }";
}

std::size_t with(const Small& small, AuditEntry::Result result) {
  const auto& audit = small.reconciler->audit();
  return static_cast<std::size_t>(
      std::count_if(audit.begin(), audit.end(), [&](const AuditEntry& e) { return e.result == result; }));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_class_is_repaired_by_its_action_and_the_source_is_left_alone) {
  Small small;
  small.use(scenario_of(fields, rule("1000", "10000000")));
  small.run(Time{0} + minute);
  const Cell ghost = small.source_cell(6);
  small.change(6, Op::remove);
  small.run(Time{0} + minute * 2);
  small.put(6, ghost);
  small.lose(2);
  small.alter(4, amount, AlterationKind::shifted);
  small.duplicate(8);
  const Lsn source_end = small.world.source.end();
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(small.world.source.end() == source_end);
  BOOST_TEST(small.reconciler->runs().at(0).discrepancies() == 4U);
  BOOST_TEST(small.reconciler->runs().at(1).discrepancies() == 0U);
  BOOST_REQUIRE_EQUAL(small.reconciler->audit().size(), 4U);
  const AuditEntry& first = small.reconciler->audit()[0];
  BOOST_TEST(first.row == 2U);
  BOOST_TEST(first.at.ns == (small.reconciler->runs()[0].reported + millisecond * 10).ns);
  BOOST_TEST(small.reconciler->audit()[3].at.ns == (small.reconciler->runs()[0].reported + millisecond * 40).ns);
}

BOOST_AUTO_TEST_CASE(a_repair_overwrites_a_change_that_arrived_after_it_had_read) {
  WorldShape shape;
  shape.poll_every = millisecond * 100;
  Small small(shape);
  small.use(scenario_of(fields, rule("1000", "60000000000")));  // a minute a row
  small.run(Time{0} + minute);
  small.lose(2);
  small.run(Time{0} + hour + second * 10);  // the row has been read from the source, not written
  small.change(2);
  small.run(Time{0} + hour + second * 30);
  BOOST_TEST(small.stream_cell(2).write == small.source_cell(2).write);  // the stream has healed it meanwhile
  small.run(Time{0} + hour + minute * 3);
  BOOST_TEST(small.stream_cell(2).write + 1 == small.source_cell(2).write);  // and the repair undone that
  small.run(Time{0} + hour * 3 + minute * 3);
  BOOST_TEST(small.reconciler->runs().at(1).found[scenario::MISMATCH] == 1U);
  BOOST_TEST(small.reconciler->runs().at(2).discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_beyond_the_limit_is_left_to_people) {
  Small small;
  small.use(scenario_of(fields, rule("2", "0")));
  small.run(Time{0} + minute);
  for (RowId row = 0; row < 5; ++row) small.lose(row);
  small.run(Time{0} + hour + minute);
  BOOST_TEST(with(small, AuditEntry::Result::done) == 2U);
  BOOST_REQUIRE_EQUAL(with(small, AuditEntry::Result::left_to_people), 1U);
  BOOST_TEST(small.reconciler->audit()[0].rows == 3U);
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(small.reconciler->runs().at(1).discrepancies() == 3U);
  BOOST_TEST(with(small, AuditEntry::Result::done) == 4U);
}

BOOST_AUTO_TEST_CASE(repairs_stop_at_once_and_checks_go_on) {
  Small small;
  small.use(scenario_of(fields, rule("1000", "60000000000")));
  small.run(Time{0} + minute);
  for (RowId row = 0; row < 5; ++row) small.lose(row);
  small.run(Time{0} + hour + minute + second * 10);  // one written, one read
  BOOST_TEST(with(small, AuditEntry::Result::done) == 1U);
  small.reconciler->stop_repairs();
  small.run(Time{0} + hour * 3 + minute);
  BOOST_TEST(with(small, AuditEntry::Result::done) == 1U);
  BOOST_TEST(with(small, AuditEntry::Result::cancelled) == 4U);
  BOOST_TEST(small.reconciler->runs().at(2).discrepancies() == 4U);
}

BOOST_AUTO_TEST_CASE(a_rule_that_ignores_does_nothing) {
  Small small;
  small.use(scenario_of(fields, "repair { of: 'c' at_most { count: 10 } }"));
  small.run(Time{0} + minute);
  small.lose(2);
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(small.reconciler->runs().at(1).discrepancies() == 1U);
  BOOST_TEST(small.reconciler->audit().empty());
}

}  // namespace rehearse::reconcile_test
