// The write before another one of a captured row, against a walk back over the whole stream.
#include "sim/source/captured_history.h"

#include <boost/test/unit_test.hpp>

#include "sim/kernel/draw.h"
#include "sim/source/captured.h"

using namespace rehearse;

namespace {

constexpr RowId rows = 5;

Write walked_back(const CapturedStream& stream, TableId table, RowId row, Write write) {
  Write truncated = 0;  // by the latest truncate, if the row was there
  for (Write before = write; before-- > first_captured_write;) {
    const CapturedChange& change = change_of(stream, before);
    if (change.table != table) continue;
    if (change.kind == ChangeKind::truncate) truncated = std::max(truncated, before);
    else if (change.new_row == row) return std::max(truncated, before);
    else if (change.old_row == row) return before;
  }
  for (const CapturedRow& initial : stream.tables[table].initial)
    if (initial.slot == row) return std::max<Write>(truncated, 1);
  return 0;
}

CapturedStream random_stream(std::uint64_t seed, std::uint64_t repeat) {
  std::uint64_t drawn = 0;
  const auto draw = [&](std::uint64_t below) { return finalise(seed * 1000 + drawn++) % below; };
  CapturedStream stream;
  stream.tables.resize(2);
  for (CapturedTable& table : stream.tables) {
    table.final_images.resize(rows, no_image);
    for (RowId row = 0; row < rows; ++row)
      if (draw(2) == 0) {
        CapturedRow initial;
        initial.slot = row;
        table.initial.push_back(initial);
      }
  }
  stream.changes.resize(draw(30));
  for (CapturedChange& change : stream.changes) {
    change.table = static_cast<std::uint32_t>(draw(2));
    change.kind = draw(8) == 0 ? ChangeKind::truncate : ChangeKind::update;
    if (change.kind == ChangeKind::truncate) continue;
    if (draw(4) > 0) change.new_row = static_cast<RowId>(draw(rows));
    change.old_row = draw(4) > 0 && change.new_row != no_row ? change.new_row : static_cast<RowId>(draw(rows));
  }
  stream.pace.repeat = repeat;
  return stream;
}

BOOST_AUTO_TEST_CASE(the_write_before_is_what_a_walk_back_over_the_stream_finds) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const CapturedStream stream = random_stream(seed, 1 + seed % 3);
    const CapturedHistory history(stream);
    const auto last = static_cast<Write>(first_captured_write + stream.changes.size() * stream.pace.repeat);
    BOOST_TEST(history.write_before(0, 0, 1) == 0U);  // the snapshot's
    for (TableId table = 0; table < 2; ++table)
      for (RowId row = 0; row < rows; ++row)
        for (Write write = first_captured_write; write < last; ++write)
          BOOST_REQUIRE_MESSAGE(history.write_before(table, row, write) == walked_back(stream, table, row, write),
                                "seed " << seed << ", row " << row << ", write " << write << ": "
                                        << history.write_before(table, row, write));
  }
}

}  // namespace
