// What a sink lane is made of, each against the plain way to do the same.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <string>
#include <vector>

#include "sim/pipelines/earliest.h"
#include "sim/pipelines/queue.h"
#include "tests/twins/chooser.h"

namespace rehearse::twins {

BOOST_AUTO_TEST_SUITE(parts)

BOOST_AUTO_TEST_CASE(the_earliest_of_any_number_of_instants_is_the_first_of_the_least) {
  for (const std::uint32_t n : {1U, 2U, 7U, 8U, 9U, 63U, 64U, 65U, 500U, 512U, 513U, 1024U}) {
    Chooser choose(n);
    Earliest earliest(n);
    std::vector<Time> instants(n, Earliest::never);
    for (int change = 0; change < 3000; ++change) {
      const auto i = static_cast<std::uint32_t>(choose.between(0, n - 1));
      const bool goes = choose.one_in(3);
      const Time at = goes ? Earliest::never : Time{choose.between(0, 20)};  // few, so that many are equal
      if (instants[i] == Earliest::never && !goes) earliest.enter(i, at);
      else earliest.set(i, at);
      instants[i] = at;
      const auto first = std::min_element(instants.begin(), instants.end());
      const std::string where = std::to_string(n) + " players, change " + std::to_string(change);
      BOOST_REQUIRE_MESSAGE(earliest.at() == *first, where);
      BOOST_REQUIRE_MESSAGE(earliest.index() == first - instants.begin(), where);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_queue_gives_what_it_was_given_in_that_order) {
  for (std::uint64_t world = 0; world < 50; ++world) {
    Chooser choose(world);
    Queue<std::uint64_t> queue;
    std::deque<std::uint64_t> plain;
    for (std::uint64_t step = 0; step < 3000; ++step) {
      const bool fills = step / 300 % 2 == 0;  // long and short by turns
      if (choose.one_in(fills ? 3 : 2)) {
        const auto n = static_cast<std::size_t>(choose.between(0, static_cast<std::int64_t>(plain.size())));
        const std::size_t taken = std::min<std::size_t>(n, 5);
        queue.pop_front(taken);
        plain.erase(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(taken));
      } else {
        queue.push_back(step);
        plain.push_back(step);
      }
      BOOST_REQUIRE_EQUAL(queue.size(), plain.size());
      BOOST_REQUIRE_EQUAL(queue.empty(), plain.empty());
      const auto all = queue.front(queue.size());
      BOOST_REQUIRE(std::equal(all.begin(), all.end(), plain.begin(), plain.end()));
      if (!plain.empty()) BOOST_REQUIRE_EQUAL(queue.front(), plain.front());
    }
    if (choose.one_in(2)) {
      const Queue<std::uint64_t> copy = queue;
      queue.clear();
      BOOST_TEST(copy.size() == plain.size());
      BOOST_TEST(queue.empty());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::twins
