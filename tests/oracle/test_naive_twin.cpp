// The ledger against the naive twin in thousands of random worlds: each row of each store at each instant.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/oracle/naive_twin.h"
#include "tests/worlds.h"

namespace rehearse::oracle_test {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);
using State = NaiveTwin::State;
using Row = NaiveTwin::Row;
using Spans = std::vector<std::pair<Time, Time>>;  // disjoint and in order; those that last have no end

std::map<Row, Spans> divergent(const NaiveTwin& twin) {
  std::map<Row, Spans> rows;
  for (const auto& [row, states] : twin.states())
    for (std::size_t i = 0; i < states.size(); ++i)
      if (states[i].second == State::divergent)
        rows[row].emplace_back(states[i].first, i + 1 < states.size() ? states[i + 1].first : Time::never());
  return rows;
}

// Intervals that follow one another at once are one divergence, of another kind or by other causes.
std::map<Row, Spans> divergent(const Ledger& ledger) {
  std::map<Row, Spans> rows;
  for (const DivergentInterval& i : ledger.intervals()) rows[{i.store, i.table, i.row}].emplace_back(i.from, i.until);
  for (auto& [row, spans] : rows) {
    std::sort(spans.begin(), spans.end());
    Spans joined;
    for (const auto& span : spans)
      if (!joined.empty() && joined.back().second == span.first) joined.back().second = span.second;
      else joined.push_back(span);
    spans = std::move(joined);
  }
  return rows;
}

// Whether every instant of one is in the other.
bool within(const Spans& one, const Spans& other) {
  return std::all_of(one.begin(), one.end(), [&](const auto& span) {
    return std::any_of(other.begin(), other.end(),
                       [&](const auto& o) { return o.first <= span.first && span.second <= o.second; });
  });
}

std::string text_of(const Spans& spans) {
  std::string text;
  for (const auto& [from, until] : spans)
    text += until == Time::never() ? fmt::format(" [{}, end)", from.ns) : fmt::format(" [{}, {})", from.ns, until.ns);
  return text.empty() ? " never" : text;
}

struct Both {
  const RandomWorld& design;
  NaiveTwin twin{design};
  Rehearsal rehearsal{design};
  explicit Both(const RandomWorld& world) : design(world) {
    rehearsal.run(design.end);
    BOOST_REQUIRE_EQUAL(twin.untold(), 0U);
    BOOST_REQUIRE_EQUAL(twin.world().trajectory().hex(), rehearsal.world.trajectory().hex());
  }
  bool in_batch(const Row& row) const { return rehearsal.world.stores[std::get<0>(row)].batch.has_value(); }
  // Each(row, spans by the twin, by the ledger) that either calls divergent.
  template <class Each>
  void for_each_divergent(Each each) const {
    auto by_twin = divergent(twin), by_ledger = divergent(rehearsal.ledger);
    for (const auto& [row, spans] : by_twin) by_ledger.try_emplace(row);
    for (const auto& [row, spans] : by_ledger) each(row, by_twin[row], spans);
  }
  std::string text(const Row& row, const Spans& by_twin, const Spans& by_ledger) const {
    const auto [store, table, number] = row;
    return fmt::format("world {}, store {}, row {}/{}: divergent by the twin{}, by the ledger{}", design.number, store,
                       table, number, text_of(by_twin), text_of(by_ledger));
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_batch_row_is_divergent_when_it_is_not_what_its_contents_own_extract_expects_and_never_late) {
  std::uint64_t rows = 0, restores = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    if (!design.stores.back().batch) continue;
    const Both both(design);
    both.for_each_divergent([&](const Row& row, const Spans& by_twin, const Spans& by_ledger) {
      if (!both.in_batch(row)) return;
      ++rows;
      BOOST_CHECK_MESSAGE(by_twin == by_ledger, both.text(row, by_twin, by_ledger));
    });
    for (const auto& [row, states] : both.twin.states())
      for (const auto& [at, state] : states)
        if (both.in_batch(row)) BOOST_CHECK(state != State::late);
    restores += both.rehearsal.world.batches[0].pipeline.restores();
  }
  BOOST_TEST(rows > worlds * 2);
  BOOST_TEST(restores > worlds / 20);
}

BOOST_AUTO_TEST_CASE(a_row_of_a_stream_is_divergent_whenever_a_naive_twin_says_so) {
  std::uint64_t divergent = 0, late = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    const Both both(design);
    both.for_each_divergent([&](const Row& row, const Spans& by_twin, const Spans& by_ledger) {
      if (both.in_batch(row)) return;
      ++divergent;
      BOOST_CHECK_MESSAGE(within(by_twin, by_ledger), both.text(row, by_twin, by_ledger));
    });
    for (const auto& [row, states] : both.twin.states())
      late += std::any_of(states.begin(), states.end(), [](const auto& s) { return s.second == State::late; });
  }
  BOOST_TEST_MESSAGE(divergent << " rows divergent, " << late << " late");
  BOOST_TEST(divergent > worlds * 10);
  BOOST_TEST(late > worlds * 10);
}

BOOST_AUTO_TEST_CASE(a_row_of_a_stream_is_divergent_at_no_other_instant) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    const Both both(design);
    both.for_each_divergent([&](const Row& row, const Spans& by_twin, const Spans& by_ledger) {
      if (!both.in_batch(row)) BOOST_CHECK_MESSAGE(within(by_ledger, by_twin), both.text(row, by_twin, by_ledger));
    });
  }
}

}  // namespace rehearse::oracle_test
