// Where the mix of transactions changes: the most likely cut, then the cuts of its two sides.
#include <algorithm>
#include <map>

#include "harness/campaign/fit_data.h"
#include "sim/kernel/exact_math.h"

namespace rehearse {
namespace {

constexpr std::size_t kinds_max = 32;  // the most frequent ones; the rest count as one
constexpr std::size_t shortest = 50;   // transactions on either side of a cut
constexpr std::size_t changes_max = 8;
constexpr double least_moved = 0.05;

// Transactions' kinds as small numbers, the most frequent first.
std::vector<std::uint32_t> numbered_kinds(const std::vector<FittedTransaction>& transactions, std::size_t& kinds) {
  std::map<std::uint64_t, std::uint64_t> counts;
  for (const FittedTransaction& t : transactions) ++counts[t.kind];
  std::vector<std::pair<std::uint64_t, std::uint64_t>> by_count;  // count, kind
  for (const auto& [kind, count] : counts) by_count.emplace_back(count, kind);
  std::sort(by_count.rbegin(), by_count.rend());
  std::map<std::uint64_t, std::uint32_t> number;
  for (std::size_t i = 0; i < by_count.size(); ++i)
    number[by_count[i].second] = static_cast<std::uint32_t>(std::min(i, kinds_max - 1));
  kinds = std::min(by_count.size(), kinds_max);
  std::vector<std::uint32_t> numbers;
  for (const FittedTransaction& t : transactions) numbers.push_back(number[t.kind]);
  return numbers;
}

// Σ n ln(n / all): the log-likelihood of a stretch under its own shares.
double likelihood(const std::vector<double>& counts, double all) {
  double sum = 0;
  for (const double n : counts)
    if (n > 0) sum += n * exact_ln(n / all);
  return sum;
}

struct Cut {
  std::size_t at = 0;
  double gain = 0;
  double moved = 0;
};

Cut best_cut(const std::vector<std::uint32_t>& kinds, std::size_t number, std::size_t from, std::size_t until) {
  std::vector<double> all(number), left(number), right(number);
  for (std::size_t i = from; i < until; ++i) ++all[kinds[i]];
  right = all;
  const auto total = static_cast<double>(until - from);
  const double whole = likelihood(all, total);
  Cut best;
  for (std::size_t i = from; i + shortest <= until; ++i) {
    const auto n = static_cast<double>(i - from);
    if (i >= from + shortest) {
      const double gain = likelihood(left, n) + likelihood(right, total - n) - whole;
      if (gain > best.gain) {
        best = {i, gain, 0};
        for (std::size_t k = 0; k < number; ++k) {
          const double apart = left[k] / n - right[k] / (total - n);
          best.moved += (apart > 0 ? apart : -apart) / 2;
        }
      }
    }
    ++left[kinds[i]];
    --right[kinds[i]];
  }
  return best;
}

void cut(const std::vector<std::uint32_t>& kinds, std::size_t number, std::size_t from, std::size_t until,
         std::vector<Cut>& found) {
  if (until - from < 2 * shortest || found.size() >= changes_max) return;
  const Cut best = best_cut(kinds, number, from, until);
  const double by_chance = static_cast<double>(number) / 2 * exact_ln(static_cast<double>(until - from));
  if (best.gain <= by_chance || best.moved < least_moved) return;
  found.push_back(best);
  cut(kinds, number, from, best.at, found);
  cut(kinds, number, best.at, until, found);
}

}  // namespace

std::vector<FittedChange> find_changes(const std::vector<FittedTransaction>& transactions) {
  std::size_t number = 0;
  const std::vector<std::uint32_t> kinds = numbered_kinds(transactions, number);
  std::vector<Cut> cuts;
  cut(kinds, number, 0, kinds.size(), cuts);
  std::sort(cuts.begin(), cuts.end(), [](const Cut& a, const Cut& b) { return a.at < b.at; });
  std::vector<FittedChange> changes;
  for (const Cut& c : cuts) changes.push_back({transactions[c.at].number, transactions[c.at].commit_ns, c.moved});
  return changes;
}

}  // namespace rehearse
