#include "reports/terminal.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "reports/findings.h"
#include "reports/format.h"
#include "reports/result/harm.h"
#include "reports/text_table.h"

namespace rehearse::reports {
namespace {

using result::Result;

Style style_of(Result::Verdict verdict) {
  return verdict == Result::pass ? Style::good : verdict == Result::fail ? Style::bad : Style::warn;
}

Style style_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return Style::good;
    case Tone::bad:
      return Style::bad;
    case Tone::warn:
      return Style::warn;
    default:
      return Style::dim;
  }
}
const char* sign(Tone tone) {
  return tone == Tone::good ? "✓" : tone == Tone::bad ? "✗" : tone == Tone::warn ? "!" : "·";
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

TextCell number(std::uint64_t n, Style style = Style::plain) { return {show_count(n), style, true}; }
TextCell outcome_number(const result::Harm& harm, ReadOutcome outcome) {
  const std::uint64_t reads = reads_of(harm, outcome);
  const bool bad = rule_of(outcome).colour() == OutcomeRule::BAD;
  return number(reads, reads == 0 ? Style::plain : bad ? Style::bad : Style::warn);
}
TextCell bad_number(std::uint64_t n) { return number(n, n == 0 ? Style::plain : Style::bad); }
TextCell numeric_heading(std::string text) { return {std::move(text), Style::plain, true}; }

// Writes one section after the other; each is left out where there is nothing to say.
class Summary {
 public:
  Summary(const Result& result, const TerminalOptions& options)
      : result_(result),
        width_(static_cast<std::size_t>(std::max(options.width, 40))),
        colour_(options.colour),
        folder_(one_line(printable(options.folder))) {}

  std::string write() {
    verdict();
    findings("Decisions", decisions(result_), "");
    findings("Exposure", exposures(result_), nobody_exposed(result_));
    findings("Capture", capture(result_), "");
    findings("Bottlenecks", bottlenecks(result_), "");
    findings("What to change", advice(result_), "");
    expectations();
    phases();
    rollbacks();
    triggers();
    faults();
    checks();
    told_apart();
    matrix();
    classes();
    stores();
    measures();
    harm();
    incomplete_log();
    not_modelled();
    figures();
    return out_;
  }

 private:
  void section(std::string_view title) { out_ += "\n" + styled(title, Style::bold, colour_) + "\n"; }
  void item(std::string_view sign, std::string_view text, Style style = Style::plain) {
    out_ += "  " + styled(sign, style, colour_) + " " + wrapped(text, width_, 4) + "\n";
  }
  void table(std::string_view title, const TextTable& rows) {
    if (rows.empty()) return;
    section(title);
    out_ += rows.show(width_, colour_);
  }

  void verdict() {
    out_ += styled(upper(word(result_.verdict())), style_of(result_.verdict()), colour_) + "  " +
            styled(shortened(one_line(result_.scenario()), width_ / 2), Style::bold, colour_) +
            fmt::format("  (seed {}, {})", result_.seed(), show_duration(result_.duration_ns())) + "\n";
    section("Outcome");
    out_ += "  " + wrapped(headline(result_), width_, 2) + "\n";
    if (result_.has_stopped_at_ns())
      item("!", "Stopped early, at " + show_instant(result_, result_.stopped_at_ns()) + ".", Style::warn);
    for (const std::string& remark : result_.remarks()) item("•", remark, style_of(result_.verdict()));
    for (const std::string& warning : result_.warnings()) item("!", warning, Style::warn);
  }

  void findings(std::string_view title, const std::vector<Finding>& list, std::string_view if_none) {
    if (list.empty() && if_none.empty()) return;
    section(title);
    if (list.empty()) out_ += "  " + wrapped(if_none, width_, 2) + "\n";
    constexpr std::size_t most = 12;
    for (std::size_t i = 0; i < std::min(most, list.size()); ++i) finding(list[i]);
    if (list.size() > most) item("•", fmt::format("and {} more in result.json", list.size() - most), Style::dim);
  }

  void finding(const Finding& finding) {
    const std::string mark = finding.mark.empty() ? "" : finding.mark + ": ";
    out_ += "  " + styled(sign(finding.tone), style_of(finding.tone), colour_) + " " +
            styled(mark, style_of(finding.tone), colour_) + wrapped(finding.title, width_ - columns(mark), 4) + "\n";
    for (const std::string& detail : finding.details) out_ += "      " + wrapped(detail, width_, 6) + "\n";
  }

  void expectations() {
    if (result_.expectations().empty()) return;
    section("Expectations");
    for (const result::Expectation& e : result_.expectations()) {
      if (e.status() == result::Expectation::held) {
        item("✓", e.text(), Style::good);
      } else {
        const bool broken = e.status() == result::Expectation::broken;
        item(broken ? "✗" : "?",
             fmt::format("{}: expected {}, was {} ({} at {})", e.text(), e.expected(), e.actual(), word(e.status()),
                         e.where().empty() ? e.path() : e.where()),
             broken ? Style::bad : Style::warn);
      }
    }
  }

  void phases() {
    TextTable rows({{"phase"}, {"entered"}, {"left"}, {"how"}, {"criteria met"}});
    for (const result::Phase& phase : result_.phases()) {
      int criteria = 0, met = 0;
      for (const result::Gate& gate : result_.gates()) {
        if (gate.phase() != phase.name()) continue;
        ++criteria;
        met += gate.status() == result::Gate::met;
      }
      const bool back = phase.left() == result::Phase::rolled_back;
      rows.add({{phase.name()},
                {phase.has_entered_at_ns() ? show_calendar(result_, phase.entered_at_ns()) : "–"},
                {phase.has_left_at_ns() ? show_calendar(result_, phase.left_at_ns()) : "–"},
                {word(phase.left()), back ? Style::bad : Style::plain},
                {criteria == 0 ? "–" : fmt::format("{} of {}", met, criteria)}});
    }
    table("Phases", rows);
  }

  void rollbacks() {
    for (const result::Rollback& r : result_.rollbacks()) {
      section(one_line(fmt::format("Steps of the rollback ({})", r.by())));
      for (const result::RollbackStep& step : r.steps()) rollback_step(r, step);
    }
  }

  void rollback_step(const result::Rollback& r, const result::RollbackStep& step) {
    const auto after = [&](std::int64_t at_ns) { return "+" + show_duration(at_ns - r.fired_at_ns()); };
    std::string text = step.name() + ": ";
    if (!step.has_started_at_ns()) text += "never started";
    else if (!step.has_ended_at_ns()) text += after(step.started_at_ns()) + ", never ended";
    else text += after(step.started_at_ns()) + " … " + after(step.ended_at_ns());
    if (step.failed()) text += ", failed";
    if (!step.detail().empty()) text += "; " + step.detail();
    item(step.failed() ? "✗" : "→", text, step.failed() ? Style::bad : Style::dim);
  }

  // Those that did not fire; a rollback has its own section.
  void triggers() {
    TextTable rows({{"trigger"}, {"nearest"}, {"bound"}, {"how near it came"}});
    for (const result::Trigger& t : result_.triggers())
      if (!t.fired())
        rows.add({{t.text()},
                  {t.has_closest() ? show_value(t.closest(), t.unit()) : "–"},
                  {t.has_bound() ? show_value(t.bound(), t.unit()) : "–"},
                  {t.note()}});
    table("Triggers that did not fire", rows);
  }

  void classes() {
    TextTable rows({{"class"},
                    numeric_heading("truly divergent"),
                    numeric_heading("at worst"),
                    numeric_heading("claimed"),
                    numeric_heading("right")});
    const TextCell none{"n/a", Style::dim, true};
    for (const result::ClassTruth& k : result_.classes())
      rows.add({{k.name()},
                k.has_divergences() ? bad_number(k.divergences()) : none,
                k.has_divergent_worst() ? bad_number(k.divergent_worst()) : none,
                number(k.claims()),
                number(k.right())});
    table("Claimed against true, by class", rows);
  }

  void faults() {
    TextTable rows({{"fault"}, {"kind"}, {"on"}, {"first struck"}, numeric_heading("hits"), {""}});
    for (const result::Fault& f : result_.faults())
      rows.add({{f.name()},
                {f.defect()             ? f.kind() + " (defect)"
                 : f.kind() == f.name() ? ""
                                        : f.kind()},
                {f.target()},
                {f.strikes().empty() ? "–" : show_calendar(result_, f.strikes(0).struck_at_ns())},
                number(f.hits()),
                {f.vacuous() ? vacuous_word(f) : "", Style::warn}});
    table("Faults and defects", rows);
  }

  static TextCell recall(const result::Ratio& ratio) {
    if (ratio.denominator() == 0) return {"n/a", Style::dim, true};
    const double share = static_cast<double>(ratio.numerator()) / static_cast<double>(ratio.denominator());
    return {show_percent(share), ratio.numerator() == 0 ? Style::bad : Style::plain, true};
  }

  void checks() {
    TextTable rows({{"check"},
                    {"between"},
                    numeric_heading("runs"),
                    numeric_heading("claims"),
                    numeric_heading("right"),
                    numeric_heading("false"),
                    numeric_heading("recall"),
                    numeric_heading("of all rows"),
                    numeric_heading("delay")});
    for (const result::Check& c : result_.checks()) {
      if (!c.judged()) {
        rows.add({{c.name()}, {joined(c.between(), " ⇄ ")}, number(c.runs()), {"monitor", Style::dim}});
        continue;
      }
      rows.add({{c.name()},
                {joined(c.between(), " ⇄ ")},
                number(c.runs()),
                number(c.claims()),
                number(c.right()),
                bad_number(c.false_alarms()),
                recall(c.recall_in_sample()),
                recall(c.recall_in_population()),
                {c.has_delay() ? show_duration(c.delay().median_ns()) : "n/a", Style::plain, true}});
    }
    table("Checks", rows);
  }

  // What is neither right nor false, and what no recall can count.
  void told_apart() {
    TextTable rows({{"check"},
                    numeric_heading("claims late"),
                    numeric_heading("claims not told"),
                    numeric_heading("errors too short for any run")});
    for (const result::Check& c : result_.checks())
      if (c.late() + c.untold() + c.too_short() > 0)
        rows.add({{c.name()}, number(c.late()), number(c.untold()), number(c.too_short())});
    table("Checks, told apart", rows);
  }

  static TextCell matrix_cell(const result::MatrixCell* cell) {
    if (cell == nullptr) return {"·", Style::dim};
    std::string text = cell->divergences() == 0
                           ? "–"
                           : fmt::format("{}/{}", show_count(cell->caught()), show_count(cell->divergences()));
    if (cell->untold() > 0) text += fmt::format(" ({} n/a)", show_count(cell->untold()));
    if (cell->false_alarms() > 0) text += fmt::format(" +{} false", show_count(cell->false_alarms()));
    if (cell->divergences() == 0) return {text, cell->false_alarms() > 0 ? Style::bad : Style::dim};
    const bool all = cell->caught() == cell->divergences();
    return {text, cell->caught() == 0 ? Style::bad : all ? Style::good : Style::warn};
  }

  // Causes down, checks across, in as many blocks as the width asks for.
  void matrix() {
    std::vector<std::string> causes, checks;
    const auto note = [](std::vector<std::string>& list, const std::string& name) {
      if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
    };
    for (const result::MatrixCell& cell : result_.matrix()) note(causes, cell.cause()), note(checks, cell.check());
    const std::size_t a_block = std::max<std::size_t>(2, (width_ - 24) / 16);
    for (std::size_t from = 0; from < checks.size(); from += a_block) {
      const std::size_t to = std::min(from + a_block, checks.size());
      std::vector<TextCell> heading = {{"caught of divergent"}};
      for (std::size_t c = from; c < to; ++c) heading.push_back({shortened(one_line(checks[c]), 20)});
      TextTable rows(heading);
      for (const std::string& cause : causes) {
        std::vector<TextCell> row = {{cause.empty() ? "(nothing divergent)" : cause}};
        for (std::size_t c = from; c < to; ++c) row.push_back(matrix_cell(find_cell(cause, checks[c])));
        rows.add(std::move(row));
      }
      table(from == 0 ? "Fault × check" : "Fault × check, continued", rows);
    }
  }

  const result::MatrixCell* find_cell(const std::string& cause, const std::string& check) const {
    for (const result::MatrixCell& cell : result_.matrix())
      if (cell.cause() == cause && cell.check() == check) return &cell;
    return nullptr;
  }

  void stores() {
    TextTable rows({{"store"},
                    numeric_heading("rows"),
                    numeric_heading("divergences"),
                    numeric_heading("at worst"),
                    numeric_heading("at the end"),
                    {"stale for"},
                    {"oldest"},
                    {"stale by"}});
    for (const result::Store& s : result_.stores())
      rows.add({{s.name()},
                number(s.rows()),
                bad_number(s.divergent_intervals()),
                bad_number(s.divergent_worst()),
                bad_number(s.divergent_now()),
                {show_duration(s.stale_ns()), s.stale_ns() == 0 ? Style::plain : Style::warn},
                {s.has_worst_age_ns() ? show_duration(s.worst_age_ns()) : "n/a"},
                {s.stale_ns() == 0          ? ""
                 : s.stale_causes().empty() ? "unknown"
                                            : joined(s.stale_causes(), ", ")}});
    table("Stores, in truth", rows);
  }

  void measures() {
    TextTable rows({{"store"}, {"measure"}, numeric_heading("off by"), numeric_heading("in the worst group"), {""}});
    for (const result::Store& s : result_.stores())
      for (const result::MeasureError& m : s.measures()) {
        const Style style = m.worst() > 0 ? Style::bad : Style::plain;
        rows.add({{s.name()},
                  {m.name()},
                  {show_percent(m.relative_error()), style},
                  {show_percent(m.worst()), style},
                  {m.worst_group()}});
      }
    table("Measures of aggregates, in truth at the end", rows);
  }

  void harm() {
    std::vector<TextCell> heads{{"consumer"}, {"tier"}, numeric_heading("reads")};
    for (const ReadOutcome outcome : result::harmful_outcomes())
      heads.push_back(numeric_heading(rule_of(outcome).words()));
    heads.push_back({""});
    TextTable rows(heads);
    for (const result::Consumer& c : result_.consumers()) {
      std::vector<TextCell> cells{{c.name()}, {c.tier()}, number(c.harm().reads())};
      for (const ReadOutcome outcome : result::harmful_outcomes()) cells.push_back(outcome_number(c.harm(), outcome));
      cells.push_back({c.listed() ? "" : "on nobody's list", Style::warn});
      rows.add(cells);
    }
    table("Harm to consumers", rows);
  }

  void incomplete_log() {
    if (result_.source_log_incomplete().empty()) return;
    section("The source's log is incomplete (nobody is blamed)");
    constexpr int most = 5;
    for (int i = 0; i < std::min(most, result_.source_log_incomplete_size()); ++i) {
      const result::SourceLogIncomplete& f = result_.source_log_incomplete(i);
      item("•", fmt::format("{}{} {}: {}. {} ({})", f.table(), f.column().empty() ? "" : "." + f.column(), f.key(),
                            f.reason(), f.evidence(), counted(f.rows(), "row", "rows")));
    }
    if (result_.source_log_incomplete_size() > most)
      item("•", fmt::format("and {} more in result.json", result_.source_log_incomplete_size() - most));
  }

  void not_modelled() {
    if (result_.not_modelled().empty()) return;
    section("Not modelled");
    for (const std::string& text : result_.not_modelled()) item("•", text, Style::dim);
  }

  void figures() {
    const result::Figures& f = result_.figures();
    std::string text =
        fmt::format("{} changes, {} agenda events, {} rows compared, {} bytes a slot", show_count(f.changes()),
                    show_count(f.agenda_events()), show_count(f.rows_compared()), show_value(f.bytes_per_slot(), ""));
    if (result_.has_machine()) {
      const result::Machine& m = result_.machine();
      text += fmt::format("; {} ({} changes/s, {} agenda events/s), {} at peak",
                          show_duration(static_cast<std::int64_t>(m.wall_seconds() * 1e9)),
                          show_speed(m.changes_per_second()), show_speed(m.agenda_events_per_second()),
                          show_bytes(static_cast<double>(m.peak_memory_bytes())));
    }
    out_ += "\n" + styled(wrapped(text, width_, 0), Style::dim, colour_) + "\n";
    if (!result_.digests().outcome().empty())
      out_ += styled(one_line(fmt::format("digests: trajectory {}, outcome {}", result_.digests().trajectory(),
                                          result_.digests().outcome())),
                     Style::dim, colour_) +
              "\n";
    if (!folder_.empty())
      out_ += fmt::format("Reports: {}/report.html, and beside it what other programs read\n", folder_);
    out_ += "Replay: " + one_line(result_.replay()) + "\n";
  }

  const Result& result_;
  std::size_t width_;
  bool colour_;
  std::string folder_;
  std::string out_;
};

}  // namespace

std::string render_terminal(const Result& result, const TerminalOptions& options) {
  return Summary(with_printable_text(result), options).write();
}

std::string render_terminal_line(const Result& result, const TerminalOptions& options) {
  const Result clean = with_printable_text(result);
  std::string rest = fmt::format("{} (seed {})", clean.scenario(), clean.seed());
  if (clean.decision() != Result::none) rest += ": " + word(clean.decision());
  if (clean.verdict() != Result::pass && !clean.reasons().empty()) rest += "; " + clean.reasons(0);
  const std::size_t width = static_cast<std::size_t>(std::max(options.width, 40));
  return styled(fmt::format("{:<12}", word(clean.verdict())), style_of(clean.verdict()), options.colour) + " " +
         shortened(one_line(rest), width - 13) + "\n";
}

}  // namespace rehearse::reports
