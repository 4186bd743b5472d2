// A set of checks on trial against the failures of a set of scenarios: what each catches, misses and raises falsely.
//
// Every rule runs in every world whose stores, datasets and columns it can be laid over, by name; the linter says where
// it cannot. A world keeps its own checks, metrics and plan, so that it takes the course that it took; repairs are left
// out, or one rule would hide from the others what it repaired, and so is `expect:`.
// A failure mode is one fault (or defect) of one world. A rule catches it if it claims a row that was divergent by it
// throughout one of its runs; its recall there is how many such row-intervals it caught. Its cost is the rows that it
// read for each simulated day. Latency and freshness are monitors: they run, and are not judged.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "harness/campaign/rehearsal.h"
#include "reports/result/rules.pb.h"
#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"

namespace rehearse {

struct Rule {
  scenario::Check check;
  std::string name;  // its check's, with the file's where two rules of a name differ
  std::string file;
};

struct RuleWorld {
  LoadedScenario scenario;
  std::string file;
};

inline constexpr std::size_t rules_max = 200;

// The checks of a file: a scenario, or nothing but `checks:`. Names are not looked up yet.
std::vector<scenario::Check> read_rules(const std::string& file, std::vector<Diagnostic>& diagnostics);
// Adds a file's checks. The same check under the same name is one rule, wherever it stands.
void add_rules(const std::vector<scenario::Check>& checks, const std::string& file, std::vector<Rule>& rules);

struct RuleTrialOptions {
  std::function<void(const std::string& file)> begins;  // a world
  std::function<void(const Progress&)> progress;        // of the world that has begun
  const std::atomic<bool>* interrupted = nullptr;       // set: end now
};

// Runs every world once. What is wrong with a world's inputs is appended; the trial then says nothing.
result::RuleTrial try_rules(const std::vector<Rule>& rules, const std::vector<RuleWorld>& worlds,
                            std::vector<Diagnostic>& diagnostics, const RuleTrialOptions& options = {});

// Every failure is caught by some rule, every fault struck, every rule is matched somewhere, and there is no false
// alarm.
bool as_it_should_be(const result::RuleTrial& trial);

}  // namespace rehearse
