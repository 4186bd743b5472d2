// Estimates and their bootstrap.
#include "harness/campaign/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "harness/campaign/fit_data.h"
#include "harness/campaign/fit_zipf.h"
#include "sim/kernel/draw.h"

namespace rehearse {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000, hour_ns = 3'600 * second_ns;
constexpr std::int64_t short_segments = 20, segments_max = 1'000;
constexpr double geometric_within = 0.05;

// How often each transaction counts in a replicate; once each in the estimate itself.
using Weights = std::vector<std::uint32_t>;

// Poisson(1), keyed by the transaction's number in the capture.
Weights drawn_weights(const std::vector<FittedTransaction>& transactions, std::uint32_t replicate) {
  static constexpr std::array<double, 8> below{0.36787944117144233, 0.73575888234288467, 0.91969860292860584,
                                               0.98101184312384626, 0.99634015317265634, 0.99940581518241833,
                                               0.99991675885071196, 0.99998975080332537};
  const Stream draws = stream(0, "fit.bootstrap");
  Weights weights;
  weights.reserve(transactions.size());
  for (const FittedTransaction& t : transactions) {
    const double u = static_cast<double>(bits(draws, t.number, replicate) >> 11) * 0x1p-53;
    weights.push_back(static_cast<std::uint32_t>(std::lower_bound(below.begin(), below.end(), u) - below.begin()));
  }
  return weights;
}

// The running mean and variance of an estimate over replicates.
class Spread {
 public:
  void add(double x) {
    ++n_;
    const double before = mean_;
    mean_ += (x - mean_) / n_;
    sum_ += (x - before) * (x - mean_);
  }
  double deviation() const { return n_ < 2 ? 0 : std::sqrt(sum_ / (n_ - 1)); }

 private:
  double n_ = 0, mean_ = 0, sum_ = 0;
};

using Sizes = std::map<std::uint64_t, std::uint64_t>;  // transactions by size

double mean_of(const Sizes& sizes) {
  double changes = 0, transactions = 0;
  for (const auto& [size, count] : sizes) {
    changes += static_cast<double>(size) * static_cast<double>(count);
    transactions += static_cast<double>(count);
  }
  return transactions == 0 ? 0 : changes / transactions;
}

double p99_of(const Sizes& sizes) {
  std::uint64_t all = 0, seen = 0;
  for (const auto& [size, count] : sizes) all += count;
  for (const auto& [size, count] : sizes)
    if ((seen += count) * 100 >= all * 99) return static_cast<double>(size);
  return 0;
}

// Half the sum of the differences to a geometric distribution of the same mean, starting at 1.
double distance_to_geometric(const Sizes& sizes, double mean) {
  double all = 0;
  for (const auto& [size, count] : sizes) all += static_cast<double>(count);
  const double go_on = 1 - 1 / mean;
  double apart = 0, theirs = 0, share = 1 - go_on;
  std::uint64_t next = 1;
  for (const auto& [size, count] : sizes) {
    for (; next < size; ++next) share *= go_on;
    const double difference = static_cast<double>(count) / all - share;
    apart += difference > 0 ? difference : -difference;
    theirs += share;
  }
  return (apart + (1 - theirs)) / 2;
}

// What is estimated of one table, from its counts under some weights.
struct TableFigures {
  double inserts = 0, updates = 0, deletes = 0, reinserts = 0;
  double zipf = 0, hottest = 0;
  Sizes sizes;
  double changes() const { return inserts + updates + deletes; }
};

enum class ZipfFit { whole, quick };  // quick: without putting back what noise in the ranks hides

void figure_hits(const TableData& table, const FitData& data, const Weights& weights, ZipfFit how, TableFigures& out) {
  HalfHits by_key(table.keys_hit);
  for (const KeyHit& hit : table.hits) {
    // Halves by pairs of numbers, so that a fit of the odd transactions alone has two halves as well.
    const bool second = data.transactions[hit.transaction].number / 2 % 2 == 1;
    (second ? by_key[hit.key].second : by_key[hit.key].first) += weights[hit.transaction];
  }
  std::vector<std::uint64_t> counts;
  std::uint64_t all = 0;
  for (const auto& [a, b] : by_key) {
    counts.push_back(std::uint64_t{a} + b);
    all += counts.back();
  }
  if (all == 0) return;
  const std::size_t top = std::min(hottest_keys, counts.size());
  std::partial_sort(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(top), counts.end(), std::greater<>());
  std::uint64_t hot = 0;
  for (std::size_t i = 0; i < top; ++i) hot += counts[i];
  out.hottest = static_cast<double>(hot) / static_cast<double>(all);
  out.zipf = how == ZipfFit::whole ? fit_zipf(by_key, table.keys) : cross_ranked_zipf(by_key, table.keys);
}

TableFigures figure(const TableData& table, const FitData& data, const Weights& weights, ZipfFit how) {
  TableFigures out;
  for (const TableCounts& counts : table.counts) {
    const std::uint32_t weight = weights[counts.transaction];
    if (weight == 0) continue;
    out.inserts += counts.inserts * static_cast<double>(weight);
    out.updates += counts.updates * static_cast<double>(weight);
    out.deletes += counts.deletes * static_cast<double>(weight);
    out.reinserts += counts.reinserts * static_cast<double>(weight);
    out.sizes[counts.changes()] += weight;
  }
  figure_hits(table, data, weights, how, out);
  return out;
}

double over(double part, double whole) { return whole > 0 ? part / whole : 0; }

void set_sizes(const Sizes& sizes, FittedSizes& out) {
  out.mean.value = mean_of(sizes);
  out.p99.value = p99_of(sizes);
  double all = 0;
  for (const auto& [size, count] : sizes) all += static_cast<double>(count);
  for (const auto& [size, count] : sizes) out.shares.emplace_back(size, static_cast<double>(count) / all);
  out.geometric = out.mean.value >= 1 && distance_to_geometric(sizes, out.mean.value) <= geometric_within;
}

// One table's estimates over the replicates.
struct TableSpread {
  Spread rate, inserts, updates, deletes, zipf, hottest, mean, p99;

  void add(const TableFigures& again, double seconds) {
    rate.add(again.changes() / seconds);
    inserts.add(over(again.inserts, again.changes()));
    updates.add(over(again.updates, again.changes()));
    deletes.add(over(again.deletes, again.changes()));
    zipf.add(again.zipf);
    hottest.add(again.hottest);
    mean.add(mean_of(again.sizes));
    p99.add(p99_of(again.sizes));
  }
  void write(FittedTable& out) const {
    out.rate.deviation = rate.deviation();
    out.inserts.deviation = inserts.deviation();
    out.updates.deviation = updates.deviation();
    out.deletes.deviation = deletes.deviation();
    out.picks.zipf.deviation = zipf.deviation();
    out.picks.hottest.deviation = hottest.deviation();
    out.sizes.mean.deviation = mean.deviation();
    out.sizes.p99.deviation = p99.deviation();
  }
};

FittedTable fit_table(const CapturedStream& stream, const TableData& table, const FitData& data, double seconds,
                      const FitOptions& options) {
  const CapturedTable& captured = stream.tables[table.table];
  const TableFigures found = figure(table, data, Weights(data.transactions.size(), 1), ZipfFit::whole);
  FittedTable out;
  out.name = captured.name;
  out.changes = static_cast<std::uint64_t>(found.changes());
  out.rows_known = !captured.initial.empty();
  out.rows = out.rows_known ? captured.initial.size() : table.rows_before;
  out.rate.value = found.changes() / seconds;
  out.inserts.value = over(found.inserts, found.changes());
  out.updates.value = over(found.updates, found.changes());
  out.deletes.value = over(found.deletes, found.changes());
  out.reinserts = over(found.reinserts, found.inserts);
  out.picks = {table.hits.size(), table.keys_hit, table.keys, {found.zipf, 0}, {found.hottest, 0}};
  set_sizes(found.sizes, out.sizes);
  out.lateness = fit_lateness(stream, table.table, options);
  out.columns = fit_columns(stream, table.table);
  return out;
}

Sizes sizes_of(const FitData& data, const Weights& weights) {
  Sizes sizes;
  for (std::size_t i = 0; i < data.transactions.size(); ++i)
    if (data.transactions[i].changes > 0 && weights[i] > 0) sizes[data.transactions[i].changes] += weights[i];
  return sizes;
}

double changes_in(const Sizes& sizes) {
  double all = 0;
  for (const auto& [size, count] : sizes) all += static_cast<double>(size) * static_cast<double>(count);
  return all;
}

// Replicates one by one: the weights of one alone are in memory.
void bootstrap(const FitData& data, const std::vector<const TableData*>& tables, double seconds,
               std::uint32_t replicates, Fit& fit) {
  Spread rate, mean, p99;
  std::vector<TableSpread> spreads(tables.size());
  for (std::uint32_t replicate = 0; replicate < replicates; ++replicate) {
    const Weights weights = drawn_weights(data.transactions, replicate);
    const Sizes again = sizes_of(data, weights);
    rate.add(changes_in(again) / seconds);
    mean.add(mean_of(again));
    p99.add(p99_of(again));
    for (std::size_t i = 0; i < tables.size(); ++i)
      spreads[i].add(figure(*tables[i], data, weights, ZipfFit::quick), seconds);
  }
  fit.rate.deviation = rate.deviation();
  fit.sizes.mean.deviation = mean.deviation();
  fit.sizes.p99.deviation = p99.deviation();
  for (std::size_t i = 0; i < tables.size(); ++i) spreads[i].write(fit.tables[i]);
}

// Hours where the capture has at least three (longer ones above a thousand), else twenty equal parts.
std::vector<FittedSegment> segments_of(const FitData& data) {
  const bool hours = data.duration_ns >= 3 * hour_ns;
  const std::int64_t length =
      hours ? std::max(hour_ns, data.duration_ns / segments_max + 1) : data.duration_ns / short_segments + 1;
  std::vector<FittedSegment> segments;
  for (std::int64_t from = 0; from <= data.duration_ns; from += length)
    segments.push_back({from, std::min(from + length, data.duration_ns), 0, 0});
  for (const FittedTransaction& t : data.transactions) {
    FittedSegment& segment = segments[static_cast<std::size_t>(t.commit_ns / length)];
    ++segment.transactions;
    segment.changes += t.changes;
  }
  return segments;
}

}  // namespace

std::optional<Fit> fit_capture(const CapturedStream& stream, const FitOptions& options) {
  const FitData data = gather(stream, options);
  if (data.transactions.size() < 2 || data.duration_ns <= 0) return std::nullopt;
  const double seconds = static_cast<double>(data.duration_ns) / static_cast<double>(second_ns);
  Fit fit;
  fit.transactions = data.transactions.size();
  fit.first = data.first;
  fit.last = data.last;
  fit.began_unix_ns = data.began_unix_ns;
  fit.duration_ns = data.duration_ns;
  const Sizes sizes = sizes_of(data, Weights(data.transactions.size(), 1));
  fit.changes = static_cast<std::uint64_t>(changes_in(sizes));
  fit.rate.value = changes_in(sizes) / seconds;
  set_sizes(sizes, fit.sizes);
  std::vector<const TableData*> tables;
  for (const TableData& table : data.tables) {
    if (table.counts.empty()) continue;
    tables.push_back(&table);
    fit.tables.push_back(fit_table(stream, table, data, seconds, options));
  }
  bootstrap(data, tables, seconds, options.replicates, fit);
  fit.segments = segments_of(data);
  fit.changes_of_mix = find_changes(data.transactions);
  return fit;
}

}  // namespace rehearse
