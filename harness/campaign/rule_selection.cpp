#include "harness/campaign/rule_selection.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace rehearse {
namespace {

using Elements = std::vector<std::uint64_t>;  // a bit each

Elements united(const Elements& a, const Elements& b) {
  Elements both = a;
  for (std::size_t i = 0; i < both.size(); ++i) both[i] |= b[i];
  return both;
}

std::size_t newly(const Elements& covered, const Elements& by) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < by.size(); ++i)
    count += static_cast<std::size_t>(__builtin_popcountll(by[i] & ~covered[i]));
  return count;
}

struct Candidate {
  std::size_t rule = 0;
  double cost = 0;
  Elements covers;
};

// Every set of candidates, depth first: each is taken or left, in order.
class Search {
 public:
  Search(const std::vector<Candidate>& candidates, Elements goal) : candidates_(candidates), goal_(std::move(goal)) {
    reachable_.assign(candidates.size() + 1, Elements(goal_.size()));
    for (std::size_t i = candidates.size(); i-- > 0;) reachable_[i] = united(reachable_[i + 1], candidates[i].covers);
  }

  std::vector<std::size_t> cheapest() {
    go_on(0, Elements(goal_.size()), 0);
    return best_;
  }

 private:
  bool better(double cost) const {
    return !found_ || cost < best_cost_ || (cost == best_cost_ && taken_.size() < best_.size());
  }

  void go_on(std::size_t next, const Elements& covered, double cost) {
    if (!better(cost)) return;
    if (covered == goal_) {
      found_ = true;
      best_ = taken_;
      best_cost_ = cost;
      return;
    }
    if (next == candidates_.size() || united(covered, reachable_[next]) != goal_) return;
    const Candidate& candidate = candidates_[next];
    if (newly(covered, candidate.covers) > 0) {
      taken_.push_back(next);
      go_on(next + 1, united(covered, candidate.covers), cost + candidate.cost);
      taken_.pop_back();
    }
    go_on(next + 1, covered, cost);
  }

  const std::vector<Candidate>& candidates_;
  Elements goal_;
  std::vector<Elements> reachable_;  // by candidates from here on
  std::vector<std::size_t> taken_, best_;
  double best_cost_ = 0;
  bool found_ = false;
};

std::vector<std::size_t> greedy(const std::vector<Candidate>& candidates, const Elements& goal) {
  std::vector<std::size_t> taken;
  Elements covered(goal.size());
  while (covered != goal) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const auto gain = static_cast<double>(newly(covered, candidates[i].covers));
      if (gain == 0) continue;
      if (!best) {
        best = i;
        continue;
      }
      const auto best_gain = static_cast<double>(newly(covered, candidates[*best].covers));
      if (gain * candidates[*best].cost > best_gain * candidates[i].cost ||
          (candidates[*best].cost == candidates[i].cost && gain > best_gain))
        best = i;
    }
    taken.push_back(*best);
    covered = united(covered, candidates[*best].covers);
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

}  // namespace

CheapestRules cheapest_cover(const std::vector<CoveringRule>& rules) {
  std::size_t elements = 0;
  for (const CoveringRule& rule : rules)
    for (const std::size_t element : rule.covers) elements = std::max(elements, element + 1);
  Elements goal((elements + 63) / 64);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].covers.empty()) continue;
    Candidate candidate{i, rules[i].cost, Elements(goal.size())};
    for (const std::size_t element : rules[i].covers)
      candidate.covers[element / 64] |= std::uint64_t{1} << element % 64;
    goal = united(goal, candidate.covers);
    candidates.push_back(std::move(candidate));
  }
  CheapestRules cheapest;
  cheapest.exact = candidates.size() <= exact_rules_max;
  const std::vector<std::size_t> taken =
      cheapest.exact ? Search(candidates, goal).cheapest() : greedy(candidates, goal);
  for (const std::size_t i : taken) {
    cheapest.rules.push_back(candidates[i].rule);
    cheapest.cost += candidates[i].cost;
  }
  return cheapest;
}

}  // namespace rehearse
