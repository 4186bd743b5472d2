// Baselines: a few values of a result, kept beside the scenario, to be compared with a later run of it.
//
// What is kept: verdict and decision; how each phase was left and when it was entered; of a rollback its trigger, RTO,
// RPO and what it left divergent; by check its claims, right claims, false alarms and recall; by store its divergences,
// at worst and at the end, and staleness; by consumer its wrong and stale reads; hits by fault; the changes. Beside
// them stand both digests and, to say why something changed, the scenario's fields, the seed and the version.
//
// Left out: `expect`, `about` and the name, which change no result, and the content of captured files.
// Invariants: equal results give equal values; a file is read within bounds, and one that is not a baseline is a
// diagnostic.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result/result.pb.h"
#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"

namespace rehearse {

inline constexpr std::size_t baseline_bytes_max = std::size_t{8} << 20;

struct Baseline {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string scenario_digest;
  std::map<std::string, std::string> depends_on, values, digests, effective;
};

// orders.yaml → orders.baseline.json, in the same folder.
std::string baseline_file(const std::string& scenario_file);

Baseline baseline_of(const LoadedScenario& scenario, const result::Result& result);
std::string to_json(const Baseline& baseline);  // one value a line, in order of paths
// The problem is appended; `file` names it.
std::optional<Baseline> parse_baseline(std::string_view json, const std::string& file,
                                       std::vector<Diagnostic>& diagnostics);

struct BaselineChange {
  std::string what;                        // a path, `seed`, `version`
  std::optional<std::string> before, now;  // none: it was, or is, not there
};
std::string to_text(const BaselineChange& change);  // "checks[fields].claims: 12 → 13"

struct BaselineComparison {
  std::vector<BaselineChange> values;   // of the result
  std::vector<BaselineChange> reasons;  // of the scenario's fields, the seed, and what the result depends on
  bool other_digest = false;            // with equal values: another course to the same end
  // The same scenario, seed and version gave another result: captured files changed, or Rehearse is at fault.
  bool unexplained() const { return reasons.empty() && (other_digest || !values.empty()); }
};
BaselineComparison compare(const Baseline& before, const Baseline& now);

// "2 fields of the scenario, commit": at most `most` of them by name.
std::string reasons_text(const BaselineComparison& comparison, std::size_t most);

// Puts the comparison into the result, as expectations that held or broke, at their place in `json` of `file`; a
// difference fails it. Without `expect:` the baseline alone decides: a result that is as it was passes.
void judge_by_baseline(const BaselineComparison& comparison, const std::string& json, const std::string& file,
                       bool has_expect, result::Result& result);

}  // namespace rehearse
