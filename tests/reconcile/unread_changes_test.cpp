#include "sim/world/unread_changes.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "sim/kernel/draw.h"

using namespace rehearse;

namespace {

constexpr TableId tables = 3;
constexpr RowId rows = 40;

using Found = std::map<std::pair<TableId, RowId>, Lsn>;

// By the definition: the whole log, each time.
Found by_scan(const SourceLog& log, const ShownPositions& shown, Lsn end, UnreadChanges::Which which,
              const std::vector<bool>& holds) {
  Found found;
  for (Lsn lsn = log.base(); lsn < end; ++lsn) {
    const LogRecord& change = log[lsn];
    if (!holds[change.table()] || lsn < shown.of(change.table(), change.row)) continue;
    const auto [at, is_new] = found.try_emplace({change.table(), change.row}, lsn);
    if (!is_new && which == UnreadChanges::Which::newest) at->second = lsn;
  }
  return found;
}

Found as_map(const ChangedRows& rows) {
  Found found;
  for (const ChangedRow& change : *rows) found[{change.table, change.row}] = change.position;
  BOOST_REQUIRE_EQUAL(found.size(), rows->size());  // each row once
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unread_changes)

BOOST_AUTO_TEST_CASE(what_is_carried_on_equals_a_scan_of_the_log_however_positions_and_ends_move) {
  std::uint64_t answers = 0, found_in_all = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Stream draws = stream(seed, "unread_changes_test");
    std::uint64_t n = 0;
    const auto draw = [&](std::uint64_t limit) { return below(bits(draws, ++n), limit); };
    const auto which = draw(2) == 0 ? UnreadChanges::Which::first : UnreadChanges::Which::newest;
    const std::vector<bool> holds{true, draw(2) == 0, true};
    Topic topic;
    topic.options.partitions = static_cast<std::uint32_t>(1 + draw(3));
    const bool by_partition = draw(3) > 0;
    std::vector<Lsn> positions(topic.options.partitions);
    SourceLog log;
    UnreadChanges unread(which, holds);
    for (int step = 0; step < 60; ++step) {
      for (std::uint64_t more = draw(draw(10) == 0 ? 20'000 : 30); more > 0; --more)
        log.append(LogRecord::make(static_cast<TableId>(draw(tables)), static_cast<RowId>(draw(rows)), 1, Op::update,
                                   Time{0}));
      for (Lsn& position : positions) {
        const std::uint64_t move = draw(10);
        if (move < 4) position += draw(log.end() - position + 1);
        if (move == 4) position = log.end();
        if (move == 5) position = log.base() + draw(position - log.base() + 1);  // back, as after a restore
      }
      const Lsn lowest = *std::min_element(positions.begin(), positions.end());
      if (draw(8) == 0) log.forget_before(lowest);
      const ShownPositions shown = by_partition ? ShownPositions(topic, positions) : ShownPositions(lowest);
      const Lsn end = draw(3) == 0 ? log.base() + draw(log.end() - log.base() + 1) : log.end();
      if (draw(4) == 0) unread = UnreadChanges(unread);  // as in a copy of the world
      const Found found = as_map(unread.before(log, shown, end));
      BOOST_REQUIRE(found == by_scan(log, shown, end, which, holds));
      ++answers;
      found_in_all += found.size();
    }
  }
  BOOST_TEST(answers == 6'000U);
  BOOST_TEST(found_in_all > 100'000U);
}

BOOST_AUTO_TEST_SUITE_END()
