// The cheapest set of rules that covers what all of them cover together: weighted set cover.
//
// Exact, by trying every set with what cannot be better cut off, up to `exact_rules_max` rules that cover anything;
// greedy (most newly covered for the cost) above that, and the answer says which. Ties go to fewer rules, then to those
// that come first.
#pragma once

#include <cstddef>
#include <vector>

namespace rehearse {

inline constexpr std::size_t exact_rules_max = 20;

struct CoveringRule {
  double cost = 0;                  // >= 0
  std::vector<std::size_t> covers;  // elements, each once
};

struct CheapestRules {
  std::vector<std::size_t> rules;  // ascending
  double cost = 0;
  bool exact = true;
};
CheapestRules cheapest_cover(const std::vector<CoveringRule>& rules);

}  // namespace rehearse
