// Comparisons against a scan written apart: random small worlds, every alignment, damage in every place.
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

struct Snapshot {  // of one side, copied out in full
  std::vector<Cell> cells;
  std::vector<std::uint32_t> extra;
  Cell cell(RowId row) const { return row < cells.size() ? cells[row] : Cell{}; }
  std::uint32_t copies(RowId row) const { return row < extra.size() ? extra[row] : 0; }
};

Snapshot copy_of(const TableCopy& table) {
  Snapshot s;
  for (RowId row = 0; row < table.slots(); ++row) {
    s.cells.push_back(table[row]);
    s.extra.push_back(table.extra_copies(row));
  }
  return s;
}

struct Expected {
  std::uint64_t compared = 0, unsettled = 0;
  std::map<std::pair<RowId, KeyClass>, std::vector<ColumnId>> differences;
};

// What a comparison of two full copies finds, by the plainest means.
Expected scan(const World& world, const Snapshot& a, const Snapshot& b, const CompareRequest& request,
              const std::vector<bool>& unsettled, const Snapshot& source_now) {
  Expected e;
  const RowId slots = static_cast<RowId>(std::max(a.cells.size(), b.cells.size()));
  for (RowId row = 0; row < slots; ++row) {
    Cell x = a.cell(row);
    const Cell y = b.cell(row);
    if (request.sample &&
        !request.sample->hit(bits(request.sample_stream, row, static_cast<std::uint32_t>(request.sample_run))))
      continue;
    if (request.cut && world.source.created_at(orders, row) >= request.cut->before) continue;
    if (!x.live() && !y.live()) continue;
    if (row < unsettled.size() && unsettled[row]) {
      ++e.unsettled;
      continue;
    }
    ++e.compared;
    const bool cells_agree = x.same_content_as(y) && a.copies(row) == b.copies(row);
    if (request.reread_source && !cells_agree) x = source_now.cell(row);
    if (x.live() && !y.live()) e.differences[{row, KeyClass::missing}];
    if (!x.live() && y.live()) e.differences[{row, KeyClass::extra}];
    if (x.live() && y.live()) {
      const ColumnId all[] = {id, amount, status, created_at};
      const auto columns = world.content.differing(world.source.schema(orders), orders, all, world.marks, row, x, y);
      if (!columns.empty()) e.differences[{row, KeyClass::mismatch}] = columns;
      if (b.copies(row) > a.copies(row)) e.differences[{row, KeyClass::duplicate}];
    }
  }
  return e;
}

void damage(Small& small, Stream draws, std::uint64_t& n) {
  const RowId slots = small.world.rows(source_store, orders).slots();
  if (slots == 0) return;
  const auto row = static_cast<RowId>(below(bits(draws, ++n), slots));
  switch (below(bits(draws, ++n), 6)) {
    case 0:
      return small.lose(row);
    case 1:
      return small.duplicate(row);
    case 2:
      return small.world.rows(small.stream, orders).set_extra_copies(row, 0);
    case 3:
      return small.put(row, {1, small.world.marks.live(0), 0});  // an old write, or a row that is back
    case 4:
      return small.alter(row, status, AlterationKind::null);
    default:
      return small.put((row + 3) % slots, {1, small.world.marks.live(0), 0});
  }
}

CompareRequest random_request(std::uint64_t draw, Time now, std::uint64_t round) {
  CompareRequest request;
  request.scope = static_cast<Scope>(draw % 3);
  request.reread_source = draw / 3 % 4 == 0;
  if (draw / 12 % 3 == 0) {
    request.sample = chance(1, 3);
    request.sample_stream = stream(7, "sample");
    request.sample_run = round;
  }
  if (draw / 36 % 4 == 0) request.cut = {std::nullopt, now - hour};
  return request;
}

void expect_same(const CompareAnswer& answer, const Expected& expected) {
  BOOST_REQUIRE(answer.data);
  BOOST_REQUIRE_EQUAL(answer.rows_compared, expected.compared);
  BOOST_REQUIRE_EQUAL(answer.rows_unsettled, expected.unsettled);
  BOOST_REQUIRE_EQUAL(answer.differences.size(), expected.differences.size());
  auto at = expected.differences.begin();
  for (const KeyDifference& difference : answer.differences) {
    BOOST_REQUIRE_EQUAL(difference.row, at->first.first);
    BOOST_REQUIRE(difference.kind == at->first.second);
    BOOST_REQUIRE(difference.columns == at->second);
    ++at;
  }
}

// Rows that the log says were on their way when the sides were read, or that have changed since.
std::vector<bool> unsettled_rows(const World& world, StoreId trial, Scope scope, Lsn reference_end, Lsn trial_end) {
  std::vector<bool> rows;
  if (scope == Scope::all) return rows;
  const ShownPositions shown = world.positions(trial);
  for (Lsn lsn = 0; lsn < trial_end; ++lsn) {
    const RowId row = world.source.log()[lsn].row;
    const Lsn from = scope == Scope::settled ? std::min(reference_end, shown.of(orders, row)) : reference_end;
    if (row >= rows.size()) rows.resize(row + 1);
    if (lsn >= from) rows[row] = true;
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_incremental_evaluation_equals_a_scan_written_apart_in_thousands_of_small_worlds) {
  std::uint64_t evaluations = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const Stream draws = stream(seed, "compare_test");
    std::uint64_t n = 0;
    const auto draw = [&](std::uint64_t limit) { return below(bits(draws, ++n), limit); };
    WorldShape shape;
    shape.seed = seed;
    shape.rows = static_cast<RowId>(draw(150));
    shape.changes_per_second = draw(3) * 20;
    shape.poll_every = millisecond * static_cast<std::int64_t>(1 + draw(900));
    shape.partitions = static_cast<std::uint32_t>(1 + draw(3));
    shape.workers = static_cast<std::uint32_t>(1 + draw(3));
    shape.service_time = millisecond * static_cast<std::int64_t>(draw(40));
    Small small(shape);
    ReadView view(small.world, seed % 2 == 0);
    Comparison comparison(source_store, small.stream, orders);
    Time now{0};
    const auto pass = [&](std::uint64_t at_most_ms) {
      now += millisecond * static_cast<std::int64_t>(draw(at_most_ms));
      small.run(now);
    };
    small.run(now += second * 2);
    for (std::uint64_t round = 0; round < 6; ++round) {
      pass(2000);
      if (seed % 5 != 0)
        for (std::uint64_t i = draw(4); i > 0; --i) damage(small, draws, n);
      const CompareRequest request = random_request(draw(1000), now, round);
      const Positions positions = request.scope == Scope::settled ? Positions::read : Positions::unread;
      Reading reference = view.open(source_store, orders, positions);
      const Snapshot a = copy_of(small.world.rows(source_store, orders));
      const Lsn reference_end = small.world.source.end();
      pass(500);
      Reading trial = view.open(small.stream, orders, positions);
      const Snapshot b = copy_of(small.world.rows(small.stream, orders));
      const Lsn trial_end = small.world.source.end();
      if (!trial.ready) {
        BOOST_REQUIRE(!comparison.evaluate(view, std::move(reference), std::move(trial), request).data);
        continue;
      }
      const auto unsettled = unsettled_rows(small.world, small.stream, request.scope, reference_end, trial_end);
      if (seed % 5 != 0 && draw(3) == 0) damage(small, draws, n);  // after the reading: must not show
      const Expected expected =
          scan(small.world, a, b, request, unsettled, copy_of(small.world.rows(source_store, orders)));
      expect_same(comparison.evaluate(view, std::move(reference), std::move(trial), request), expected);
      ++evaluations;
      if (seed % 5 == 0 && request.scope == Scope::settled)
        BOOST_REQUIRE_MESSAGE(expected.differences.empty(), "by positions, nothing is claimed of a sound pipeline");
    }
  }
  BOOST_TEST(evaluations > 5000U);
}

// Several askers share a comparison, and open, read and compare when each of them likes: between two steps of one
// others may have compared what is older or newer.
BOOST_AUTO_TEST_CASE(askers_that_share_a_comparison_each_get_the_answer_to_their_own_readings) {
  struct Asker {
    CompareRequest request;
    std::optional<Reading> reference, trial;
    Snapshot a, b;
    Lsn reference_end = 0;
    std::vector<bool> unsettled;
  };
  std::uint64_t evaluations = 0, older = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    const Stream draws = stream(seed, "sharing_test");
    std::uint64_t n = 0;
    const auto draw = [&](std::uint64_t limit) { return below(bits(draws, ++n), limit); };
    WorldShape shape;
    shape.seed = seed;
    shape.rows = static_cast<RowId>(draw(150));
    shape.changes_per_second = draw(3) * 20;
    shape.partitions = shape.workers = static_cast<std::uint32_t>(1 + draw(3));
    Small small(shape);
    ReadView view(small.world, seed % 2 == 0);
    Comparisons comparisons;
    comparisons.of(small.stream, source_store, orders);
    Asker askers[3];
    Time now = Time{0} + second * 5, last_reference = Time::before_all();
    for (std::uint64_t step = 0; step < 40; ++step) {
      small.run(now += millisecond * static_cast<std::int64_t>(draw(700)));
      if (draw(3) == 0) damage(small, draws, n);
      Asker& asker = askers[draw(3)];
      const Positions positions = asker.request.scope == Scope::settled ? Positions::read : Positions::unread;
      if (!asker.reference) {
        asker.reference = view.open(source_store, orders, positions);
        asker.a = copy_of(small.world.rows(source_store, orders));
        asker.reference_end = small.world.source.end();
      } else if (!asker.trial) {
        asker.trial = view.open(small.stream, orders, positions);
        asker.b = copy_of(small.world.rows(small.stream, orders));
        asker.unsettled = unsettled_rows(small.world, small.stream, asker.request.scope, asker.reference_end,
                                         small.world.source.end());
      } else {
        older += asker.reference->at < last_reference;
        last_reference = asker.reference->at;
        const Expected expected = scan(small.world, asker.a, asker.b, asker.request, asker.unsettled,
                                       copy_of(small.world.rows(source_store, orders)));
        Comparison& comparison = comparisons.of(source_store, small.stream, orders);
        expect_same(comparison.evaluate(view, std::move(*asker.reference), std::move(*asker.trial), asker.request),
                    expected);
        ++evaluations;
        asker = {};
        asker.request = random_request(draw(1000), now, step);
      }
    }
  }
  BOOST_TEST(evaluations > 5000U);
  BOOST_TEST(older > 1000U);
}

BOOST_AUTO_TEST_CASE(every_row_of_a_table_is_looked_at_whatever_its_place_the_first_time_and_the_second) {
  for (const RowId rows : {1U, 2U, 63U, 64U, 65U, 130U}) {
    WorldShape shape;
    shape.rows = rows;
    for (RowId row = 0; row < rows; ++row) {
      Small small(shape);
      small.run(Time{0} + second * 5);
      ReadView view(small.world);
      Comparison comparison(source_store, small.stream, orders);
      for (int time = 0; time < 3; ++time) {
        if (time == 1) small.lose(row);
        CompareRequest request;
        request.scope = Scope::all;
        Reading a = view.open(source_store, orders), b = view.open(small.stream, orders);
        const CompareAnswer answer = comparison.evaluate(view, std::move(a), std::move(b), request);
        BOOST_REQUIRE_EQUAL(answer.rows_compared, rows);
        BOOST_REQUIRE_EQUAL(answer.differences.size(), time == 0 ? 0U : 1U);
        if (time > 0) BOOST_REQUIRE_EQUAL(answer.differences[0].row, row);
      }
      if (row > 0) continue;
      small.lose(rows - 1);  // and by a scan
      Comparison fresh(source_store, small.stream, orders);
      CompareRequest request;
      request.scope = Scope::all;
      Reading a = view.open(source_store, orders), b = view.open(small.stream, orders);
      const CompareAnswer answer = fresh.evaluate(view, std::move(a), std::move(b), request);
      BOOST_REQUIRE_EQUAL(answer.differences.back().row, rows - 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reading_is_one_snapshot_of_its_side) {
  Small small;
  small.run(Time{0} + second * 5);
  ReadView view(small.world);
  const Reading before = view.open(small.stream, orders);
  small.lose(3);
  small.duplicate(4);
  const Reading after = view.open(small.stream, orders);
  BOOST_TEST(view.rows(before) == 10U);
  BOOST_TEST(view.rows(after) == 10U);  // one gone, one twice
  BOOST_TEST(view.present(before, 3));
  BOOST_TEST(!view.present(after, 3));
  BOOST_TEST(view.duplicates(before, {}).empty());
  BOOST_REQUIRE_EQUAL(view.duplicates(after, {}).size(), 1U);
  BOOST_TEST(view.duplicates(after, {})[0].row == 4U);
  view.close(before);
  view.close(after);
}

BOOST_AUTO_TEST_CASE(a_comparison_that_changes_too_much_scans_and_says_the_same) {
  WorldShape shape;
  shape.rows = 20;
  shape.changes_per_second = 50;
  Small small(shape);
  ReadView view(small.world, true);
  Comparison comparison(source_store, small.stream, orders);
  for (int round = 1; round <= 5; ++round) {
    small.run(Time{0} + second * 10 * round);
    small.lose(static_cast<RowId>(round));
    CompareRequest request;
    request.scope = Scope::all;
    Reading a = view.open(source_store, orders), b = view.open(small.stream, orders);
    const Snapshot x = copy_of(small.world.rows(source_store, orders)),
                   y = copy_of(small.world.rows(small.stream, orders));
    expect_same(comparison.evaluate(view, std::move(a), std::move(b), request),
                scan(small.world, x, y, request, {}, x));
  }
}

}  // namespace rehearse::reconcile_test
