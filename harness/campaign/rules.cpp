#include "harness/campaign/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/campaign/rehearsal.h"
#include "harness/campaign/rule_selection.h"
#include "harness/campaign/version.h"
#include "scenarios/check_kinds.h"
#include "scenarios/convert.h"
#include "scenarios/lint.h"
#include "scenarios/merge.h"
#include "sim/kernel/time.h"

namespace rehearse {
namespace {

bool is_about_checks(const Diagnostic& d) { return d.path == "checks" || d.path.rfind("checks.", 0) == 0; }

// ---- laying rules over a world -------------------------------------------------------------------------------------

// A world with the rules in it, and under which name each runs there.
struct LaidOver {
  LoadedScenario scenario;
  std::map<std::string, std::size_t> rule_of_check;
  std::map<std::size_t, std::string> unmatched;  // why
};

// A name for the rule's check that no other check of the world has.
std::string free_name(const scenario::Scenario& proto, const std::string& wanted) {
  const auto taken = [&proto](const std::string& name) {
    return std::any_of(proto.checks().begin(), proto.checks().end(), [&](const auto& c) { return c.name() == name; });
  };
  std::string name = wanted;
  for (int n = 2; taken(name); ++n) name = fmt::format("{}.rule{}", wanted, n);
  return name;
}

// What the linter has against a check of the world.
std::string complaint(const LoadedScenario& scenario, const std::string& check) {
  const std::string path = "checks." + check;
  for (const Diagnostic& d : lint(scenario)) {
    const bool of_it = d.path == path || d.path.rfind(path + ".", 0) == 0;
    if (of_it && d.level == Diagnostic::Level::error) return d.message;
  }
  return {};
}

LaidOver lay_over(const std::vector<Rule>& rules, const RuleWorld& world) {
  LaidOver laid{world.scenario, {}, {}};
  scenario::Scenario& proto = laid.scenario.proto;
  proto.clear_repair();
  proto.clear_expect();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto own = std::find_if(proto.checks().begin(), proto.checks().end(), [&](const scenario::Check& check) {
      return check.SerializeAsString() == rules[i].check.SerializeAsString();
    });
    if (own != proto.checks().end()) {
      laid.rule_of_check[own->name()] = i;
      continue;
    }
    const std::string name = free_name(proto, rules[i].check.name());
    scenario::Check& added = *proto.add_checks();
    added = rules[i].check;
    added.set_name(name);
    const std::string why = complaint(laid.scenario, name);
    if (why.empty()) {
      laid.rule_of_check[name] = i;
    } else {
      laid.unmatched[i] = why;
      proto.mutable_checks()->RemoveLast();
    }
  }
  return laid;
}

// ---- what came out of one world ------------------------------------------------------------------------------------

std::vector<std::string> causes_in(const std::string& joined_causes) {
  std::vector<std::string> causes;
  const std::string between = " + ";
  std::size_t at = 0;
  while (at <= joined_causes.size()) {
    const std::size_t end = std::min(joined_causes.find(between, at), joined_causes.size());
    causes.push_back(joined_causes.substr(at, end - at));
    at = end + between.size();
  }
  return causes;
}

std::uint64_t divergences_of(const result::Result& r, const std::string& fault) {
  std::uint64_t all = 0;
  for (const result::Store& store : r.stores())
    for (const result::CauseCount& count : store.causes())
      for (const std::string& cause : causes_in(count.cause()))
        if (cause == fault) all += count.intervals();
  return all;
}

// Modes of the world, by fault: their index in the trial.
std::map<std::string, std::uint32_t> add_modes(const result::Result& r, std::uint32_t world, result::RuleTrial& trial) {
  std::map<std::string, std::uint32_t> index;
  for (const result::Fault& fault : r.faults()) {
    index[fault.name()] = static_cast<std::uint32_t>(trial.modes_size());
    result::FailureMode& mode = *trial.add_modes();
    mode.set_world(world);
    mode.set_fault(fault.name());
    mode.set_kind(fault.kind());
    mode.set_defect(fault.defect());
    mode.set_hits(fault.hits());
    mode.set_divergences(divergences_of(r, fault.name()));
    mode.set_outcome(mode.divergences() > 0 ? result::FailureMode::missed
                     : fault.vacuous()      ? result::FailureMode::never_struck
                                            : result::FailureMode::harmless);
  }
  return index;
}

void add_scores(const LaidOver& laid, const result::Result& r, std::uint32_t world, result::RuleTrial& trial) {
  const std::map<std::string, std::uint32_t> modes = add_modes(r, world, trial);
  const std::int64_t simulated = r.has_stopped_at_ns() ? r.stopped_at_ns() : r.duration_ns();
  for (const result::Check& check : r.checks()) {
    const auto rule = laid.rule_of_check.find(check.name());
    if (rule == laid.rule_of_check.end()) continue;
    result::TriedRule& tried = *trial.mutable_rules(static_cast<int>(rule->second));
    tried.set_worlds(tried.worlds() + 1);
    tried.set_rows_compared(tried.rows_compared() + check.rows_compared());
    tried.set_simulated_ns(tried.simulated_ns() + simulated);
    tried.set_claims(tried.claims() + check.claims());
    tried.set_false_alarms(tried.false_alarms() + check.false_alarms());
    if (check.false_alarms() == 0) continue;
    result::RuleFalseAlarms& alarms = *trial.add_false_alarms();
    alarms.set_rule(static_cast<std::uint32_t>(rule->second));
    alarms.set_world(world);
    alarms.set_claims(check.false_alarms());
  }
  for (const result::MatrixCell& cell : r.matrix()) {
    const auto rule = laid.rule_of_check.find(cell.check());
    const auto mode = modes.find(cell.cause());
    if (rule == laid.rule_of_check.end() || mode == modes.end()) continue;
    result::RuleCell& out = *trial.add_cells();
    out.set_rule(static_cast<std::uint32_t>(rule->second));
    out.set_mode(mode->second);
    out.set_in_view(cell.divergences());
    out.set_caught(cell.caught());
    out.set_untold(cell.untold());
    out.set_false_alarms(cell.false_alarms());
    if (cell.has_delay()) *out.mutable_delay() = cell.delay();
    if (cell.caught() > 0)
      trial.mutable_modes(static_cast<int>(mode->second))->set_outcome(result::FailureMode::caught);
  }
}

// ---- over all worlds -----------------------------------------------------------------------------------------------

// For each mode that any rule caught, the most that one caught.
std::map<std::uint32_t, std::uint64_t> best_catch(const result::RuleTrial& trial) {
  std::map<std::uint32_t, std::uint64_t> best;
  for (const result::RuleCell& cell : trial.cells())
    if (cell.caught() > 0) best[cell.mode()] = std::max(best[cell.mode()], cell.caught());
  return best;
}

enum class Wanted { same_recall, same_notice };

std::vector<CoveringRule> covering(const result::RuleTrial& trial, Wanted wanted) {
  const auto best = best_catch(trial);
  std::vector<CoveringRule> rules(static_cast<std::size_t>(trial.rules_size()));
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].cost = trial.rules(static_cast<int>(i)).rows_per_day();
  for (const result::RuleCell& cell : trial.cells())
    if (cell.caught() > 0 && (wanted == Wanted::same_notice || cell.caught() == best.at(cell.mode())))
      rules[cell.rule()].covers.push_back(cell.mode());
  return rules;
}

void select(const result::RuleTrial& trial, Wanted wanted, result::RuleSelection& out) {
  const CheapestRules cheapest = cheapest_cover(covering(trial, wanted));
  for (const std::size_t rule : cheapest.rules) out.add_rules(static_cast<std::uint32_t>(rule));
  out.set_rows_per_day(cheapest.cost);
  out.set_exact(cheapest.exact);
  double all = 0;
  for (const result::TriedRule& rule : trial.rules())
    if (rule.judged()) all += rule.rows_per_day();
  out.set_rows_per_day_of_all(all);
}

// A rule without which the others catch as much of every failure, as far as it is told what it catches.
void mark_redundant(result::RuleTrial& trial) {
  const std::vector<CoveringRule> rules = covering(trial, Wanted::same_recall);
  std::map<std::size_t, int> covered_by;
  for (const CoveringRule& rule : rules)
    for (const std::size_t mode : rule.covers) ++covered_by[mode];
  for (std::size_t i = 0; i < rules.size(); ++i) {
    result::TriedRule& rule = *trial.mutable_rules(static_cast<int>(i));
    const bool needed = std::any_of(rules[i].covers.begin(), rules[i].covers.end(),
                                    [&](std::size_t mode) { return covered_by[mode] == 1; });
    const bool untold = std::any_of(trial.cells().begin(), trial.cells().end(), [&](const result::RuleCell& cell) {
      return cell.rule() == i && cell.untold() > 0;
    });
    rule.set_redundant(rule.judged() && rule.worlds() > 0 && !needed && !untold);
  }
}

void sum_up(result::RuleTrial& trial) {
  std::stable_sort(trial.mutable_cells()->begin(), trial.mutable_cells()->end(),
                   [](const auto& a, const auto& b) { return a.rule() < b.rule(); });
  for (const result::RuleCell& cell : trial.cells()) {
    result::TriedRule& rule = *trial.mutable_rules(static_cast<int>(cell.rule()));
    const bool harmful = trial.modes(static_cast<int>(cell.mode())).divergences() > 0;
    if (cell.caught() > 0) rule.set_modes_caught(rule.modes_caught() + 1);
    else if (harmful) rule.set_modes_missed(rule.modes_missed() + 1);
  }
  for (result::TriedRule& rule : *trial.mutable_rules())
    if (rule.simulated_ns() > 0)
      rule.set_rows_per_day(static_cast<double>(rule.rows_compared()) * static_cast<double>(day.ns) /
                            static_cast<double>(rule.simulated_ns()));
  mark_redundant(trial);
  select(trial, Wanted::same_recall, *trial.mutable_same_recall());
  select(trial, Wanted::same_notice, *trial.mutable_same_notice());
}

void add_world(const RuleWorld& world, const result::Result& r, result::RuleTrial& trial) {
  result::TriedWorld& out = *trial.add_worlds();
  out.set_file(world.file);
  out.set_scenario(r.scenario());
  out.set_seed(r.seed());
  out.set_duration_ns(r.has_stopped_at_ns() ? r.stopped_at_ns() : r.duration_ns());
}

}  // namespace

std::vector<scenario::Check> read_rules(const std::string& file, std::vector<Diagnostic>& diagnostics) {
  std::string text;
  MergedTree tree;
  if (!read_text(file, {file, 0, 0}, text, diagnostics) || !read_merged(text, file, tree, diagnostics)) return {};
  scenario::Scenario proto;
  Conversion conversion{tree.files, {}, {}};
  convert(tree.root, proto, conversion);
  for (Diagnostic& d : conversion.diagnostics)
    if (is_about_checks(d)) diagnostics.push_back(std::move(d));
  if (proto.checks().empty() && !has_errors(diagnostics)) {
    Diagnostic none;
    none.file = file;
    none.path = "checks";
    none.message = "the file has no checks";
    none.expected = "checks by name";
    diagnostics.push_back(std::move(none));
  }
  return {proto.checks().begin(), proto.checks().end()};
}

void add_rules(const std::vector<scenario::Check>& checks, const std::string& file, std::vector<Rule>& rules) {
  for (const scenario::Check& check : checks) {
    bool known = false, name_taken = false;
    for (const Rule& rule : rules) {
      known = known || rule.check.SerializeAsString() == check.SerializeAsString();
      name_taken = name_taken || rule.name == check.name();
    }
    if (!known) rules.push_back({check, name_taken ? fmt::format("{} ({})", check.name(), file) : check.name(), file});
  }
}

result::RuleTrial try_rules(const std::vector<Rule>& rules, const std::vector<RuleWorld>& worlds,
                            std::vector<Diagnostic>& diagnostics, const RuleTrialOptions& options) {
  result::RuleTrial trial;
  trial.set_version(version());
  for (const Rule& rule : rules) {
    result::TriedRule& tried = *trial.add_rules();
    tried.set_name(rule.name);
    if (const FieldDescriptor* kind = kind_field(rule.check)) tried.set_kind(kind->name());
    tried.set_file(rule.file);
    tried.set_judged(!is_monitor(rule.check));
  }
  for (const RuleWorld& world : worlds) {
    if (options.interrupted && options.interrupted->load()) break;
    if (options.begins) options.begins(world.file);
    const LaidOver laid = lay_over(rules, world);
    const std::optional<SharedInputs> inputs = load_inputs(laid.scenario, diagnostics);
    if (!inputs) return {};
    RehearsalOptions rehearsal;
    rehearsal.twins = false;
    rehearsal.scenario_file = world.file;
    rehearsal.interrupted = options.interrupted;
    rehearsal.progress = options.progress;
    const result::Result r = rehearse(laid.scenario, *inputs, rehearsal);
    const auto index = static_cast<std::uint32_t>(trial.worlds_size());
    add_world(world, r, trial);
    add_scores(laid, r, index, trial);
    for (const auto& [rule, why] : laid.unmatched) {
      result::UnmatchedRule& out = *trial.add_unmatched();
      out.set_rule(static_cast<std::uint32_t>(rule));
      out.set_world(index);
      out.set_why(why);
    }
  }
  sum_up(trial);
  return trial;
}

bool as_it_should_be(const result::RuleTrial& trial) {
  const auto fine_mode = [](const result::FailureMode& mode) {
    return mode.outcome() == result::FailureMode::caught || mode.outcome() == result::FailureMode::harmless;
  };
  const auto fine_rule = [](const result::TriedRule& rule) { return rule.false_alarms() == 0 && rule.worlds() > 0; };
  return std::all_of(trial.modes().begin(), trial.modes().end(), fine_mode) &&
         std::all_of(trial.rules().begin(), trial.rules().end(), fine_rule);
}

}  // namespace rehearse
