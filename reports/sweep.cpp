#include "reports/sweep.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "reports/format.h"
#include "reports/json.h"
#include "reports/text_table.h"

namespace rehearse::reports {
namespace {

using result::Odds;
using result::QuantileOf;
using result::Sweep;
using result::SweepPoint;

std::string safe(const std::string& text) { return printable(one_line(text)); }

// ---- cells ---------------------------------------------------------------------------------------------------------

std::string percent(double share) { return show_percent(share); }

std::string between(double low, double high) { return fmt::format("{} – {}", percent(low), percent(high)); }

// "3.2% (1.1% – 9%)"; of what never happened, the most that it may be.
std::string odds_words(const Odds& odds) {
  if (odds.in() == 0) return "n/a";
  if (odds.happened() == 0) return fmt::format("0 (at most {})", percent(odds.at_most()));
  return fmt::format("{} ({})", percent(odds.share()), between(odds.low(), odds.high()));
}

std::string amount(double value, const std::string& unit) {
  if (unit == "ns") return show_duration(static_cast<std::int64_t>(std::llround(value)));
  return show_count(static_cast<std::uint64_t>(std::llround(value)));
}

std::string quantile_words(const QuantileOf& quantile, const std::string& unit) {
  const std::string value = amount(quantile.value(), unit);
  if (!quantile.has_low() || quantile.low() == quantile.high()) return value;
  return fmt::format("{} ({} – {})", value, amount(quantile.low(), unit), amount(quantile.high(), unit));
}

// What is bad when it happens.
bool is_bad(const std::string& name) {
  static constexpr const char* bad[] = {
      "false_go",         "missed_danger", "wrong_no_go", "rollback_wrong", "rollback_not_landed",
      "drill_not_landed", "false_alarm",   "no_data",     "inconclusive",   "vacuous"};
  return std::find(std::begin(bad), std::end(bad), name) != std::end(bad);
}

std::string values_words(const google::protobuf::RepeatedPtrField<result::Setting>& values) {
  std::string words;
  for (const result::Setting& value : values)
    words += (words.empty() ? "" : ", ") + safe(value.name()) + " = " + safe(value.value());
  return words;
}

// ---- what is shown, whoever renders it -----------------------------------------------------------------------------

struct Column {
  std::string name;
  bool to_the_right = false;
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<TextCell>> rows;
};

Table odds_table(const SweepPoint& point) {
  Table table{"Odds", {{"what"}, {"happened", true}, {"share, and its 95% interval", true}, {"first seeds"}}, {}};
  for (const Odds& odds : point.odds()) {
    std::string seeds;
    for (const result::SweepCase& found : odds.cases())
      seeds += (seeds.empty() ? "" : ", ") + std::to_string(found.seed());
    if (odds.happened() > static_cast<std::uint64_t>(odds.cases_size())) seeds += ", …";
    std::string count = fmt::format("{} of {} {}", show_count(odds.happened()), show_count(odds.in()), odds.of());
    if (odds.cut_short() > 0) count += fmt::format(" ({} cut short)", show_count(odds.cut_short()));
    table.rows.push_back({{odds.text(), is_bad(odds.name()) && odds.happened() > 0 ? Style::bad : Style::plain},
                          {count, Style::plain, true},
                          {odds_words(odds), Style::plain, true},
                          {seeds, Style::dim}});
  }
  return table;
}

Table distributions_table(const SweepPoint& point) {
  Table table{
      "Figures of a run",
      {{"what"}, {"runs", true}, {"least", true}, {"5%", true}, {"median", true}, {"95%", true}, {"most", true}},
      {}};
  for (const result::Distribution& figure : point.distributions()) {
    std::vector<TextCell> row{{figure.text()}, {show_count(figure.values()), Style::plain, true}};
    for (const QuantileOf& quantile : figure.quantiles())
      row.push_back({quantile_words(quantile, figure.unit()), Style::plain, true});
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table detections_table(const SweepPoint& point) {
  Table table{
      "Checks against causes",
      {{"cause"}, {"check"}, {"noticed in runs", true}, {"share", true}, {"rows caught", true}, {"median delay", true}},
      {}};
  for (const result::Detection& found : point.detections()) {
    const double share = static_cast<double>(found.noticed()) / static_cast<double>(found.runs());
    const std::uint64_t known = found.divergences() - found.untold();
    table.rows.push_back(
        {{safe(found.cause())},
         {safe(found.check())},
         {fmt::format("{} of {}", show_count(found.noticed()), show_count(found.runs())), Style::plain, true},
         {fmt::format("{} ({})", percent(share), between(found.low(), found.high())), Style::plain, true},
         {known == 0
              ? "n/a"
              : fmt::format("{} of {}{}", percent(static_cast<double>(found.caught()) / static_cast<double>(known)),
                            show_count(known),
                            found.untold() > 0 ? fmt::format(", {} untold", show_count(found.untold())) : ""),
          Style::plain, true},
         {found.has_delay_ns() ? quantile_words(found.delay_ns(), "ns") : "–", Style::plain, true}});
  }
  return table;
}

Table checks_table(const SweepPoint& point) {
  Table table{"Checks",
              {{"check"},
               {"runs with a false alarm", true},
               {"share", true},
               {"claims", true},
               {"right", true},
               {"late", true},
               {"false", true},
               {"untold", true}},
              {}};
  for (const result::CheckOdds& check : point.checks())
    table.rows.push_back(
        {{safe(check.check())},
         {fmt::format("{} of {}", show_count(check.with_false_alarm()), show_count(check.runs())), Style::plain, true},
         {fmt::format("{} ({})",
                      percent(static_cast<double>(check.with_false_alarm()) / static_cast<double>(check.runs())),
                      between(check.low(), check.high())),
          Style::plain, true},
         {show_count(check.claims()), Style::plain, true},
         {show_count(check.right()), Style::plain, true},
         {show_count(check.late()), Style::plain, true},
         {show_count(check.false_alarms()), Style::plain, true},
         {show_count(check.untold()), Style::plain, true}});
  return table;
}

// A row a point: the odds that some point of the grid has, in their order.
Table grid_table(const Sweep& sweep) {
  static constexpr const char* shown[] = {"false_go", "missed_danger", "cut_over", "rolled_back",
                                          "rollback_not_landed"};
  Table table{"Grid", {{"values"}, {"runs", true}}, {}};
  std::vector<std::string> names;
  for (const char* name : shown)
    for (const SweepPoint& point : sweep.points())
      for (const Odds& odds : point.odds())
        if (odds.name() == name && (names.empty() || names.back() != name)) {
          names.push_back(name);
          table.columns.push_back({odds.text(), true});
        }
  for (const SweepPoint& point : sweep.points()) {
    std::vector<TextCell> row{{values_words(point.values())}, {show_count(point.runs()), Style::plain, true}};
    for (const std::string& name : names) {
      const auto at =
          std::find_if(point.odds().begin(), point.odds().end(), [&](const Odds& o) { return o.name() == name; });
      row.push_back({at == point.odds().end() ? "n/a" : odds_words(*at), Style::plain, true});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> untried(const SweepPoint& point) {
  std::vector<std::string> lines;
  for (const result::NotExercised& never : point.not_exercised()) lines.push_back(safe(never.text()));
  return lines;
}

std::vector<Table> tables_of(const SweepPoint& point) {
  std::vector<Table> all{odds_table(point), distributions_table(point), detections_table(point), checks_table(point)};
  std::erase_if(all, [](const Table& table) { return table.rows.empty(); });
  return all;
}

std::string headline(const Sweep& sweep) {
  std::uint64_t runs = 0;
  for (const SweepPoint& point : sweep.points()) runs += point.runs();
  std::string words = fmt::format("{}: {}, seeds {} to {}", safe(sweep.scenario()),
                                  counted(runs, "rehearsal", "rehearsals"), sweep.first_seed(), sweep.last_seed());
  if (sweep.points_size() > 1) words += fmt::format(", {} points", sweep.points_size());
  if (sweep.failed() > 0) words += fmt::format("; {} failed", show_count(sweep.failed()));
  if (sweep.missing() > 0) words += fmt::format("; {} were not run", show_count(sweep.missing()));
  return words;
}

std::vector<std::string> failures(const Sweep& sweep) {
  std::vector<std::string> lines;
  for (const result::SweepFailure& failure : sweep.failures())
    lines.push_back(fmt::format("seed {}: {}: {}", failure.seed(), safe(failure.problem()), safe(failure.replay())));
  if (sweep.failed() > static_cast<std::uint64_t>(sweep.failures_size()))
    lines.push_back(
        fmt::format("… and {} more", show_count(sweep.failed() - static_cast<std::uint64_t>(sweep.failures_size()))));
  return lines;
}

// The first seeds of what is bad, with the lines that replay them.
std::vector<std::string> worst(const SweepPoint& point) {
  std::vector<std::string> lines;
  for (const Odds& odds : point.odds())
    if (is_bad(odds.name()) && odds.cases_size() > 0)
      lines.push_back(fmt::format("{}: {}", odds.text(), safe(odds.cases(0).replay())));
  return lines;
}

constexpr const char* says_intervals =
    "Intervals are of 95%: Wilson's for shares; of what never happened, the exact bound; between order statistics for "
    "quantiles.";

// ---- for a terminal ------------------------------------------------------------------------------------------------

std::string shown(const Table& table, std::size_t width, bool colour) {
  std::vector<TextCell> heading;
  for (const Column& column : table.columns) heading.push_back({column.name, Style::plain, column.to_the_right});
  TextTable text(std::move(heading));
  for (const std::vector<TextCell>& row : table.rows) text.add(row);
  return styled(table.title, Style::bold, colour) + "\n" + text.show(width, colour) + "\n";
}

std::string shown(const std::string& title, const std::vector<std::string>& lines, std::size_t width, bool colour) {
  if (lines.empty()) return {};
  std::string out = styled(title, Style::bold, colour) + "\n";
  for (const std::string& line : lines) out += wrapped("  • " + line, width, 4) + "\n";
  return out + "\n";
}

// ---- for a pull request --------------------------------------------------------------------------------------------

std::string in_markdown(const Table& table) {
  std::string out = fmt::format("**{}**\n\n|", table.title), rule = "|";
  for (const Column& column : table.columns) {
    out += fmt::format(" {} |", escape_markdown(column.name));
    rule += column.to_the_right ? "---:|" : "---|";
  }
  out += "\n" + rule + "\n";
  for (const std::vector<TextCell>& row : table.rows) {
    out += "|";
    for (const TextCell& cell : row) out += fmt::format(" {} |", escape_markdown(cell.text));
    out += "\n";
  }
  return out + "\n";
}

std::string in_markdown(const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string out = fmt::format("**{}**\n\n", title);
  for (const std::string& line : lines) out += "- " + escape_markdown(line) + "\n";
  return out + "\n";
}

}  // namespace

std::string render_sweep_terminal(const Sweep& sweep, const TerminalOptions& options) {
  const auto width = static_cast<std::size_t>(std::max(40, options.width));
  std::string out = headline(sweep) + "\n\n";
  if (sweep.points_size() > 1) out += shown(grid_table(sweep), width, options.colour);
  else
    for (const SweepPoint& point : sweep.points()) {
      for (const Table& table : tables_of(point)) out += shown(table, width, options.colour);
      out += shown("To see for yourself", worst(point), width, options.colour);
    }
  for (const SweepPoint& point : sweep.points())
    out += shown(sweep.points_size() > 1 ? "Never put to the test with " + values_words(point.values())
                                         : "This plan was never put to the test in these",
                 untried(point), width, options.colour);
  out += shown("Failed", failures(sweep), width, options.colour);
  return out + wrapped(says_intervals, width, 0) + "\n";
}

std::string render_sweep_markdown(const Sweep& sweep) {
  std::string out = fmt::format("### {}\n\n", escape_markdown(headline(sweep)));
  if (sweep.points_size() > 1) out += in_markdown(grid_table(sweep));
  for (const SweepPoint& point : sweep.points()) {
    if (sweep.points_size() > 1)
      out += fmt::format("<details><summary>{}</summary>\n\n", escape_xml(values_words(point.values())));
    for (const Table& table : tables_of(point)) out += in_markdown(table);
    out += in_markdown("To see for yourself", worst(point));
    out += in_markdown("Never put to the test", untried(point));
    if (sweep.points_size() > 1) out += "</details>\n\n";
  }
  out += in_markdown("Failed", failures(sweep));
  return out + says_intervals + "\n";
}

std::string render_sweep_json(const Sweep& sweep) { return message_json(sweep); }

}  // namespace rehearse::reports
