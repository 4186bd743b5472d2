// Ten rows and a dataset whose columns are made of the source's: what a pipeline that makes them otherwise does, and
// what the contract's equality forgives.
//
// What a row's amount is was drawn; each test reads it at the source and works out from it what must come of it.
#include <boost/test/unit_test.hpp>

#include "faults/schema_drift/schema_drift.pb.h"
#include "tests/oracle/hand_world.h"

namespace rehearse::oracle_test {
namespace {

constexpr ColumnId amount = 1, status = 2;
constexpr ValueForm whole_number{.fixed = true};

void check(HandWorld& hand, Time until, Expected expected) {
  std::sort(expected.begin(), expected.end());
  BOOST_TEST(hand.intervals(until) == expected, boost::test_tools::per_element());
}

ColumnId add_derived(TableSchema& schema, Dataset& dataset, const char* name, DerivedColumn derived) {
  Column column;
  column.name = name;
  column.value_type = derived.form.type;
  column.derived = std::move(derived);
  schema.columns.push_back(std::move(column));
  dataset.columns.push_back(static_cast<ColumnId>(schema.columns.size() - 1));
  return dataset.columns.back();
}

// The dataset is (id, total), where total is the amount rounded half up; way 1 rounds it down.
constexpr ColumnId total = 3;
HandOptions rounded_totals(Equality equality = {}) {
  HandOptions options;
  options.transforms = [equality](TableSchema& schema, Dataset& dataset) {
    dataset.columns = {0};
    const ColumnId id =
        add_derived(schema, dataset, "total",
                    {whole_number,
                     {{amount, whole_number, Rounding::half_up, {}}, {amount, whole_number, Rounding::down, {}}},
                     {}});
    BOOST_REQUIRE(id == total);
    schema.columns[id].equality = equality;
  };
  return options;
}

std::int64_t cents(const HandWorld& hand, RowId row) {
  const Cell cell = hand.world.source.rows(0)[row];
  return hand.world.content.value(hand.world.source.schema(0), 0, amount, hand.world.marks, {row, cell}).bits % 100;
}

Value value(const HandWorld& hand, ColumnId column, RowId row, Cell cell) {
  return hand.world.content.value(hand.world.source.schema(0), 0, column, hand.world.marks, {row, cell});
}

// The amount is renamed at 10; by name, the sink finds none in the change of row 1 at 12.
void expect_the_renamed_amount_to_be_missed(HandWorld& hand) {
  faults::SchemaDrift drift;
  drift.set_table("orders");
  drift.mutable_change()->mutable_rename()->set_from("amount");
  drift.mutable_change()->mutable_rename()->set_to("net");
  hand.fault("drift", drift, at(10));
  hand.update(at(12), 1);
  check(hand, at(20), {"row 1 [12, …) mismatch by fault drift"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mappings)

BOOST_AUTO_TEST_CASE(a_total_is_the_amount_rounded_and_a_right_mapping_diverges_nowhere) {
  HandWorld hand(rounded_totals());
  hand.update(at(5), 3);
  check(hand, at(20), {});
  for (RowId row = 0; row < HandWorld::rows; ++row) {
    const Cell cell = hand.world.rows(hand.store, 0)[row];
    const std::int64_t hundredths = value(hand, amount, row, cell).bits;
    BOOST_TEST(value(hand, total, row, cell).bits == (hundredths + 50) / 100);
  }
}

// Of the ten rows those differ whose cents are fifty or more; each from the start on.
BOOST_AUTO_TEST_CASE(rounding_down_is_wrong_where_the_cents_are_fifty_or_more_and_nowhere_else) {
  HandOptions options = rounded_totals();
  options.sink.mistakes = {{.table = 0, .column = total, .way = 1}};
  HandWorld hand(options);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (cents(hand, row) >= 50)
      expected.push_back(fmt::format("row {} [0, …) mismatch by defect cdc.mapping.total", row));
  BOOST_TEST(expected.size() > 1U);
  BOOST_TEST(expected.size() < 9U);
  check(hand, at(20), expected);
}

// A row is updated every second: each version is wrong, or not, by its own cents.
BOOST_AUTO_TEST_CASE(each_version_of_a_row_is_wrong_by_its_own_cents) {
  HandOptions options = rounded_totals();
  options.sink.mistakes = {{.table = 0, .column = total, .way = 1}};
  HandWorld hand(options);
  std::vector<bool> wrong{cents(hand, 4) >= 50};
  for (int second = 1; second <= 12; ++second) {
    hand.update(at(second), 4);
    wrong.push_back(cents(hand, 4) >= 50);
  }
  Expected expected, of_the_row;
  for (std::size_t from = 0; from < wrong.size(); ++from) {
    if (!wrong[from] || (from > 0 && wrong[from - 1])) continue;
    std::size_t until = from;
    while (until < wrong.size() && wrong[until]) ++until;
    const std::string end = until == wrong.size() ? "…" : std::to_string(until);
    expected.push_back(fmt::format("row 4 [{}, {}) mismatch by defect cdc.mapping.total", from, end));
  }
  for (const std::string& line : hand.intervals(at(20)))
    if (line.starts_with("row 4 ")) of_the_row.push_back(line);
  std::sort(expected.begin(), expected.end());
  BOOST_TEST(expected.size() > 1U);
  BOOST_TEST(expected.size() < 12U);
  BOOST_TEST(of_the_row == expected, boost::test_tools::per_element());
}

// A repair writes the total as the contract wants it; the next change of the row comes through the mapping again.
BOOST_AUTO_TEST_CASE(a_repair_rights_a_row_until_its_next_change) {
  HandOptions options = rounded_totals();
  options.sink.mistakes = {{.table = 0, .column = total, .way = 1}};
  HandWorld hand(options);
  RowId row = 0;
  while (cents(hand, row) < 50) ++row;
  hand.repair(at(5), row);
  hand.update(at(8), row);
  Expected expected{fmt::format("row {} [0, 5) mismatch by defect cdc.mapping.total", row)}, of_the_row;
  if (cents(hand, row) >= 50)
    expected.push_back(fmt::format("row {} [8, …) mismatch by defect cdc.mapping.total", row));
  for (const std::string& line : hand.intervals(at(20)))
    if (line.starts_with(fmt::format("row {} ", row))) of_the_row.push_back(line);
  BOOST_TEST(of_the_row == expected, boost::test_tools::per_element());
}

// The first load, at 10, is of a store that was right until then.
BOOST_AUTO_TEST_CASE(a_batch_job_s_mapping_is_wrong_from_its_first_load_on) {
  HandOptions options = rounded_totals();
  options.batch = true;
  options.every = lasting(10);
  options.extract.mistakes = {{.table = 0, .column = total, .way = 1}};
  HandWorld hand(options);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (cents(hand, row) >= 50)
      expected.push_back(fmt::format("row {} [10, …) mismatch by defect nightly.mapping.total", row));
  check(hand, at(35), expected);
}

// The loads at 10 and 20 are wrong in the same rows; the amount is dropped at 25, and with it the total. The load of 10
// comes back at 27, and what was wrong in it is no part of the contract any more.
BOOST_AUTO_TEST_CASE(a_restored_load_is_held_against_the_contract_of_now) {
  HandOptions options = rounded_totals();
  options.batch = true;
  options.every = lasting(10);
  options.extract.mistakes = {{.table = 0, .column = total, .way = 1}};
  options.extract.keep_snapshots = 3;
  HandWorld hand(options);
  faults::SchemaDrift drift;
  drift.set_table("orders");
  drift.mutable_change()->set_drop("amount");
  hand.fault("drift", drift, at(25));
  hand.restore(at(27), 2);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (cents(hand, row) >= 50)
      expected.push_back(fmt::format("row {} [10, 25) mismatch by defect nightly.mapping.total", row));
  BOOST_TEST(expected.size() > 1U);
  check(hand, at(29), expected);
}

// Statuses of which some are NULL; the contract says `none` in their place.
HandOptions defaulted_statuses() {
  HandOptions options;
  options.transforms = [](TableSchema& schema, Dataset& dataset) {
    schema.columns[status].null_share = 400'000;
    dataset.columns = {0, amount};
    add_derived(
        schema, dataset, "state",
        {{.type = ValueType::text}, {{status, {}, {}, {Value::Kind::text, 0, -1}}, {status, {}, {}, {}}}, {"none"}});
  };
  return options;
}

BOOST_AUTO_TEST_CASE(a_forgotten_default_is_wrong_where_the_source_has_null) {
  HandOptions options = defaulted_statuses();
  options.sink.mistakes = {{.table = 0, .column = 3, .way = 1}};
  HandWorld hand(options);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (value(hand, status, row, hand.world.source.rows(0)[row]).kind == Value::Kind::null)
      expected.push_back(fmt::format("row {} [0, …) mismatch by defect cdc.mapping.state", row));
  BOOST_TEST(expected.size() > 1U);
  BOOST_TEST(expected.size() < 9U);
  check(hand, at(20), expected);
  const TableSchema& schema = hand.world.source.schema(0);
  BOOST_TEST(hand.world.content.text(schema, 3, {Value::Kind::text, 0, -1}) == "none");
}

// Two texts of three values each change places: the rows in which they have the same number differ as well, because
// `status_1` is not `region_1`. Both columns are to blame in every row.
BOOST_AUTO_TEST_CASE(swapped_columns_are_wrong_in_every_row_by_both_mappings) {
  HandOptions options;
  options.transforms = [](TableSchema& schema, Dataset& dataset) {
    schema.columns[status].distinct = 3;
    schema.columns.push_back({.name = "region", .type = "text", .value_type = ValueType::text, .distinct = 3});
    schema.versions.front().columns.push_back({3, "region", "text"});
    dataset.columns = {0, amount};
    add_derived(schema, dataset, "state", {{.type = ValueType::text}, {{status, {}, {}, {}}, {3, {}, {}, {}}}, {}});
    add_derived(schema, dataset, "place", {{.type = ValueType::text}, {{3, {}, {}, {}}, {status, {}, {}, {}}}, {}});
  };
  options.sink.mistakes = {{.table = 0, .column = 4, .way = 1}, {.table = 0, .column = 5, .way = 1}};
  HandWorld hand(options);
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    expected.push_back(
        fmt::format("row {} [0, …) mismatch by defect cdc.mapping.place + defect cdc.mapping.state", row));
  check(hand, at(20), expected);
}

// The amount is dropped at 10: the contract loses its total, and no row is wrong any more.
BOOST_AUTO_TEST_CASE(a_column_whose_source_is_dropped_is_in_no_contract) {
  HandOptions options = rounded_totals();
  options.sink.mistakes = {{.table = 0, .column = total, .way = 1}};
  HandWorld hand(options);
  faults::SchemaDrift drift;
  drift.set_table("orders");
  drift.mutable_change()->set_drop("amount");
  hand.fault("drift", drift, at(10));
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (cents(hand, row) >= 50)
      expected.push_back(fmt::format("row {} [0, 10) mismatch by defect cdc.mapping.total", row));
  check(hand, at(20), expected);
}

// The amount is renamed at 10; by name, the sink finds none in the change of row 1 at 12, and its total is NULL.
BOOST_AUTO_TEST_CASE(a_renamed_source_column_is_missed_by_name_in_what_is_made_of_it) {
  HandWorld hand(rounded_totals());
  expect_the_renamed_amount_to_be_missed(hand);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(equality)

// Rounded down a total is one too low at most.
BOOST_AUTO_TEST_CASE(what_lies_within_the_tolerance_is_not_divergent_and_what_lies_beyond_is) {
  for (const std::int64_t tolerance : {1'000'000'000, 999'999'999}) {
    HandOptions options = rounded_totals({Equality::Kind::tolerance, tolerance});
    options.sink.mistakes = {{.table = 0, .column = total, .way = 1}};
    HandWorld hand(options);
    hand.update(at(5), 1);
    hand.update(at(6), 2);
    BOOST_TEST(hand.intervals(at(20)).empty() == (tolerance == 1'000'000'000));
  }
}

BOOST_AUTO_TEST_CASE(null_is_within_no_tolerance) {
  HandOptions options = rounded_totals({Equality::Kind::tolerance, 1'000'000'000'000'000});
  HandWorld hand(options);
  expect_the_renamed_amount_to_be_missed(hand);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::oracle_test
