// The cheapest cover against every subset, on small random instances, and above the bound.
#include "harness/campaign/rule_selection.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "sim/kernel/draw.h"

using namespace rehearse;

namespace {

std::vector<CoveringRule> random_rules(std::uint64_t instance, std::size_t rules, std::size_t elements) {
  const Stream draws = stream(instance, "test.rule_selection");
  std::vector<CoveringRule> all(rules);
  for (std::size_t i = 0; i < rules; ++i) {
    all[i].cost = static_cast<double>(bits(draws, i, 1'000) % 10);
    for (std::size_t e = 0; e < elements; ++e)
      if (bits(draws, i, static_cast<std::uint32_t>(e)) % 3 == 0) all[i].covers.push_back(e);
  }
  return all;
}

std::set<std::size_t> covered(const std::vector<CoveringRule>& rules, const std::vector<std::size_t>& chosen) {
  std::set<std::size_t> elements;
  for (const std::size_t i : chosen) elements.insert(rules[i].covers.begin(), rules[i].covers.end());
  return elements;
}

std::vector<std::size_t> every(std::size_t rules) {
  std::vector<std::size_t> all(rules);
  for (std::size_t i = 0; i < rules; ++i) all[i] = i;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_subset_is_cheaper_or_as_cheap_with_fewer_rules) {
  for (std::uint64_t instance = 0; instance < 200; ++instance) {
    const std::vector<CoveringRule> rules = random_rules(instance, 8, 70);
    const std::set<std::size_t> goal = covered(rules, every(8));
    const CheapestRules found = cheapest_cover(rules);
    BOOST_TEST(found.exact);
    BOOST_TEST((covered(rules, found.rules) == goal));
    for (unsigned subset = 0; subset < 256; ++subset) {
      std::vector<std::size_t> chosen;
      double cost = 0;
      for (std::size_t i = 0; i < 8; ++i)
        if (subset >> i & 1) {
          chosen.push_back(i);
          cost += rules[i].cost;
        }
      if (covered(rules, chosen) != goal) continue;
      BOOST_TEST((cost > found.cost || (cost == found.cost && chosen.size() >= found.rules.size())),
                 "instance " << instance << " subset " << subset);
    }
  }
}

BOOST_AUTO_TEST_CASE(above_the_bound_the_choice_covers_everything_and_says_that_it_is_greedy) {
  const std::vector<CoveringRule> rules = random_rules(7, exact_rules_max + 5, 40);
  const CheapestRules found = cheapest_cover(rules);
  BOOST_TEST(!found.exact);
  BOOST_TEST((covered(rules, found.rules) == covered(rules, every(rules.size()))));
}

BOOST_AUTO_TEST_CASE(nothing_to_cover_takes_nothing) {
  BOOST_TEST(cheapest_cover({}).rules.empty());
  BOOST_TEST(cheapest_cover({{1, {}}, {2, {}}}).rules.empty());
  BOOST_TEST((cheapest_cover({{3, {0}}, {1, {0}}, {1, {0}}}).rules == std::vector<std::size_t>{1}));
}
