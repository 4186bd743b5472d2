// Ten rows, a handful of changes, one fault or defect: the intervals as derived by hand.
//
// Unless a test says otherwise a change is visible the moment it commits, and offsets are never flushed.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "faults/burst/burst.pb.h"
#include "faults/connector_restart/connector_restart.pb.h"
#include "faults/duplicate_delivery/duplicate_delivery.pb.h"
#include "faults/field_corruption/field_corruption.pb.h"
#include "faults/out_of_order_deletes/out_of_order_deletes.pb.h"
#include "faults/schema_drift/schema_drift.pb.h"
#include "tests/oracle/hand_world.h"

namespace rehearse::oracle_test {
namespace {

void check(HandWorld& hand, Time until, const Expected& expected) {
  BOOST_TEST(hand.intervals(until) == expected, boost::test_tools::per_element());
}

faults::ConnectorRestart restart(faults::ConnectorRestart::Part part, double down_for) {
  faults::ConnectorRestart p;
  p.set_pipeline("cdc");
  p.set_part(part);
  p.set_down_for_ns(lasting(down_for).ns);
  return p;
}

template <class Tapping>
Tapping all_records(double lasts, double delay) {
  Tapping p;
  p.set_pipeline("cdc");
  p.set_share_ppb(1'000'000'000);
  p.set_for_ns(lasting(lasts).ns);
  p.mutable_delay()->set_kind(values::Distribution::CONSTANT);
  p.mutable_delay()->set_a(lasting(delay).ns);
  return p;
}

faults::FieldCorruption corruption(const std::string& pipeline, faults::FieldCorruption::How how, double lasts) {
  faults::FieldCorruption p;
  p.set_pipeline(pipeline);
  p.set_column("amount");
  p.set_share_ppb(1'000'000'000);
  p.set_how(how);
  p.set_for_ns(lasting(lasts).ns);
  return p;
}

constexpr auto source_connector = faults::ConnectorRestart::SOURCE_CONNECTOR;
constexpr auto sink = faults::ConnectorRestart::SINK;

}  // namespace

BOOST_AUTO_TEST_SUITE(connector_restart)

// Key 10 comes at 3. The connector crashes at 6 and reads it again when it resumes at 8: a second copy, for good.
// Key 11 comes at 4 and goes at 5; its replayed insert is undone by its replayed delete at the same instant.
BOOST_AUTO_TEST_CASE(a_replay_into_an_append_sink_leaves_duplicates_from_the_resumption_on) {
  HandOptions options;
  options.sink.write = WriteMode::append;
  HandWorld hand(options);
  hand.fault("restart", restart(source_connector, 2), at(6));
  hand.insert(at(3));
  hand.insert(at(4));
  hand.remove(at(5), 11);
  check(hand, at(20), {"row 10 [8, …) duplicate by defect cdc.sink.write=append + fault restart"});
}

// One record a poll, a poll a second: after the crash at 6 the older change of row 1 is replayed at 8 and overwrites
// the newer one until that is replayed at 9. It is under way again since 6, so the row is pending, never divergent.
BOOST_AUTO_TEST_CASE(an_older_change_replayed_before_a_newer_one_is_pending) {
  HandOptions options;
  options.connector.continuous = false;
  options.connector.poll_every = lasting(1);
  options.connector.max_batch = 1;
  HandWorld hand(options);
  hand.fault("restart", restart(source_connector, 2), at(6));
  hand.update(at(3), 1);
  hand.update(at(4), 1);
  hand.run(at(8.5));
  BOOST_TEST(hand.world.rows(hand.store, 0)[1].write == 2U);
  check(hand, at(20), {});
}

// Two seconds of work a record. Fetched at 3, in work at the crash at 4, fetched again at 7, written at 9.
BOOST_AUTO_TEST_CASE(a_sink_that_crashes_at_least_once_delays) {
  HandOptions options;
  options.connector.initial_snapshot = false;
  options.sink.service_time = Sampler::constant(lasting(2));
  HandWorld hand(options);
  hand.fault("restart", restart(sink, 3), at(4));
  hand.insert(at(3));
  hand.run(at(8.9));
  BOOST_TEST(!hand.world.rows(hand.store, 0).get(10).live());
  hand.run(at(9));
  BOOST_TEST(hand.world.rows(hand.store, 0).get(10).live());
  for (const std::string& line : hand.intervals(at(20))) BOOST_TEST(line.rfind("row 10", 0) != 0);
}

// The same, at most once: what is in work or waits for it at 25 is lost then. Row 1 is right again when its next
// change, of 30, has landed; key 10 never comes. (The snapshot's ten rows keep the worker busy until 20.)
BOOST_AUTO_TEST_CASE(a_sink_that_crashes_at_most_once_loses_what_is_in_work) {
  HandOptions options;
  options.sink.service_time = Sampler::constant(lasting(2));
  options.sink.delivery = Delivery::at_most_once;
  HandWorld hand(options);
  hand.fault("restart", restart(sink, 1), at(25));
  hand.update(at(24), 1);
  hand.insert(at(24.5));
  hand.update(at(30), 1);
  check(hand, at(40),
        {"row 1 [25, 32) mismatch by defect cdc.delivery=at_most_once + fault restart",
         "row 10 [25, …) missing by defect cdc.delivery=at_most_once + fault restart"});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(duplicate_delivery)

// Key 10 comes at 3; its copy is appended at 4.
BOOST_AUTO_TEST_CASE(into_an_append_sink_there_are_duplicates_from_the_copy_on) {
  HandOptions options;
  options.sink.write = WriteMode::append;
  HandWorld hand(options);
  hand.fault("twice", all_records<faults::DuplicateDelivery>(10, 1), at(2));
  hand.insert(at(3));
  check(hand, at(20), {"row 10 [4, …) duplicate by defect cdc.sink.write=append + fault twice"});
}

// Row 1 changes at 3, which comes again at 5, and at 4, after the fault. The copy undoes the younger change until row 1
// changes again at 9. Row 2 changes twice in the fault: its younger change comes again too, at 5.2, so that it is
// pending while the older one lies on top. Row 3's copy finds what it brings.
BOOST_AUTO_TEST_CASE(into_an_upsert_a_copy_undoes_a_younger_change) {
  HandWorld hand(HandOptions{});
  hand.fault("twice", all_records<faults::DuplicateDelivery>(1.5, 2), at(2));
  hand.update(at(3), 1);
  hand.update(at(3.1), 2);
  hand.update(at(3.2), 2);
  hand.update(at(3.3), 3);
  hand.update(at(4), 1);
  hand.update(at(9), 1);
  check(hand, at(20), {"row 1 [5, 9) mismatch by fault twice"});
}

BOOST_AUTO_TEST_CASE(into_an_upsert_of_what_is_newer_a_copy_changes_nothing) {
  HandOptions options;
  options.sink.write = WriteMode::upsert_if_newer;
  HandWorld hand(options);
  hand.fault("twice", all_records<faults::DuplicateDelivery>(1.5, 2), at(2));
  hand.update(at(3), 1);
  hand.update(at(4), 1);
  check(hand, at(20), {});
}

// Row 1 is garbled at 3, and its copy, as garbled as it, comes at 5: nothing of that is the copy's doing.
BOOST_AUTO_TEST_CASE(a_record_that_was_damaged_itself_is_not_to_be_blamed_on_its_copy) {
  HandWorld hand(HandOptions{});
  hand.fault("corrupt", corruption("cdc", faults::FieldCorruption::GARBLE, 2), at(2));
  hand.fault("twice", all_records<faults::DuplicateDelivery>(2, 2), at(2));
  hand.update(at(3), 1);
  check(hand, at(20), {"row 1 [3, …) mismatch by fault corrupt"});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(out_of_order_deletes)

// Row 1 goes at 3 and comes back at 5; its delete, held back for 4 s, takes it away again at 7, until it changes at 10.
// Row 2 only goes later than it should.
BOOST_AUTO_TEST_CASE(a_late_delete_takes_away_what_came_back) {
  HandWorld hand(HandOptions{});
  hand.fault("late", all_records<faults::OutOfOrderDeletes>(2, 4), at(2));
  hand.remove(at(3), 1);
  hand.remove(at(3.5), 2);
  hand.insert_again(at(5), 1);
  hand.update(at(10), 1);
  check(hand, at(20), {"row 1 [7, 10) missing by fault late"});
}

BOOST_AUTO_TEST_CASE(a_sink_that_keeps_the_newest_is_unharmed) {
  HandOptions options;
  options.sink.write = WriteMode::upsert_if_newer;
  HandWorld hand(options);
  hand.fault("late", all_records<faults::OutOfOrderDeletes>(2, 4), at(2));
  hand.remove(at(3), 1);
  hand.insert_again(at(5), 1);
  check(hand, at(20), {});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(schema_drift)

// The schema changes at 3, row 1 changes at 4 and 9, row 2 at 5. With a fix at 7, row 1 is right for its change at 9.
// Whoever never changes is right all along.
struct Drift {
  faults::SchemaDrift p;
  HandOptions options;
  Drift() { p.set_table("orders"); }
  void expect(const Expected& expected) {
    HandWorld hand(options);
    hand.fault("drift", p, at(3));
    hand.update(at(4), 1);
    hand.update(at(5), 2);
    hand.update(at(9), 1);
    check(hand, at(20), expected);
  }
  void rename() {
    p.mutable_change()->mutable_rename()->set_from("status");
    p.mutable_change()->mutable_rename()->set_to("state");
  }
  void add() {
    p.mutable_change()->mutable_add()->set_column("discount");
    p.mutable_change()->mutable_add()->mutable_type()->set_base(values::ColumnType::BIGINT);
  }
  void retype() {
    p.mutable_change()->mutable_retype()->set_column("amount");
    p.mutable_change()->mutable_retype()->mutable_to()->set_base(values::ColumnType::TEXT);
  }
};

BOOST_FIXTURE_TEST_CASE(a_rename_that_nobody_fixes_spoils_every_row_that_changes, Drift) {
  rename();
  expect({"row 1 [4, …) mismatch by fault drift", "row 2 [5, …) mismatch by fault drift"});
}
BOOST_FIXTURE_TEST_CASE(a_fixed_rename_leaves_the_rows_written_in_between, Drift) {
  rename();
  p.set_fixed_after_ns(lasting(4).ns);
  expect({"row 1 [4, 9) mismatch by fault drift", "row 2 [5, …) mismatch by fault drift"});
}
BOOST_FIXTURE_TEST_CASE(a_rename_does_not_harm_a_pipeline_that_follows, Drift) {
  rename();
  options.sink.schema_changes = SchemaMode::follow;
  expect({});
}
// A retyped decimal loses its fraction.
BOOST_FIXTURE_TEST_CASE(a_retype_truncates, Drift) {
  retype();
  p.set_fixed_after_ns(lasting(4).ns);
  expect({"row 1 [4, 9) mismatch by fault drift", "row 2 [5, …) mismatch by fault drift"});
}
// The contract speaks of columns that the source has.
BOOST_FIXTURE_TEST_CASE(a_dropped_column_is_no_longer_compared, Drift) {
  p.mutable_change()->set_drop("status");
  expect({});
}
BOOST_FIXTURE_TEST_CASE(a_new_column_is_missed_where_the_contract_follows, Drift) {
  add();
  options.follow_new_columns = true;
  p.set_fixed_after_ns(lasting(4).ns);
  expect({"row 1 [4, 9) mismatch by fault drift", "row 2 [5, …) mismatch by fault drift"});
}
// All ten rows show the default in the source from 3 on, and no record tells of it. Nobody writes it by writing a row
// under the old list of columns; with a fix at 7, row 1 has the column when it is written for its change at 9.
BOOST_FIXTURE_TEST_CASE(a_default_that_rows_get_with_a_new_column_is_missed_until_they_are_written_with_it, Drift) {
  add();
  p.mutable_change()->mutable_add()->set_default_text("7");
  options.follow_new_columns = true;
  p.set_fixed_after_ns(lasting(4).ns);
  Expected expected;
  for (int row = 0; row < 10; ++row)
    expected.push_back(fmt::format("row {} [3, {}) mismatch by fault drift", row, row == 1 ? "9" : "…"));
  expect(expected);
}
BOOST_FIXTURE_TEST_CASE(a_default_comes_by_itself_to_a_pipeline_that_follows, Drift) {
  add();
  p.mutable_change()->mutable_add()->set_default_text("7");
  options.follow_new_columns = true;
  options.sink.schema_changes = SchemaMode::follow;
  expect({});
}
BOOST_FIXTURE_TEST_CASE(a_default_is_not_missed_where_the_contract_ignores_its_column, Drift) {
  add();
  p.mutable_change()->mutable_add()->set_default_text("7");
  expect({});
}
BOOST_FIXTURE_TEST_CASE(a_new_column_is_not_missed_where_the_contract_ignores_it, Drift) {
  add();
  expect({});
}
// A corrupted status is wrong since 2; the column is dropped at 3, and with it the difference.
BOOST_FIXTURE_TEST_CASE(a_difference_ends_when_its_column_is_dropped, Drift) {
  p.mutable_change()->set_drop("status");
  HandWorld hand(options);
  faults::FieldCorruption corrupt = corruption("cdc", faults::FieldCorruption::GARBLE, 2);
  corrupt.set_column("status");
  hand.fault("corrupt", corrupt, at(1));
  hand.fault("drift", p, at(3));
  hand.update(at(2), 1);
  check(hand, at(20), {"row 1 [2, 3) mismatch by fault corrupt"});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(retention)

// Four changes at 30 and a second of work each, fetched one ahead of the worker, kept for a second: the first is in
// work and the second waits at 30; the third is fetched at 31, just in time, the fourth at 32, too late.
BOOST_AUTO_TEST_CASE(what_a_crowd_of_changes_leaves_in_the_topic_for_too_long_is_lost) {
  HandOptions options;
  options.sink.service_time = Sampler::constant(lasting(1));
  options.sink.max_poll_records = 1;
  options.topic.retention = lasting(1);
  options.connector.snapshot_rate = 1;  // the snapshot's ten rows take until 10
  HandWorld hand(options);
  for (const RowId row : {1U, 2U, 3U, 4U}) hand.update(at(30), row);
  hand.update(at(40), 4);
  check(hand, at(60), {"row 4 [31, 41) mismatch by topic retention of cdc"});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(repairs)

// As above, where the fourth change is a second one of row 1: a repair has brought it before it is lost, and the first
// one, which had been under way all the time, is written over it.
BOOST_AUTO_TEST_CASE(a_repair_that_overtakes_a_change_is_to_blame_for_what_is_written_over_it) {
  HandOptions options;
  options.sink.service_time = Sampler::constant(lasting(1));
  options.sink.max_poll_records = 1;
  options.topic.retention = lasting(1);
  options.connector.snapshot_rate = 1;
  HandWorld hand(options);
  for (const RowId row : {2U, 1U, 3U, 1U}) hand.update(at(30), row);
  hand.repair(at(31.5), 1);
  check(hand, at(60), {"row 1 [31, 31.5) mismatch by topic retention of cdc", "row 1 [32, …) mismatch by repair"});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(field_corruption)

// Row 1 changes at 3, in the fault, and at 6, after it.
BOOST_AUTO_TEST_CASE(a_column_of_a_stream_is_wrong_until_the_row_changes_again) {
  using Corruption = faults::FieldCorruption;
  for (const auto how :
       {Corruption::NULL_VALUE, Corruption::TRUNCATE, Corruption::STALE, Corruption::SHIFT, Corruption::GARBLE}) {
    BOOST_TEST_CONTEXT("how " << how) {
      HandWorld hand(HandOptions{});
      hand.fault("corrupt", corruption("cdc", how, 2), at(2));
      hand.update(at(3), 1);
      hand.update(at(6), 1);
      check(hand, at(20), {"row 1 [3, 6) mismatch by fault corrupt"});
    }
  }
}

// A sink that keeps the newest takes the clean replay for old: the row is pending while the replay is under way, from
// the crash at 5 until it comes at 7, and then divergent again.
BOOST_AUTO_TEST_CASE(a_clean_replay_that_is_refused_does_not_help) {
  HandOptions options;
  options.sink.write = WriteMode::upsert_if_newer;
  HandWorld hand(options);
  hand.fault("corrupt", corruption("cdc", faults::FieldCorruption::SHIFT, 2), at(2));
  hand.fault("restart", restart(source_connector, 2), at(5));
  hand.update(at(3), 1);
  check(hand, at(20), {"row 1 [3, …) mismatch by fault corrupt"});
}
// An upsert takes it, when it comes.
BOOST_AUTO_TEST_CASE(a_clean_replay_that_is_written_makes_the_row_right) {
  HandWorld hand(HandOptions{});
  hand.fault("corrupt", corruption("cdc", faults::FieldCorruption::SHIFT, 2), at(2));
  hand.fault("restart", restart(source_connector, 2), at(5));
  hand.update(at(3), 1);
  check(hand, at(20), {"row 1 [3, 7) mismatch by fault corrupt"});
}
BOOST_AUTO_TEST_CASE(a_repair_ends_it) {
  HandWorld hand(HandOptions{});
  hand.fault("corrupt", corruption("cdc", faults::FieldCorruption::SHIFT, 2), at(2));
  hand.update(at(3), 1);
  hand.repair(at(8), 1);
  check(hand, at(20), {"row 1 [3, 8) mismatch by fault corrupt"});
}

// A job every ten seconds, one second a row: ten rows, extracted at 10 and 20, loaded at 20 … The fault is over then at
// the load of 20, but not at that of 10, which ends at 10 when rows take no time.
BOOST_AUTO_TEST_CASE(a_column_of_a_batch_load_is_wrong_until_the_next_load) {
  HandOptions options;
  options.batch = true;
  options.every = lasting(10);
  HandWorld hand(options);
  hand.fault("corrupt", corruption("nightly", faults::FieldCorruption::SHIFT, 5), at(8));
  hand.remove(at(3), 1);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (row != 1) expected.push_back(fmt::format("row {} [10, 20) mismatch by fault corrupt", row));
  check(hand, at(25), expected);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(defects)

// Row 1 goes at 3 and comes back at 6; row 2 goes at 4 for good.
BOOST_AUTO_TEST_CASE(a_sink_that_ignores_deletes_keeps_ghosts) {
  HandOptions options;
  options.sink.deletes = DeleteMode::ignore;
  HandWorld hand(options);
  hand.remove(at(3), 1);
  hand.remove(at(4), 2);
  hand.insert_again(at(6), 1);
  check(
      hand, at(20),
      {"row 1 [3, 6) extra by defect cdc.sink.deletes=ignore", "row 2 [4, …) extra by defect cdc.sink.deletes=ignore"});
}

// Rows that were there before are missing from the start; row 1 until it changes at 3, row 2 until it goes at 4.
BOOST_AUTO_TEST_CASE(without_a_snapshot_old_rows_are_missing) {
  HandOptions options;
  options.connector.initial_snapshot = false;
  HandWorld hand(options);
  hand.update(at(3), 1);
  hand.remove(at(4), 2);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row) {
    const std::string until = row == 1 ? "3" : row == 2 ? "4" : "…";
    expected.push_back(fmt::format("row {} [0, {}) missing by defect cdc.connector.snapshot=none", row, until));
  }
  check(hand, at(20), expected);
}

// Key 10 comes at 3; each of its changes adds a copy to an append sink, at once.
BOOST_AUTO_TEST_CASE(an_append_sink_keeps_every_version) {
  HandOptions options;
  options.sink.write = WriteMode::append;
  HandWorld hand(options);
  hand.insert(at(3));
  hand.update(at(5), 10);
  hand.remove(at(8), 10);
  check(hand, at(20), {"row 10 [5, 8) duplicate by defect cdc.sink.write=append"});
}

// A cycle every ten seconds that merges what was updated since the last. Row 1 goes at 3: the load at 10 does not see
// it. Row 3's change is stated at 9 and committed at 11, after row 2's of 9.5 moved the cursor on: the load at 10 was
// too early, the one at 20 is too late. Row 3 changes again at 25, so the load at 30 brings it.
BOOST_AUTO_TEST_CASE(an_incremental_extract_misses_deletes_and_late_commits) {
  HandOptions options;
  options.batch = true;
  options.every = lasting(10);
  options.extract.extract = BatchOptions::Extract::incremental;
  options.extract.load = BatchOptions::Load::merge;
  HandWorld hand(options);
  hand.remove(at(3), 1);
  hand.update(at(9.5), 2);
  hand.update_late(at(9), at(11), 3);
  hand.update(at(25), 3);
  check(hand, at(35),
        {"row 1 [10, …) extra by defect nightly.extract", "row 3 [20, 30) mismatch by defect nightly.extract"});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(initial_snapshot)

// A row a second. The column that comes at 0.5, before any change, has its default in rows that were there before.
BOOST_AUTO_TEST_CASE(a_row_of_the_snapshot_is_of_the_schema_that_it_was_read_under) {
  HandOptions options;
  options.connector.snapshot_rate = 1;
  options.follow_new_columns = true;
  options.sink.schema_changes = SchemaMode::follow;
  HandWorld hand(options);
  faults::SchemaDrift drift;
  drift.set_table("orders");
  auto& add = *drift.mutable_change()->mutable_add();
  add.set_column("discount");
  add.mutable_type()->set_base(values::ColumnType::DECIMAL);
  add.set_default_text("7");
  hand.fault("drift", drift, at(0.5));
  check(hand, at(20), {});
  const Dataset& dataset = hand.world.datasets[0];
  for (RowId row = 0; row < HandWorld::rows; ++row)
    BOOST_TEST(hand.world.content.equal(hand.world.source.schema(0), 0, hand.world.contract_columns(dataset),
                                        hand.world.marks, row, hand.world.source.rows(0)[row],
                                        hand.world.rows(hand.store, 0)[row]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::oracle_test
