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
  small.reconciler->stop_repairs(small.world.now());
  small.run(Time{0} + hour * 3 + minute);
  BOOST_TEST(with(small, AuditEntry::Result::done) == 1U);
  BOOST_TEST(with(small, AuditEntry::Result::cancelled) == 4U);
  BOOST_TEST(small.reconciler->runs().at(2).discrepancies() == 4U);
}

BOOST_AUTO_TEST_CASE(what_is_re_applied_is_what_the_pipelines_present_mapping_makes_of_the_row) {
  Small small;
  small.use(scenario_of(fields, "repair { of: 'c' mismatch: RE_APPLY_TRANSFORM at_most { count: 10 } }"));
  small.run(Time{0} + minute);
  small.world.apply_schema_change(
      orders, {.kind = SchemaChange::Kind::rename, .column = "status", .to = "state", .added = {}}, 0);
  small.change(3);  // written with a NULL, for the mapping still asks for the old name
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(claimed(small.reconciler->runs().at(0), scenario::MISMATCH) == std::vector<RowId>({3}),
             boost::test_tools::per_element());
  BOOST_TEST(small.reconciler->runs().at(1).discrepancies() == 1U);  // repaired by the same wrong mapping
  small.world.deploy_mappings(orders);
  small.run(Time{0} + hour * 4 + minute);
  BOOST_TEST(small.reconciler->runs().at(3).discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(a_deleted_row_is_gone_from_the_target_whatever_the_source_has) {
  Small small;
  small.use(scenario_of(fields, "repair { of: 'c' extra: DELETE mismatch: DELETE at_most { count: 10 } }"));
  small.run(Time{0} + minute);
  small.put(11, small.source_cell(1));
  small.alter(4, amount, AlterationKind::shifted);
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(!small.stream_cell(11).live());
  BOOST_TEST(!small.stream_cell(4).live());
  BOOST_TEST(small.source_cell(4).live());
  BOOST_TEST(claimed(small.reconciler->runs().at(1), scenario::MISSING) == std::vector<RowId>({4}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_paused_pipeline_writes_nothing_and_goes_on_by_itself) {
  Small small;
  small.use(scenario_of(
      fields, "repair { of: 'c' mismatch: PAUSE_PIPELINE at_most { count: 10 } pause_for_ns: 1800000000000 }"));
  small.run(Time{0} + minute);
  small.alter(4, amount, AlterationKind::shifted);
  small.run(Time{0} + hour + minute);
  BOOST_REQUIRE_EQUAL(with(small, AuditEntry::Result::done), 1U);
  const Write before = small.stream_cell(2).write;
  small.change(2);
  small.run(Time{0} + hour + minute * 29);
  BOOST_TEST(small.stream_cell(2).write == before);
  small.run(Time{0} + hour + minute * 32);
  BOOST_TEST(small.stream_cell(2).write == before + 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_rehearsal_ends_a_pause) {
  Small small;
  small.use(scenario_of(
      fields, "repair { of: 'c' mismatch: PAUSE_PIPELINE at_most { count: 10 } pause_for_ns: 864000000000000 }"));
  small.run(Time{0} + minute);
  small.alter(4, amount, AlterationKind::shifted);
  small.run(Time{0} + hour + minute);
  const Write before = small.stream_cell(2).write;
  small.change(2);
  small.world.release_all_of(HoldOwner::Who::repair);
  small.run(Time{0} + hour + minute * 2);
  BOOST_TEST(small.stream_cell(2).write == before + 1);
}

BOOST_AUTO_TEST_CASE(a_row_in_quarantine_is_left_alone_by_every_rule) {
  for (const bool at_once : {true, false}) {  // the other rule has taken the row on already, or comes to it later
    std::string other = compared("POSITION");
    if (!at_once) other.replace(other.find("offset_ns: 36"), 13, "offset_ns: 39");
    Small small;
    small.use(scenario_of(
        fields,
        "repair { of: 'c' mismatch: QUARANTINE at_most { count: 10 } row_time_ns: 1000000000 } checks { name: 'h' "
        "keyed_hash { " +
            other +
            " } } repair { of: 'h' mismatch: RELOAD_FROM_SOURCE missing: RELOAD_FROM_SOURCE "
            "at_most { count: 10 } row_time_ns: 60000000000 }"));
    small.run(Time{0} + minute);
    small.alter(4, amount, AlterationKind::shifted);
    small.lose(7);
    small.run(Time{0} + hour * 3 + minute * 10);
    BOOST_TEST(small.stream_cell(7).live());
    BOOST_TEST(small.stream_cell(4).mark != small.source_cell(4).mark);
    const auto& audit = small.reconciler->audit();
    BOOST_TEST(std::count_if(audit.begin(), audit.end(), [](const AuditEntry& e) {
                 return e.action == scenario::RepairRule::QUARANTINE && e.row == 4;
               }) == 1);
    BOOST_TEST(with(small, AuditEntry::Result::cancelled) == (at_once ? 1U : 0U));
    BOOST_TEST(small.reconciler->runs().back().found[scenario::MISMATCH] == 1U);  // checks see it all the same
  }
}

BOOST_AUTO_TEST_CASE(a_limit_may_be_by_time_whatever_the_runs) {
  Small small;
  small.use(scenario_of(fields, "repair { of: 'c' missing: RELOAD_FROM_SOURCE at_most { count: 2 per: DAY } }"));
  small.run(Time{0} + minute);
  for (RowId row = 0; row < 5; ++row) small.lose(row);
  small.run(Time{0} + hour * 24 + minute);
  BOOST_TEST(with(small, AuditEntry::Result::done) == 2U);
  small.run(Time{0} + hour * 26);  // a day after the first two
  BOOST_TEST(with(small, AuditEntry::Result::done) == 4U);
}

BOOST_AUTO_TEST_CASE(an_orphan_is_repaired_by_its_parent) {
  WorldShape shape;
  shape.customers = 3;
  Small small(shape);
  small.use(scenario_of(
      "referential { " + compared("POSITION") + " child: 'orders' column: 'customer_id' parent: 'customers' }",
      "repair { of: 'c' missing: RELOAD_FROM_SOURCE at_most { count: 10 } }"));
  small.run(Time{0} + minute);
  TableCopy& parents = small.world.rows(small.stream, customers);
  for (RowId row = 0; row < 3; ++row) parents.put(row, {parents[row].write, absent, 0});
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(small.reconciler->runs().at(0).discrepancies() > 0U);
  BOOST_TEST(small.reconciler->runs().at(1).discrepancies() == 0U);
  for (const AuditEntry& entry : small.reconciler->audit()) BOOST_TEST(entry.table == customers);
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
