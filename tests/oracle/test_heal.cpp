// The fork heals before it drains: a fork that left the healing out would find other rows than the ledger, and does.
#include <boost/test/unit_test.hpp>

#include "faults/field_corruption/field_corruption.pb.h"
#include "harness/oracle/fork.h"
#include "tests/oracle/hand_world.h"

namespace rehearse::oracle_test {
namespace {

// From 2 on every record that passes is spoiled. Row 1's change of 3 passes at the poll of 5, and is wrong from then
// on; row 2's change of 6 has not passed at 7.
struct SpoiledStream {
  SpoiledStream() : hand(options()) {
    faults::FieldCorruption p;
    p.set_pipeline("cdc");
    p.set_column("amount");
    p.set_share_ppb(1'000'000'000);
    p.set_how(faults::FieldCorruption::SHIFT);
    p.set_for_ns(lasting(100).ns);
    hand.fault("spoils", p, at(2));
    hand.update(at(3), 1);
    hand.update(at(6), 2);
    hand.run(at(7));
  }
  static HandOptions options() {
    HandOptions options;
    options.connector.continuous = false;
    options.connector.poll_every = lasting(5);
    return options;
  }
  HandWorld hand;
};

using Rows = std::vector<RowKey>;

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_fork_heals_what_has_not_passed_the_fault_yet, SpoiledStream) {
  const auto rows = divergent_after_fork(hand.world, *hand.injector);
  BOOST_TEST((rows[hand.store] == Rows{{0, 1}}));
  BOOST_TEST((rows[hand.store] == hand.ledger.divergent_rows(hand.store)));
}

BOOST_FIXTURE_TEST_CASE(a_fork_that_leaves_the_healing_out_disagrees_with_the_ledger, SpoiledStream) {
  World fork = hand.world;
  fork.stop_writes();
  for (Time t = fork.now(); !fork.lanes_idle(); t = t + second) fork.advance(t);
  Rows wrong;
  for (RowId row = 0; row < HandWorld::rows; ++row) {
    const Cell expected = fork.source.rows(0)[row], actual = fork.stores[hand.store].tables[0].get(row);
    if (!fork.content.equal(fork.source.schema(0), 0, fork.contract_columns(fork.datasets[0]), fork.marks, row,
                            expected, actual))
      wrong.emplace_back(0, row);
  }
  BOOST_TEST((wrong == Rows{{0, 1}, {0, 2}}));
  BOOST_TEST((wrong != hand.ledger.divergent_rows(hand.store)));
}

BOOST_FIXTURE_TEST_CASE(after_the_healing_no_fault_is_left, SpoiledStream) {
  hand.injector->heal_all(hand.world);
  BOOST_TEST(hand.world.streams[0].connector.taps.empty());
}

}  // namespace rehearse::oracle_test
