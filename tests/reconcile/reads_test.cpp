// Orphans, dual reads and a shadow consumer on a world of ten rows.
#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

const std::string orphans =
    "referential { " + compared("POSITION") + " child: 'orders' column: 'customer_id' parent: 'customers' }";
const std::string dual =
    "dual_read { " + compared("POSITION") + " as: 'dashboard' reads: 1000 latest { column: 'amount' rows: 3 } }";

std::string shadow(const std::string& between, const std::string& again_after) {
  return "shadow_consumer { as: 'dashboard' between: [" + between + "] reads: 1000 again_after_ns: " + again_after +
         " relative_ppb: 200000000 absolute_ppb: 300000 runs { every_ns: 3600000000000 offset_ns: 3600000000000 } }";
}

// One run over a world that `damage` has hurt.
template <class Damage>
CheckRun run_over(const std::string& check, const WorldShape& shape, Damage damage) {
  Small small(shape);
  small.add_consumer("dashboard");
  small.use(scenario_of(check));
  small.run(Time{0} + minute);
  damage(small);
  small.run(Time{0} + hour * 2 + minute * 30);
  BOOST_REQUIRE(!small.reconciler->runs().empty());
  BOOST_REQUIRE(small.reconciler->runs()[0].data);
  return small.reconciler->runs()[0];
}

const WorldShape with_customers = [] {
  WorldShape shape;
  shape.customers = 5;
  return shape;
}();

// An order whose customer the source has, and that customer.
std::pair<RowId, RowId> order_of_a_customer(const Small& small) {
  ReadView view(const_cast<World&>(small.world));
  const Reading reading = view.open(source_store, orders);
  std::pair<RowId, RowId> found{no_key, no_key};
  for (const RowValue& order : view.column_values(reading, customer_id))
    if (order.value.bits > 0 && found.first == no_key)
      found = {order.row, static_cast<RowId>(order.value.bits - 1)};  // keys count from 1
  view.close(reading);
  BOOST_REQUIRE(found.first != no_key);
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(orphans_that_the_source_has_as_well_are_not_claimed) {
  BOOST_TEST(run_over(orphans, with_customers, [](Small&) {}).discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(a_missing_parent_is_claimed_with_its_children) {
  RowId parent = no_key;
  const CheckRun run = run_over(orphans, with_customers, [&](Small& small) {
    parent = order_of_a_customer(small).second;
    TableCopy& copy = small.world.rows(small.stream, customers);
    copy.put(parent, {copy[parent].write, absent, 0});
  });
  BOOST_TEST(run.found[scenario::MISSING] > 0U);
  BOOST_TEST(run.discrepancies() == run.found[scenario::MISSING]);
  for (const Claim& claim : run.claims.list()) {
    BOOST_TEST((claim.about == Claim::About::pair));
    BOOST_TEST(claim.table == orders);
    BOOST_TEST(claim.other_table == customers);
    BOOST_TEST(claim.other == parent);
  }
}

BOOST_AUTO_TEST_CASE(a_reference_that_points_elsewhere_is_a_mismatch_and_a_child_too_many_is_extra) {
  const CheckRun shifted = run_over(orphans, with_customers, [](Small& small) {
    for (RowId row = 0; row < 10; ++row) small.alter(row, customer_id, AlterationKind::garbled);
  });
  BOOST_TEST(shifted.found[scenario::MISMATCH] > 0U);
  BOOST_TEST(shifted.found[scenario::MISSING] == 0U);
  const CheckRun ghost = run_over(orphans, with_customers, [](Small& small) {
    const Cell cell = small.stream_cell(3);
    small.put(12, {cell.write,
                   small.world.marks.altered(cell.mark, {.column = customer_id, .kind = AlterationKind::garbled},
                                             small.world.causes),
                   0});
  });
  BOOST_TEST(claimed(ghost, scenario::EXTRA) == std::vector<RowId>({12}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_referential_check_looks_at_the_parents_of_a_dataset_that_others_leave_alone) {
  const auto lose_a_parent = [](Small& small) {
    TableCopy& copy = small.world.rows(small.stream, customers);
    const RowId parent = order_of_a_customer(small).second;
    copy.put(parent, {copy[parent].write, absent, 0});
  };
  const std::string of_orders = compared("POSITION", "datasets: 'orders'");
  BOOST_TEST(run_over("field_compare { " + of_orders + " sample_ppb: 1000000000 }", with_customers, lose_a_parent)
                 .discrepancies() == 0U);
  BOOST_TEST(run_over("row_count { " + of_orders + " }", with_customers, lose_a_parent).discrepancies() == 0U);
  BOOST_TEST(run_over(orphans, with_customers, lose_a_parent).discrepancies() > 0U);
}

BOOST_AUTO_TEST_CASE(a_dual_read_asks_for_keys_as_its_consumer_draws_them) {
  BOOST_TEST(run_over(dual, {}, [](Small&) {}).discrepancies() == 0U);
  const CheckRun run = run_over(dual, {}, [](Small& small) {
    small.lose(2);
    small.alter(5, status, AlterationKind::null);
    small.put(11, small.source_cell(1));  // a key that the source never had: nobody asks for it
  });
  BOOST_TEST(run.rows_compared == 10U);  // a thousand reads draw every one of ten keys
  BOOST_TEST(claimed(run, scenario::MISSING) == std::vector<RowId>({2}), boost::test_tools::per_element());
  BOOST_TEST(claimed(run, scenario::MISMATCH) == std::vector<RowId>({5}), boost::test_tools::per_element());
  BOOST_TEST(run.claims.list().at(0).columns != run.claims.list().at(1).columns);
}

BOOST_AUTO_TEST_CASE(a_dual_read_of_few_keys_misses_what_it_does_not_draw) {
  const std::string one = "dual_read { " + compared("POSITION") + " as: 'dashboard' reads: 1 }";
  WorldShape shape;
  shape.rows = 1000;
  BOOST_TEST(run_over(one, shape, [](Small& small) { small.lose(2); }).rows_compared == 1U);
}

BOOST_AUTO_TEST_CASE(the_latest_by_a_column_differ_where_no_key_that_is_asked_for_does) {
  // A row that the source does not have, above all others: no read by key asks for it, and the latest show it.
  const auto ghost_on_top = [](Small& small) {
    // Enough keys beyond the source's that one of them has an amount above the rest.
    for (RowId row = 20; row < 220; ++row) small.put(row, small.source_cell(1));
  };
  const CheckRun run = run_over(dual, {}, ghost_on_top);
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
  BOOST_TEST(run.discrepancies() == 1U);
  BOOST_TEST(run.claims.list().at(0).names(amount));
  const std::string by_key = "dual_read { " + compared("POSITION") + " as: 'dashboard' reads: 1000 }";
  BOOST_TEST(run_over(by_key, {}, ghost_on_top).discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(a_shadow_consumer_names_the_column_whose_answers_differ_and_measures_the_share) {
  const CheckRun clean = run_over(shadow("'source', 'stream_store'", "1000000000"), {}, [](Small&) {});
  BOOST_TEST(clean.discrepancies() == 0U);
  BOOST_TEST(as_number(*clean.measured) == 0.0);
  const CheckRun run = run_over(shadow("'source', 'stream_store'", "1000000000"), {}, [](Small& small) {
    for (const RowId row : {1U, 4U, 6U}) small.alter(row, amount, AlterationKind::shifted);
  });
  BOOST_REQUIRE_EQUAL(run.claims.size(), 1U);
  BOOST_TEST(run.claims.list()[0].names(amount));
  BOOST_TEST(!run.claims.list()[0].names(status));
  BOOST_TEST(as_number(*run.measured) == 0.3, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(what_the_store_in_use_answers_differently_by_itself_is_noise) {
  WorldShape busy;
  busy.rows = 500;
  busy.poll_every = minute * 7;  // the last poll before 1:00 was at 0:56
  busy.changes_per_second = 1;
  const auto nothing = [](Small&) {};
  // The stream lags by four minutes, which a naive comparison takes for errors.
  const std::string quick = shadow("'source', 'stream_store'", "1000000000");
  const std::string slow = shadow("'source', 'stream_store'", "1200000000000");
  const CheckRun early = run_over(quick, busy, nothing);
  const CheckRun late = run_over(slow, busy, nothing);
  BOOST_TEST(early.discrepancies() > 0U);  // in a second little changes: lag looks like an error
  BOOST_TEST(late.discrepancies() == 0U);  // in twenty minutes more changes than in four
  BOOST_TEST(as_number(*late.measured) == 0.0);
}

}  // namespace rehearse::reconcile_test
