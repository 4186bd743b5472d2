#include "reports/markdown.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/findings.h"
#include "reports/format.h"
#include "reports/result/harm.h"

namespace rehearse::reports {
namespace {

using result::Result;

constexpr int longest_list = 40;

std::string md(std::string_view text) { return escape_markdown(text); }

const char* sign(Result::Verdict verdict) {
  switch (verdict) {
    case Result::pass:
      return "✅";
    case Result::fail:
      return "❌";
    default:
      return "⚠️";
  }
}

std::string row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  return out + "\n";
}

std::string heading(const std::vector<std::string>& cells, std::size_t text_columns) {
  std::string out = row(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) out += i < text_columns ? "---|" : "---:|";
  return out + "\n";
}

std::string folded(std::string_view title, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", title, body);
}

// The first rows of a list, and how many were left out.
template <class List, class Show>
std::string listed(const List& list, Show show) {
  std::string out;
  for (int i = 0; i < std::min<int>(longest_list, list.size()); ++i) out += show(list.Get(i));
  return out;
}

template <class List>
std::string rest_of(const List& list) {
  return list.size() > longest_list ? fmt::format("\n… and {} more in result.json\n", list.size() - longest_list) : "";
}

std::string expectations(const Result& result) {
  if (result.expectations().empty()) return "";
  return heading({"", "expectation", "expected", "was", "in the scenario"}, 5) +
         listed(result.expectations(),
                [](const result::Expectation& e) {
                  const bool held = e.status() == result::Expectation::held;
                  return row({held                                        ? "✅"
                              : e.status() == result::Expectation::broken ? "❌"
                                                                          : "⚠️",
                              md(e.text()), md(e.expected()), md(e.actual()), md(e.path())});
                }) +
         rest_of(result.expectations()) + "\n";
}

const char* sign(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "✅";
    case Tone::bad:
      return "❌";
    case Tone::warn:
      return "⚠️";
    default:
      return "▫️";
  }
}

std::string findings(std::string_view title, const std::vector<Finding>& list, std::string_view if_none) {
  if (list.empty() && if_none.empty()) return "";
  std::string out = fmt::format("**{}**\n\n", title);
  if (list.empty()) return out + md(if_none) + "\n\n";
  constexpr std::size_t most = 12;
  for (std::size_t i = 0; i < std::min(most, list.size()); ++i) {
    const Finding& finding = list[i];
    out += fmt::format("- {} {}{}\n", sign(finding.tone),
                       finding.mark.empty() ? "" : "**" + finding.mark + "**: ", md(finding.title));
    for (const std::string& detail : finding.details) out += "  - " + md(detail) + "\n";
  }
  if (list.size() > most) out += fmt::format("- and {} more in result.json\n", list.size() - most);
  return out + "\n";
}

std::string phases(const Result& result) {
  if (result.phases().empty()) return "";
  return heading({"phase", "entered", "left", "how"}, 4) + listed(result.phases(), [&](const result::Phase& p) {
           return row({md(p.name()), p.has_entered_at_ns() ? show_calendar(result, p.entered_at_ns()) : "–",
                       p.has_left_at_ns() ? show_calendar(result, p.left_at_ns()) : "–", word(p.left())});
         });
}

std::string steps(const Result& result) {
  return listed(result.rollbacks(), [&](const result::Rollback& r) {
    return listed(r.steps(), [&](const result::RollbackStep& step) {
      if (!step.has_started_at_ns()) return fmt::format("- {}: never started\n", md(step.name()));
      return fmt::format(
          "- {}: +{} … {}{}\n", md(step.name()), show_duration(step.started_at_ns() - r.fired_at_ns()),
          step.has_ended_at_ns() ? "+" + show_duration(step.ended_at_ns() - r.fired_at_ns()) : "never ended",
          step.failed() ? ", **failed**" : "");
    });
  });
}

std::string gates(const Result& result) {
  if (result.gates().empty()) return "";
  return heading({"phase", "criterion", "status", "value", "worst"}, 3) +
         listed(result.gates(),
                [](const result::Gate& g) {
                  return row({md(g.phase()), md(g.criterion()), word(g.status()),
                              g.has_value() ? md(show_value(g.value(), g.unit())) : "–",
                              g.has_worst() ? md(show_value(g.worst(), g.unit())) : "–"});
                }) +
         rest_of(result.gates());
}

std::string checks(const Result& result) {
  if (result.checks().empty()) return "";
  return heading({"check", "kind", "between", "runs", "claims", "right", "false alarms", "recall (sample)",
                  "recall (all rows)", "too short for any run", "late", "not told", "median delay"},
                 3) +
         listed(result.checks(),
                [](const result::Check& c) {
                  if (!c.judged())
                    return row({md(c.name()), md(c.kind()), md(joined(c.between(), " ⇄ ")), show_count(c.runs()),
                                "monitor", "", "", "", "", "", "", "", ""});
                  return row({md(c.name()), md(c.kind()), md(joined(c.between(), " ⇄ ")), show_count(c.runs()),
                              show_count(c.claims()), show_count(c.right()), show_count(c.false_alarms()),
                              show_ratio(c.recall_in_sample()), show_ratio(c.recall_in_population()),
                              show_count(c.too_short()), show_count(c.late()), show_count(c.untold()),
                              c.has_delay() ? show_duration(c.delay().median_ns()) : "n/a"});
                }) +
         rest_of(result.checks());
}

std::string matrix(const Result& result) {
  if (result.matrix().empty()) return "";
  return heading({"cause", "check", "divergences", "caught", "missed", "not told", "false alarms", "median delay"}, 2) +
         listed(result.matrix(),
                [](const result::MatrixCell& m) {
                  return row({m.cause().empty() ? "(nothing divergent)" : md(m.cause()), md(m.check()),
                              show_count(m.divergences()), show_count(m.caught()), show_count(m.missed()),
                              show_count(m.untold()), show_count(m.false_alarms()),
                              m.has_delay() ? show_duration(m.delay().median_ns()) : "n/a"});
                }) +
         rest_of(result.matrix());
}

std::string triggers(const Result& result) {
  if (result.triggers().empty()) return "";
  return heading({"trigger", "", "nearest", "bound", "how near it came"}, 5) +
         listed(result.triggers(),
                [](const result::Trigger& t) {
                  return row({md(t.text()), t.fired() ? "fired" : "quiet",
                              t.has_closest() ? md(show_value(t.closest(), t.unit())) : "–",
                              t.has_bound() ? md(show_value(t.bound(), t.unit())) : "–", md(t.note())});
                }) +
         rest_of(result.triggers());
}

std::string classes(const Result& result) {
  if (result.classes().empty()) return "";
  return heading({"class", "truly divergent", "at worst", "claimed", "right"}, 1) +
         listed(result.classes(), [](const result::ClassTruth& k) {
           return row({md(k.name()), k.has_divergences() ? show_count(k.divergences()) : "n/a",
                       k.has_divergent_worst() ? show_count(k.divergent_worst()) : "n/a", show_count(k.claims()),
                       show_count(k.right())});
         });
}

std::string audit(const Result& result) {
  if (result.audit().empty()) return "";
  return heading({"when", "who", "what", "detail", "rows"}, 4) +
         listed(result.audit(),
                [&](const result::AuditEntry& a) {
                  return row({show_instant(result, a.at_ns()), md(a.actor()), md(a.action()), md(a.detail()),
                              show_count(a.rows())});
                }) +
         rest_of(result.audit());
}

std::string truth(const Result& result) {
  if (result.stores().empty()) return "";
  std::string measures;
  for (const result::Store& s : result.stores())
    for (const result::MeasureError& m : s.measures())
      measures += row(
          {md(s.name()), md(m.name()), show_percent(m.relative_error()), show_percent(m.worst()), md(m.worst_group())});
  if (!measures.empty())
    measures = "\n" + heading({"store", "measure at the end", "off by", "in the worst group", "which"}, 2) + measures;
  return heading({"store", "rows", "divergences", "at worst", "at the end", "stale for", "stale by"}, 1) +
         listed(result.stores(),
                [](const result::Store& s) {
                  return row({md(s.name()), show_count(s.rows()), show_count(s.divergent_intervals()),
                              show_count(s.divergent_worst()), show_count(s.divergent_now()),
                              show_duration(s.stale_ns()), md(joined(s.stale_causes(), ", "))});
                }) +
         measures;
}

std::string harm(const Result& result) {
  if (result.consumers().empty()) return "";
  std::vector<std::string> heads{"consumer", "tier", "reads"};
  for (const ReadOutcome outcome : result::harmful_outcomes()) heads.push_back(rule_of(outcome).words());
  return heading(heads, 2) + listed(result.consumers(), [](const result::Consumer& c) {
           std::vector<std::string> cells{md(c.name()) + (c.listed() ? "" : " *(on nobody's list)*"), md(c.tier()),
                                          show_count(c.harm().reads())};
           for (const ReadOutcome outcome : result::harmful_outcomes())
             cells.push_back(show_count(reads_of(c.harm(), outcome)));
           return row(cells);
         });
}

std::string faults(const Result& result) {
  if (result.faults().empty()) return "";
  return heading({"fault", "kind", "on", "first struck", "hits"}, 4) +
         listed(result.faults(), [&](const result::Fault& f) {
           return row({md(f.name()), md(f.kind()) + (f.defect() ? " (defect)" : ""), md(f.target()),
                       f.strikes().empty() ? "–" : show_instant(result, f.strikes(0).struck_at_ns()),
                       show_count(f.hits()) + (f.vacuous() ? ": vacuous" : "")});
         });
}

std::string incomplete_log(const Result& result) {
  if (result.source_log_incomplete().empty()) return "";
  return heading({"table", "key", "column", "why", "evidence", "rows"}, 5) +
         listed(result.source_log_incomplete(),
                [](const result::SourceLogIncomplete& f) {
                  return row({md(f.table()), md(f.key()), md(f.column()), md(f.reason()), md(f.evidence()),
                              show_count(f.rows())});
                }) +
         rest_of(result.source_log_incomplete());
}

std::string bullets(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return listed(texts, [](const std::string& text) { return "- " + md(text) + "\n"; }) + rest_of(texts);
}

// A code span that no run of backticks inside can end.
std::string code(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  return fence + " " + one_line(text) + " " + fence;
}

}  // namespace

std::string render_markdown(const Result& unsafe) {
  const Result result = with_printable_text(unsafe);
  std::string out = fmt::format("### {} {}: {}\n\n{}\n\n", sign(result.verdict()), word(result.verdict()),
                                md(result.scenario()), md(headline(result)));
  if (result.has_stopped_at_ns())
    out += fmt::format("**Stopped early**, at {}.\n\n", show_instant(result, result.stopped_at_ns()));
  out += bullets(result.remarks()) + "\n" + findings("Decisions", decisions(result), "") +
         findings("Exposure", exposures(result), nobody_exposed(result)) + findings("Capture", capture(result), "") +
         findings("Bottlenecks", bottlenecks(result), "") + findings("What to change", advice(result), "") +
         expectations(result);
  if (!result.warnings().empty()) out += "**Warnings**\n\n" + bullets(result.warnings()) + "\n";
  out += folded("Phases", phases(result)) + folded("Steps of the rollback", steps(result)) +
         folded("Gates", gates(result)) + folded("Rollback triggers", triggers(result));
  out += folded("Checks", checks(result)) + folded("Fault × check", matrix(result)) +
         folded("Claimed against true, by class", classes(result)) + folded("Faults and defects", faults(result));
  out += folded("Truth, store by store", truth(result)) + folded("Harm to consumers", harm(result)) +
         folded("Audit log", audit(result));
  out += folded("The source's log is incomplete", incomplete_log(result)) +
         folded("Not modelled", bullets(result.not_modelled()));
  out += fmt::format("Seed {}, {} simulated. Replay: {}\n", result.seed(), show_duration(result.duration_ns()),
                     code(result.replay()));
  return out;
}

}  // namespace rehearse::reports
