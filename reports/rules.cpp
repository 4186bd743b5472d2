#include "reports/rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "reports/format.h"
#include "reports/json.h"
#include "reports/text_table.h"

namespace rehearse::reports {
namespace {

using result::FailureMode;
using result::RuleTrial;
using result::TriedRule;

std::string safe(const std::string& text) { return printable(one_line(text)); }

std::string rows_a_day(double rows) { return show_count(static_cast<std::uint64_t>(std::llround(rows))); }

const TriedRule& rule_of(const RuleTrial& trial, std::uint32_t rule) { return trial.rules(static_cast<int>(rule)); }
const result::TriedWorld& world_of(const RuleTrial& trial, std::uint32_t world) {
  return trial.worlds(static_cast<int>(world));
}

std::string mode_name(const RuleTrial& trial, const FailureMode& mode) {
  const std::string& scenario = world_of(trial, mode.world()).scenario();
  return safe(scenario == mode.fault() ? mode.fault() : scenario + ": " + mode.fault());
}

std::string outcome(const FailureMode& mode) {
  switch (mode.outcome()) {
    case FailureMode::caught:
      return "caught";
    case FailureMode::harmless:
      return "no row was divergent";
    case FailureMode::never_struck:
      return "never struck";
    default:
      return "MISSED";
  }
}

std::string standing(const TriedRule& rule) {
  if (rule.worlds() == 0) return "could not be tried";
  if (!rule.judged()) return "monitor: makes no claims";
  if (rule.modes_caught() == 0) return "catches nothing here";
  return rule.redundant() ? "redundant" : "needed";
}

// "fields 98.2%, sample 12%": the share of all divergences of this failure that each caught.
std::string caught_by(const RuleTrial& trial, int mode) {
  std::string text;
  const std::uint64_t all = trial.modes(mode).divergences();
  for (const result::RuleCell& cell : trial.cells()) {
    if (static_cast<int>(cell.mode()) != mode || cell.caught() == 0) continue;
    text += text.empty() ? "" : ", ";
    text += safe(rule_of(trial, cell.rule()).name());
    if (all >= cell.caught()) text += " " + show_percent(static_cast<double>(cell.caught()) / static_cast<double>(all));
  }
  return text.empty() ? "–" : text;
}

std::string missed_by(const RuleTrial& trial, int mode) {
  std::string text;
  if (trial.modes(mode).divergences() == 0) return "–";
  for (const result::RuleCell& cell : trial.cells())
    if (static_cast<int>(cell.mode()) == mode && cell.caught() == 0)
      text += (text.empty() ? "" : ", ") + safe(rule_of(trial, cell.rule()).name());
  return text.empty() ? "–" : text;
}

std::string selection(const RuleTrial& trial, const result::RuleSelection& chosen) {
  std::string names;
  for (const std::uint32_t rule : chosen.rules())
    names += (names.empty() ? "" : ", ") + safe(rule_of(trial, rule).name());
  if (names.empty()) return "no rule catches anything";
  return fmt::format("{}: {} rows a day, all rules {} ({})", names, rows_a_day(chosen.rows_per_day()),
                     rows_a_day(chosen.rows_per_day_of_all()),
                     chosen.exact() ? "every set was tried" : "greedy: there are too many rules to try every set");
}

struct Sentence {
  std::string title;
  std::string text;
};

// What stands below the tables.
std::vector<Sentence> conclusions(const RuleTrial& trial) {
  std::vector<Sentence> all;
  all.push_back({"Cheapest set that catches as many rows of every failure", selection(trial, trial.same_recall())});
  all.push_back({"Cheapest set that notices every failure that all notice", selection(trial, trial.same_notice())});
  std::string missed;
  for (const FailureMode& mode : trial.modes())
    if (mode.outcome() == FailureMode::missed) missed += (missed.empty() ? "" : ", ") + mode_name(trial, mode);
  if (!missed.empty()) all.push_back({"No rule catches", missed});
  return all;
}

std::vector<std::string> details(const RuleTrial& trial) {
  std::vector<std::string> lines;
  for (const result::RuleFalseAlarms& alarms : trial.false_alarms())
    lines.push_back(fmt::format("{} raised {} in {}", safe(rule_of(trial, alarms.rule()).name()),
                                counted(alarms.claims(), "false alarm", "false alarms"),
                                safe(world_of(trial, alarms.world()).scenario())));
  // One line a rule and reason.
  std::vector<std::pair<std::pair<std::uint32_t, std::string>, std::string>> unmatched;
  for (const result::UnmatchedRule& one : trial.unmatched()) {
    const std::pair<std::uint32_t, std::string> what{one.rule(), one.why()};
    const auto known = std::find_if(unmatched.begin(), unmatched.end(), [&](const auto& u) { return u.first == what; });
    const std::string scenario = safe(world_of(trial, one.world()).scenario());
    if (known == unmatched.end()) unmatched.emplace_back(what, scenario);
    else known->second += ", " + scenario;
  }
  for (const auto& [what, scenarios] : unmatched)
    lines.push_back(fmt::format("{} could not be tried in {}: {}", safe(rule_of(trial, what.first).name()), scenarios,
                                safe(what.second)));
  return lines;
}

TextTable rules_table(const RuleTrial& trial) {
  TextTable table({{"rule"},
                   {"kind"},
                   {"rows a day", Style::plain, true},
                   {"catches", Style::plain, true},
                   {"misses", Style::plain, true},
                   {"false alarms", Style::plain, true},
                   {""}});
  for (const TriedRule& rule : trial.rules()) {
    const Style style = rule.worlds() == 0 ? Style::warn : rule.redundant() ? Style::dim : Style::plain;
    table.add({{safe(rule.name())},
               {safe(rule.kind())},
               {rule.judged() ? rows_a_day(rule.rows_per_day()) : "–", Style::plain, true},
               {rule.judged() ? show_count(rule.modes_caught()) : "–", Style::plain, true},
               {rule.judged() ? show_count(rule.modes_missed()) : "–", Style::plain, true},
               {rule.judged() ? show_count(rule.false_alarms()) : "–",
                rule.false_alarms() > 0 ? Style::bad : Style::plain, true},
               {standing(rule), style}});
  }
  return table;
}

TextTable modes_table(const RuleTrial& trial) {
  TextTable table({{"failure"}, {"divergences", Style::plain, true}, {""}, {"caught by"}, {"missed by"}});
  for (int i = 0; i < trial.modes_size(); ++i) {
    const FailureMode& mode = trial.modes(i);
    const Style style = mode.outcome() == FailureMode::caught   ? Style::good
                        : mode.outcome() == FailureMode::missed ? Style::bad
                                                                : Style::dim;
    table.add({{mode_name(trial, mode)},
               {show_count(mode.divergences()), Style::plain, true},
               {outcome(mode), style},
               {caught_by(trial, i)},
               {missed_by(trial, i)}});
  }
  return table;
}

std::string headline(const RuleTrial& trial) {
  const auto of = [&trial](FailureMode::Outcome outcome) {
    return static_cast<std::uint64_t>(std::count_if(trial.modes().begin(), trial.modes().end(),
                                                    [outcome](const auto& m) { return m.outcome() == outcome; }));
  };
  const std::uint64_t harmful = of(FailureMode::caught) + of(FailureMode::missed);
  return fmt::format("{} caught by {}; {} made no row divergent",
                     fmt::format("{} of {}", of(FailureMode::caught), counted(harmful, "failure is", "failures are")),
                     counted(static_cast<std::uint64_t>(trial.rules_size()), "rule", "rules"),
                     counted(of(FailureMode::harmless), "more fault", "more faults"));
}

std::string md(const std::string& text) { return escape_markdown(text); }

}  // namespace

std::string render_rules_terminal(const RuleTrial& trial, const TerminalOptions& options) {
  const auto width = static_cast<std::size_t>(std::max(40, options.width));
  std::string out = headline(trial) + "\n\n" + rules_table(trial).show(width, options.colour) + "\n" +
                    modes_table(trial).show(width, options.colour) + "\n";
  for (const Sentence& sentence : conclusions(trial))
    out += wrapped(sentence.title + ": " + sentence.text, width, 2) + "\n";
  const std::vector<std::string> lines = details(trial);
  if (!lines.empty()) out += "\n";
  for (const std::string& line : lines) out += wrapped(line, width, 2) + "\n";
  return out;
}

std::string render_rules_markdown(const RuleTrial& trial) {
  std::string out = fmt::format("### Rules: {}\n\n", headline(trial));
  out += "| rule | kind | rows a day | catches | misses | false alarms | |\n|---|---|---:|---:|---:|---:|---|\n";
  for (const TriedRule& rule : trial.rules())
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", md(rule.name()), md(rule.kind()),
                       rule.judged() ? rows_a_day(rule.rows_per_day()) : "–", rule.modes_caught(), rule.modes_missed(),
                       rule.false_alarms(), standing(rule));
  out += "\n| failure | divergences | | caught by | missed by |\n|---|---:|---|---|---|\n";
  for (int i = 0; i < trial.modes_size(); ++i)
    out += fmt::format("| {} | {} | {} | {} | {} |\n", md(mode_name(trial, trial.modes(i))),
                       show_count(trial.modes(i).divergences()), outcome(trial.modes(i)), md(caught_by(trial, i)),
                       md(missed_by(trial, i)));
  out += "\n";
  for (const Sentence& sentence : conclusions(trial))
    out += fmt::format("- **{}**: {}\n", sentence.title, md(sentence.text));
  const std::vector<std::string> lines = details(trial);
  if (lines.empty()) return out;
  out += "\n<details><summary>False alarms, and what could not be tried</summary>\n\n";
  for (const std::string& line : lines) out += "- " + md(line) + "\n";
  return out + "\n</details>\n";
}

std::string render_rules_json(const RuleTrial& trial) { return message_json(trial); }

}  // namespace rehearse::reports
