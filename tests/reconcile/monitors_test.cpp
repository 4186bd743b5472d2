// Lag, gaps in positions, and columns that drift apart: what a stream's own monitors say.
#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

const std::string observed =
    "observation { of: 'stream_store' runs { every_ns: 3600000000000 offset_ns: 3600000000000 } } ";
const std::string positions = "position_continuity { " + observed + " }";
const std::string columns_of_contract = "schema_compatibility { " + observed + " }";
const std::string columns_of_source = "schema_compatibility { " + observed + " against: SOURCE }";

SchemaChange rename_status() {
  return {.kind = SchemaChange::Kind::rename, .column = "status", .to = "state", .added = {}};
}

SchemaChange add_note() {
  Column note;
  note.name = "note";
  note.type = "text";
  note.value_type = ValueType::text;
  return {.kind = SchemaChange::Kind::add, .column = "note", .to = "", .added = note};
}

}  // namespace

BOOST_AUTO_TEST_CASE(lag_counts_the_changes_that_are_committed_and_not_visible) {
  WorldShape shape;
  shape.poll_every = minute * 7;
  Small small(shape);
  small.use(scenario_of("lag { " + observed + " }", "metrics { name: 'behind' from: 'c' }"));
  small.run(Time{0} + minute * 57);
  small.change(3);
  small.change(4);  // polled at 1:03:00
  small.run(Time{0} + hour * 2 + minute);
  const auto& behind = small.reconciler->metrics().series(0).samples;
  BOOST_REQUIRE_EQUAL(behind.size(), 2U);
  BOOST_TEST(behind[0].value == 2.0);
  BOOST_TEST(behind[1].value == 0.0);
  BOOST_TEST(small.reconciler->checks()[0].monitor());
}

BOOST_AUTO_TEST_CASE(lag_does_not_count_what_is_delivered_again_and_visible_already) {
  Small small;
  small.use(scenario_of("lag { " + observed + " }"));
  small.run(Time{0} + hour - second * 20);
  for (RowId row = 0; row < 10; ++row) small.change(row);
  small.run(Time{0} + hour - second);  // all ten are visible
  for (const Part::Kind part : {Part::Kind::connector, Part::Kind::members}) {
    small.world.crash({part, 0}, {}, "somebody", 0);
    small.world.release({part, 0}, {});
  }
  BOOST_TEST(small.world.streams[0].connector.position() < small.world.source.end());  // it reads some again
  small.change(3);
  small.change(4);
  const ReadView view(small.world);
  BOOST_TEST(view.lag_records(small.stream) == 2U);
  BOOST_TEST(view.freshness(small.stream).ns == 0);
}

BOOST_AUTO_TEST_CASE(a_monitor_sees_its_part_of_the_way_and_nothing_while_that_part_is_dead) {
  const auto lag = [](const std::string& seen_from, std::optional<Part::Kind> dead) {
    WorldShape shape;
    shape.poll_every = minute * 7;
    Small small(shape);
    small.use(scenario_of("lag { " + observed + " seen_from: " + seen_from + " }"));
    small.run(Time{0} + minute * 50);
    if (dead) small.world.crash({*dead, 0}, {}, "somebody", 0);
    small.change(3);  // polled at 0:56, if the connector runs
    small.run(Time{0} + minute * 59);
    small.change(4);  // polled at 1:03
    small.run(Time{0} + hour + second);
    const CheckRun run = small.reconciler->runs().at(0);
    return run.data ? std::optional(as_number(*run.measured)) : std::nullopt;
  };
  const std::optional<double> none;
  const auto connector = Part::Kind::connector, members = Part::Kind::members;
  BOOST_CHECK(lag("SOURCE", {}) == 1.0);
  BOOST_CHECK(lag("CONNECTOR", {}) == 1.0);
  BOOST_CHECK(lag("SINK", {}) == 0.0);
  BOOST_CHECK(lag("SOURCE", connector) == 2.0);
  BOOST_CHECK(lag("CONNECTOR", connector) == none);
  BOOST_CHECK(lag("SINK", connector) == 0.0);  // nothing is in the topic: a dead connector looks well from there
  BOOST_CHECK(lag("SOURCE", members) == 2.0);
  BOOST_CHECK(lag("CONNECTOR", members) == 1.0);
  BOOST_CHECK(lag("SINK", members) == none);
}

BOOST_AUTO_TEST_CASE(freshness_and_latency_have_no_data_while_who_reports_them_is_dead) {
  const auto runs = [](const std::string& check, Part::Kind dead) {
    Small small;
    small.use(scenario_of(check));
    small.run(Time{0} + minute * 50);
    small.change(3);  // visible within seconds
    small.run(Time{0} + minute * 55);
    small.world.crash({dead, 0}, {}, "somebody", 0);
    small.change(4);
    small.run(Time{0} + hour + minute);
    small.world.release({dead, 0}, {});
    small.run(Time{0} + hour * 2 + minute);
    std::vector<std::optional<double>> measured;
    for (const CheckRun& run : small.reconciler->runs())
      measured.push_back(run.data ? std::optional(as_number(*run.measured)) : std::nullopt);
    return measured;
  };
  const auto age = [&](const std::string& from, Part::Kind dead) {
    return runs("freshness { " + observed + " seen_from: " + from + " }", dead);
  };
  const std::optional<double> none, five_minutes = static_cast<double>((minute * 5).ns);
  BOOST_CHECK(age("SOURCE", Part::Kind::connector).at(0) == five_minutes);
  BOOST_CHECK(age("CONNECTOR", Part::Kind::connector).at(0) == none);
  BOOST_CHECK(age("SINK", Part::Kind::connector).at(0) == 0.0);
  BOOST_CHECK(age("SINK", Part::Kind::members).at(0) == none);
  BOOST_CHECK(age("CONNECTOR", Part::Kind::members).at(0) == 0.0);
  for (const char* from : {"SOURCE", "CONNECTOR", "SINK"}) BOOST_CHECK(age(from, Part::Kind::members).at(1) == 0.0);
  const auto latency =
      runs("latency { " + observed + " percentile_ppb: 1000000000 seen_from: SINK }", Part::Kind::members);
  BOOST_CHECK(latency.at(0) == none);
  BOOST_CHECK(latency.at(1).value_or(0) >= static_cast<double>((minute * 6).ns));  // of both changes
}

// Two changes are in the topic, which keeps them for ten minutes; the members are paused for thirty.
BOOST_AUTO_TEST_CASE(offsets_that_retention_took_are_a_gap) {
  WorldShape shape;
  shape.retention = minute * 10;
  Small small(shape);
  const std::string others = "checks { name: 'counts' row_count { " + compared("POSITION") +
                             " } } checks { name: 'twice' duplicates { " + observed +
                             " scan_rate_nano: 10000000000 } }";
  small.use(scenario_of(positions, others));
  small.run(Time{0} + minute * 20);
  BOOST_REQUIRE(small.world.positioned(small.stream));
  small.world.pause({Part::Kind::members, 0}, {}, "somebody");
  small.change(3);
  small.change(4);
  small.run(Time{0} + minute * 50);
  small.world.release({Part::Kind::members, 0}, {});
  small.run(Time{0} + hour * 2 + minute);
  std::uint64_t gaps = 0, others_found = 0;
  for (const CheckRun& run : small.reconciler->runs()) (run.check == 0 ? gaps : others_found) += run.discrepancies();
  const CheckRun& first = small.reconciler->runs()[0];
  BOOST_TEST(first.data);
  BOOST_TEST(gaps == 2U);
  BOOST_TEST(others_found == 0U);  // no count and no copy shows updates that were lost
  BOOST_REQUIRE_EQUAL(first.claims.size(), 1U);
  BOOST_TEST((first.claims.list()[0].about == Claim::About::everything));
  BOOST_TEST(first.first_read.ns == 0);  // it speaks of the time since the run before
}

BOOST_AUTO_TEST_CASE(what_a_crash_threw_away_nobody_counts) {
  WorldShape shape;
  shape.service_time = second * 30;
  shape.delivery = Delivery::at_most_once;
  Small small(shape);
  small.use(scenario_of(positions));
  small.run(Time{0} + minute * 20);
  BOOST_REQUIRE(small.world.positioned(small.stream));
  small.change(3);
  small.run(small.world.now() + second * 2);  // fetched, and so committed
  small.world.crash({Part::Kind::members, 0}, {}, "somebody", 0);
  small.world.release({Part::Kind::members, 0}, {});
  small.run(Time{0} + hour * 2 + minute);
  BOOST_TEST(!small.stream_cell(3).same_content_as(small.source_cell(3)));
  for (const CheckRun& run : small.reconciler->runs()) BOOST_TEST(run.discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(positions_without_gaps_claim_nothing_whatever_the_rows_are_like) {
  Small small;
  small.use(scenario_of(positions));
  small.run(Time{0} + minute);
  small.lose(2);
  small.change(3);
  small.world.crash({Part::Kind::members, 0}, {}, "somebody", 0);
  small.world.release({Part::Kind::members, 0}, {});
  small.run(Time{0} + hour * 2 + minute);
  for (const CheckRun& run : small.reconciler->runs()) BOOST_TEST(run.discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(a_column_that_was_renamed_is_seen_before_any_row_is_wrong) {
  Small small;
  small.use(scenario_of(columns_of_contract, "checks { name: 'fields' field_compare { " + compared("POSITION") +
                                                 " sample_ppb: 1000000000 } }"));
  small.run(Time{0} + minute * 90);
  small.world.apply_schema_change(orders, rename_status(), 0);
  small.run(Time{0} + minute * 150);
  small.world.deploy_mappings(orders);
  small.run(Time{0} + minute * 210);
  std::vector<std::uint64_t> drifts, rows;
  for (const CheckRun& run : small.reconciler->runs()) (run.check == 0 ? drifts : rows).push_back(run.discrepancies());
  BOOST_TEST(drifts == std::vector<std::uint64_t>({0, 1, 0}), boost::test_tools::per_element());
  BOOST_TEST(rows == std::vector<std::uint64_t>({0, 0, 0}), boost::test_tools::per_element());
  const CheckRun& seen = small.reconciler->runs()[2];
  BOOST_REQUIRE_EQUAL(seen.claims.size(), 1U);
  BOOST_TEST(seen.claims.list()[0].discrepancy() == scenario::SCHEMA);
  BOOST_TEST(seen.claims.list()[0].names(status));
}

BOOST_AUTO_TEST_CASE(a_new_column_is_a_difference_from_the_source_and_none_from_a_contract_without_it) {
  for (const auto& [check, differences] : {std::pair{columns_of_contract, 0U}, std::pair{columns_of_source, 1U}}) {
    Small small;
    small.use(scenario_of(check));
    small.run(Time{0} + minute);
    small.world.apply_schema_change(orders, add_note(), 0);
    small.run(Time{0} + hour + minute);
    BOOST_TEST(small.reconciler->runs().at(0).discrepancies() == differences);
  }
}

}  // namespace rehearse::reconcile_test
