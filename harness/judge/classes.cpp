// Discrepancies claimed against divergences true, class by class: in all, and over time.
//
// A row is divergent by being missing, extra, duplicate or mismatched; the other classes (timing, aggregate, schema)
// are claims that no row can be held against. Series of a class are left out where nothing of it was divergent or
// claimed.
#include <algorithm>
#include <array>
#include <string>

#include "harness/judge/parts.h"

namespace rehearse::judging {
namespace {

using Kind = DivergentInterval::Kind;
constexpr std::array kinds{Kind::missing, Kind::extra, Kind::duplicate, Kind::mismatch};

// What the runs of one check claimed of one class; empty if nothing ever.
std::vector<Point> claimed(const std::vector<const CheckRun*>& runs, std::uint8_t kind) {
  std::vector<Point> points;
  bool any = false;
  for (const CheckRun* run : runs) {
    if (!run->data) continue;
    any = any || run->found[kind] > 0;
    points.push_back({run->reported, static_cast<double>(run->found[kind])});
  }
  return any ? points : std::vector<Point>{};
}

std::uint64_t most_at_once(const std::vector<Step>& steps) {
  std::uint64_t most = 0;
  for (const Step& step : steps) most = std::max(most, step.rows);
  return most;
}

}  // namespace

const char* class_of(Kind kind) {
  switch (kind) {
    case Kind::missing:
      return class_name(scenario::MISSING);
    case Kind::extra:
      return class_name(scenario::EXTRA);
    case Kind::duplicate:
      return class_name(scenario::DUPLICATE);
    case Kind::mismatch:
      break;
  }
  return class_name(scenario::MISMATCH);
}

void write_classes(const Case& c, const std::vector<CheckScore>& scores, result::Result& result) {
  std::array<std::uint64_t, discrepancy_classes> divergences{}, worst{};
  std::array<bool, discrepancy_classes> has_truth{};
  for (const Kind kind : kinds) {
    const auto name = std::string_view(class_of(kind));
    std::uint8_t k = 0;
    while (name != class_name(k)) ++k;
    has_truth[k] = true;
    for (StoreId store = 1; store < c.in.truth.stores.size(); ++store) {
      const auto [first, after] = c.divergences.of_store(store);
      for (Divergences::Index i = first; i < after; ++i) divergences[k] += c.divergences[i].kind == kind;
      worst[k] = std::max(worst[k], most_at_once(c.divergences.steps(store, kind)));
    }
  }
  for (std::uint8_t k = 0; k < discrepancy_classes; ++k) {
    ClassScore sum;
    for (const CheckScore& score : scores) {
      sum.claims += score.classes[k].claims;
      sum.right += score.classes[k].right;
    }
    if (sum.claims == 0 && divergences[k] == 0) continue;
    result::ClassTruth& out = *result.add_classes();
    out.set_name(class_name(k));
    if (has_truth[k]) out.set_divergences(divergences[k]);
    if (has_truth[k]) out.set_divergent_worst(worst[k]);
    out.set_claims(sum.claims);
    out.set_right(sum.right);
  }
}

void write_class_series(const Case& c, result::Result& result) {
  const auto add = [&](result::Series::Kind kind, const std::string& name, const char* unit,
                       const char* of_class) -> result::Series& {
    result::Series& out = *result.add_series();
    out.set_name(name);
    out.set_unit(unit);
    out.set_kind(kind);
    out.set_discrepancy_class(of_class);
    return out;
  };
  for (StoreId store = 1; store < c.in.truth.stores.size(); ++store)
    for (const Kind kind : kinds) {
      const std::vector<Step>& steps = c.divergences.steps(store, kind);
      if (steps.empty()) continue;
      result::Series& out =
          add(result::Series::divergent, c.store_name(store) + ": " + class_of(kind) + " rows", "rows", class_of(kind));
      write_steps(steps, c.end, out);
      out.set_store(c.store_name(store));
      out.set_pipeline(c.in.truth.stores[store].pipeline);
    }
  std::vector<std::vector<const CheckRun*>> runs(c.in.checks.size());
  for (const CheckRun& run : c.in.runs) runs[run.check].push_back(&run);
  for (const CheckDescription& check : c.in.checks)
    for (std::uint8_t k = 0; k < discrepancy_classes; ++k) {
      const std::vector<Point> points = claimed(runs[check.index], k);
      if (points.empty()) continue;
      result::Series& out =
          add(result::Series::claimed, check.name + ": claimed as " + class_name(k), "claims", class_name(k));
      write_points(points, out);
      out.set_check(check.name);
      out.set_store(c.store_name(check.trial));
    }
}

}  // namespace rehearse::judging
