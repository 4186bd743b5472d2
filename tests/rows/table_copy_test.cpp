// Cells and logs as they lie in memory: runs of cells against one by one, and copies that go on alone.
#include "sim/rows/table_copy.h"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/rows/huge_array.h"
#include "sim/rows/log.h"

namespace rehearse {
namespace {

Cell some_cell(std::uint64_t n) {
  const std::uint64_t drawn = bits(stream(1, "cells"), n);
  return {static_cast<Write>(drawn % 3), static_cast<Mark>(drawn >> 8 & 1),
          static_cast<std::uint16_t>(drawn >> 16 & 1)};
}

bool same(const TableCopy& a, const TableCopy& b) {
  if (a.slots() != b.slots() || a.live_rows() != b.live_rows() || a.position() != b.position()) return false;
  std::vector<BeforeImage> images[2];
  a.for_each_change(0, a.position(), [&](const BeforeImage& image) { images[0].push_back(image); });
  b.for_each_change(0, b.position(), [&](const BeforeImage& image) { images[1].push_back(image); });
  for (std::size_t i = 0; i < images[0].size(); ++i)
    if (images[0][i].row != images[1][i].row || images[0][i].cell.write != images[1][i].cell.write) return false;
  for (RowId row = 0; row < a.slots(); ++row)
    if (a[row].write != b[row].write || a[row].mark != b[row].mark || a[row].flags != b[row].flags) return false;
  return true;
}

BOOST_AUTO_TEST_CASE(a_run_of_cells_is_put_as_one_by_one) {
  std::uint64_t drawn = 0;
  for (const bool watched_by_a_reader : {false, true}) {
    TableCopy by_run, one_by_one;
    for (std::uint64_t n = 0; n < 300; ++n) {
      const auto first = static_cast<RowId>(bits(stream(1, "first"), n) % 50);
      std::vector<Cell> cells;
      for (std::uint64_t i = 0; i < bits(stream(1, "length"), n) % 40; ++i) cells.push_back(some_cell(drawn++));
      if (n == 100 && watched_by_a_reader) BOOST_TEST(by_run.open() == one_by_one.open());
      by_run.put_run(first, cells);
      for (RowId i = 0; i < cells.size(); ++i) {
        const Cell old = one_by_one.get(first + i);
        if (old.write != cells[i].write || old.mark != cells[i].mark) one_by_one.put(first + i, cells[i]);
      }
      BOOST_REQUIRE(same(by_run, one_by_one));
      if (first + cells.size() <= by_run.slots()) BOOST_TEST(by_run.holds_run(first, cells));
      if (cells.empty()) continue;
      Cell& changed = cells[n % cells.size()];
      changed.write += 1;
      BOOST_TEST(!by_run.holds_run(first, cells));
      if (n % 7 == 0) {
        by_run.watch(first);
        one_by_one.watch(first);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_as_long_as_a_table_leaves_as_many_live_rows_as_it_has) {
  for (const std::size_t rows : {65533, 65534, 65535, 200001}) {
    TableCopy table;
    table.fill(static_cast<RowId>(rows), {1, 7, 0});
    std::vector<Cell> cells(rows, Cell{2, absent, 0});
    table.put_run(0, cells);
    BOOST_TEST(table.live_rows() == 0U);
    for (std::size_t i = 0; i < rows; i += 3) cells[i].mark = 0x8001;
    table.put_run(0, cells);
    BOOST_TEST(table.live_rows() == (rows + 2) / 3);
    BOOST_TEST(table.holds_run(0, cells));
  }
}

BOOST_AUTO_TEST_CASE(each_follower_is_told_once_of_every_row_that_has_changed_since_it_was_told_last) {
  TableCopy table;
  std::vector<RowSet> expected;
  std::vector<TableCopy::Follower> followers;
  const auto changed = [&](RowId row) {
    for (RowSet& rows : expected) rows.insert(row);
  };
  for (std::uint64_t n = 0; n < 3000; ++n) {
    const auto draw = [&](const char* what, std::uint64_t limit) { return below(bits(stream(1, what), n), limit); };
    const auto row = static_cast<RowId>(draw("row", 300));
    switch (draw("step", 5)) {
      case 0:
        table.put(row, some_cell(n));
        changed(row);
        break;
      case 1:
        if (row >= table.slots()) break;
        table.rewrite(row, 1);
        changed(row);
        break;
      case 2: {
        const auto extra = static_cast<std::uint32_t>(draw("extra", 2));
        if (table.extra_copies(row) != extra) changed(row);
        table.set_extra_copies(row, extra);
        break;
      }
      case 3: {
        std::vector<Cell> cells;
        for (std::uint64_t i = 0; i < draw("length", 40); ++i) cells.push_back(some_cell(n * 40 + i));
        for (RowId i = 0; i < cells.size(); ++i) {
          const Cell old = table.get(row + i);
          if (old.write != cells[i].write || old.mark != cells[i].mark) changed(row + i);
        }
        table.put_run(row, cells);
        break;
      }
      default: {
        if (followers.size() < 3 && n % 100 == 0) {
          followers.push_back(table.follow());
          expected.emplace_back();
        }
        if (followers.empty()) break;
        const std::size_t which = draw("follower", followers.size());
        RowSet told;
        table.tell_changed(followers[which], told);
        BOOST_REQUIRE(told == expected[which]);
        expected[which].clear();
        if (n % 2 == 0) table = TableCopy(table);  // what a fork goes on with
      }
    }
  }
  BOOST_TEST(followers.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_snapshot_is_read_in_runs_as_row_by_row) {
  TableCopy table;
  table.fill(100, {1, 1, 0});
  const TableCopy::Snapshot snapshot = table.open();
  for (const RowId row : {0u, 5u, 6u, 99u, 5u, 120u}) table.put(row, {9, 0, 0});
  const AsOf then(table, snapshot);
  RowId next = 0;
  then.for_each_run([&](RowId first, std::span<const Cell> cells) {
    BOOST_TEST(first == next);
    for (const Cell& cell : cells) BOOST_TEST(cell.write == then.get(next++).write);
  });
  BOOST_TEST(next == 121u);
}

BOOST_AUTO_TEST_CASE(an_array_keeps_its_elements_while_it_grows_into_pages) {
  HugeArray<Cell> array;
  const std::size_t step = HugeMemory::page / sizeof(Cell) / 3;
  for (std::size_t size = 1; size < 4 * HugeMemory::page / sizeof(Cell); size += size < 100 ? 1 : step) {
    const std::size_t before = array.size();
    array.resize(size);
    BOOST_REQUIRE(array.capacity() >= size);
    for (std::size_t i = before; i < size; ++i) {
      BOOST_REQUIRE(array[i].write == 0);
      array[i].write = static_cast<Write>(i);
    }
    HugeArray<Cell> copy = array;
    array[0].write = 7;
    BOOST_REQUIRE(copy[0].write == 0);
    array = std::move(copy);
    for (std::size_t i = 0; i < size; ++i) BOOST_REQUIRE(array[i].write == i);
  }
}

BOOST_AUTO_TEST_CASE(a_log_keeps_its_offsets_while_chunks_come_and_go) {
  Log<std::uint64_t, 4> log;
  for (std::uint64_t n = 0; n < 1000; ++n) {
    Log<std::uint64_t, 4> copy = log;
    copy.append(~n);
    log.append(n);
    BOOST_REQUIRE(copy[n] == ~n);
    if (n % 5 == 0) log.forget_before(n < 60 ? 0 : n - 60 + n % 9);
    std::uint64_t expected = log.base();
    while (expected < log.end()) {
      for (const std::uint64_t record : log.run(expected)) BOOST_REQUIRE(record == expected++);
    }
    BOOST_REQUIRE(expected == n + 1);
  }
}

}  // namespace
}  // namespace rehearse
