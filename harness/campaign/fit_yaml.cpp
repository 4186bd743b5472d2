// The fragment: values in the scenario's own form, with intervals and findings as comments.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/campaign/fit.h"
#include "scenarios/units.h"
#include "scenarios/value_text.h"
#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr std::size_t points_max = 40;
constexpr double least_share = 0.001;         // of a transaction size that is kept by itself
constexpr double uniform_below = 0.03;        // exponents that no plan can tell from uniform
constexpr std::int64_t share_step = 100'000;  // 0.01%

std::string plain(const std::string& text) {  // in a comment, on one line
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return out;
}

std::string quoted(const std::string& text) {  // YAML, double quotes
  std::string out = "\"";
  for (const char c : plain(text)) out += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "\"";
}

std::string percent(double share) { return fmt::format("{:.2f}%", share * 100); }
std::string percents(const Estimate& e) {
  return fmt::format("{} [{}, {}]", percent(e.value), percent(std::max(0.0, e.low())),
                     percent(std::min(1.0, e.high())));
}
std::string numbers(const Estimate& e) {
  return fmt::format("{:.4g} [{:.4g}, {:.4g}]", e.value, std::max(0.0, e.low()), e.high());
}
std::string seconds(std::int64_t ns) { return fmt::format("{:.3f}s", static_cast<double>(ns) / 1e9); }

// Shares that add up to 100%, in steps of 0.01%: the largest takes what rounding leaves.
std::vector<std::int64_t> rounded(const std::vector<double>& shares) {
  std::vector<std::int64_t> parts;
  std::int64_t left = parts_per_billion;
  for (const double share : shares) {
    parts.push_back(std::llround(share * 1e9 / static_cast<double>(share_step)) * share_step);
    left -= parts.back();
  }
  if (!parts.empty()) *std::max_element(parts.begin(), parts.end()) += left;
  return parts;
}

std::string mix(const FittedTable& table) {
  const std::vector<std::int64_t> parts = rounded({table.inserts.value, table.updates.value, table.deletes.value});
  return fmt::format("{{insert: {}, update: {}, delete: {}}}", format_share(parts[0]), format_share(parts[1]),
                     format_share(parts[2]));
}

std::string sizes(const FittedSizes& fitted) {
  if (fitted.shares.size() == 1) return fmt::format("{}", fitted.shares[0].first);
  if (fitted.geometric) return fmt::format("geometric(mean={:.3g})", fitted.mean.value);
  // Rare sizes join the next larger one that is kept.
  std::vector<std::pair<std::uint64_t, double>> kept;
  double waiting = 0;
  for (std::size_t i = 0; i < fitted.shares.size(); ++i) {
    const auto& [size, share] = fitted.shares[i];
    waiting += share;
    const bool last = i + 1 == fitted.shares.size();
    if (!last && (waiting < least_share || kept.size() + 1 >= points_max)) continue;
    kept.emplace_back(size, waiting);
    waiting = 0;
  }
  std::vector<double> shares;
  for (const auto& [size, share] : kept) shares.push_back(share);
  const std::vector<std::int64_t> parts = rounded(shares);
  std::string text;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (parts[i] > 0) text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", kept[i].first, format_share(parts[i]));
  return "empirical(" + text + ")";
}

std::string pick(const FittedPicks& picks) {
  return picks.zipf.value < uniform_below ? "uniform" : fmt::format("zipf({:.3g})", picks.zipf.value);
}

std::string column(const FittedColumn& c, const FittedTable& table) {
  const bool known = static_cast<bool>(parse_column_type(c.type, UnknownType::error));
  std::string out = fmt::format("        {}: {{type: {}", quoted(c.name), quoted(known ? c.type : "text"));
  if (c.key) out += ", key: true";
  else if (c.distinct > 0 && c.distinct * 2 < table.picks.keys) out += fmt::format(", distinct: {}", c.distinct);
  if (!c.key && c.name == table.lateness.column) out += ", role: updated_at";
  if (!c.key && c.nulls > 0)
    out += fmt::format(", nullable: true, nulls: {}", format_share(rounded({c.nulls, 1 - c.nulls})[0]));
  out += "}";
  if (!known) out += "  # " + plain(c.type);
  return out + "\n";
}

std::string columns(const FittedTable& table) {
  std::string out = "      columns:\n";
  const bool keyed = std::any_of(table.columns.begin(), table.columns.end(), [](const auto& c) { return c.key; });
  if (!keyed) out += "        fitted_key: {type: bigint, key: true}  # the table has no key\n";
  for (const FittedColumn& c : table.columns) out += column(c, table);
  return out;
}

std::string workload(const FittedTable& table) {
  std::string out = "      workload:\n";
  out += fmt::format("        peak_rate: {}  # a second: {}\n",
                     format_rate(std::llround(table.rate.value * 1e3) * 1'000'000), numbers(table.rate));
  out += fmt::format("        mix: {}  # inserts {}, updates {}, deletes {}\n", mix(table), percents(table.inserts),
                     percents(table.updates), percents(table.deletes));
  if (table.picks.hits > 0)
    out +=
        fmt::format("        pick: {{updates: {0}, deletes: {0}}}  # exponent {1}; the hottest {2} keys: {3} of hits\n",
                    pick(table.picks), numbers(table.picks.zipf), hottest_keys, percents(table.picks.hottest));
  out += fmt::format("        transactions: {}  # mean {}, p99 {}\n", quoted(sizes(table.sizes)),
                     numbers(table.sizes.mean), numbers(table.sizes.p99));
  if (table.reinserts > 0)
    out += fmt::format("        reinserts: {}\n", format_share(rounded({table.reinserts, 1 - table.reinserts})[0]));
  const FittedLateness& late = table.lateness;
  if (late.long_share > 0)
    out += fmt::format("        long_transactions: {{share: {}, hold: {}}}\n",
                       format_share(rounded({late.long_share, 1 - late.long_share})[0]),
                       format_duration(late.long_hold_ns / 1'000'000 * 1'000'000));
  if (late.late_changes > 0)
    out += fmt::format("        # {} changes carry a {} older than one that was delivered before\n", late.late_changes,
                       plain(late.column));
  return out;
}

std::string head(const Fit& fit, const std::string& capture) {
  std::string out = fmt::format(
      "# Fitted to {}: transactions {} to {},\n# {} of them with {} changes in {}, from {}.\n"
      "# In brackets: 95% intervals. Changes a second: {}; in a transaction: mean {}, p99 {}.\n",
      plain(capture), fit.first, fit.last, fit.transactions, fit.changes, seconds(fit.duration_ns),
      format_rfc3339(fit.began_unix_ns, 0, Fraction::as_needed), numbers(fit.rate), numbers(fit.sizes.mean),
      numbers(fit.sizes.p99));
  for (const FittedChange& change : fit.changes_of_mix)
    out += fmt::format(
        "# THE WORKLOAD CHANGES at transaction {}, {} after the first commit: {} of the transactions are of another "
        "kind\n"
        "# from there on. One workload for both sides fits neither: fit each with --from and --to.\n",
        change.transaction, seconds(change.at_ns), percent(change.moved));
  out += "# Changes a second by segment:";
  for (const FittedSegment& segment : fit.segments) {
    const double length = static_cast<double>(std::max<std::int64_t>(1, segment.to_ns - segment.from_ns)) / 1e9;
    out += fmt::format(" {:.0f}", static_cast<double>(segment.changes) / length);
  }
  return out + fmt::format("\n# (segments of {})\n",
                           fit.segments.empty() ? "" : seconds(fit.segments[0].to_ns - fit.segments[0].from_ns));
}

}  // namespace

std::string fit_yaml(const Fit& fit, const std::string& capture) {
  std::string out = head(fit, capture) + "source:\n  tables:\n";
  for (const FittedTable& table : fit.tables) {
    out += fmt::format("    {}:\n      rows: {}{}\n", quoted(table.name), table.rows,
                       table.rows_known ? "" : "  # seen to be there before the stream; there may be more");
    out += columns(table) + workload(table);
  }
  return out;
}

}  // namespace rehearse
