// Expectations, phases with their gates and judgements, rollbacks on a clock, triggers and how near they came.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "reports/html_parts.h"

namespace rehearse::reports::html {
namespace {

const char* kind_of(result::Expectation::Status status) {
  return status == result::Expectation::held ? "good" : status == result::Expectation::broken ? "bad" : "warn";
}

const char* kind_of(result::Gate::Status status) {
  switch (status) {
    case result::Gate::met:
      return "good";
    case result::Gate::holding:
      return "info";
    case result::Gate::broken:
      return "bad";
    case result::Gate::no_data:
      return "warn";
    default:
      return "idle";
  }
}

const char* kind_of(result::Phase::Left left) {
  switch (left) {
    case result::Phase::passed:
      return "good";
    case result::Phase::rolled_back:
      return "bad";
    case result::Phase::still_in:
      return "info";
    default:
      return "idle";
  }
}

// The samples of a gate's metric while its phase lasted, thinned to the least and greatest of each stretch; null: none.
struct Samples {
  std::vector<std::pair<std::int64_t, double>> points;
  double greatest = 0;
};

Samples samples_of(const Result& result, const result::Gate& gate, std::int64_t from, std::int64_t to) {
  constexpr int stretches = 120;
  Samples out;
  const result::Series* series = nullptr;
  for (const result::Series& one : result.series())
    if (one.kind() == result::Series::metric && one.name() == gate.metric()) series = &one;
  if (!series) return out;
  int now = -1;
  std::size_t first = 0;  // of the stretch: at most its least and its greatest are kept
  const auto take = [&](std::int64_t at, double value) {
    if (at < from || at > to || !std::isfinite(value)) return;
    out.greatest = std::max(out.greatest, value);
    const int stretch = static_cast<int>(static_cast<double>(at - from) /
                                         static_cast<double>(std::max<std::int64_t>(to - from, 1)) * stretches);
    if (stretch != now) {
      now = stretch, first = out.points.size();
      out.points.emplace_back(at, value);
    } else if (out.points.size() == first + 1) {
      out.points.emplace_back(at, value);
    } else if (value > std::max(out.points[first].second, out.points[first + 1].second)) {
      out.points[first] = std::min(out.points[first], out.points[first + 1],
                                   [](const auto& a, const auto& b) { return a.second < b.second; });
      out.points[first + 1] = {at, value};
      if (out.points[first].first > at) std::swap(out.points[first], out.points[first + 1]);
    } else if (value < std::min(out.points[first].second, out.points[first + 1].second)) {
      out.points[first] = std::max(out.points[first], out.points[first + 1],
                                   [](const auto& a, const auto& b) { return a.second < b.second; });
      out.points[first + 1] = {at, value};
    }
  };
  const bool means = tells_means(*series);
  for (int i = 0; i < std::min(series->times_ns_size(), series->values_size()); ++i) {
    take(series->times_ns(i), means ? series->least(i) : series->values(i));
    if (means) take(series->times_ns(i), series->greatest(i));
  }
  return out;
}

// The metric over the phase as a small line, its bound dashed. The axis ends at four times the bound: what matters is
// on which side of it the line runs; the worst value stands beside it in words.
std::string value_over_time(const Result& result, const result::Phase& phase, const result::Gate& gate) {
  if (!gate.has_bound() || !phase.has_entered_at_ns()) return "";
  const std::int64_t from = phase.entered_at_ns();
  const std::int64_t to = phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns();
  const Samples samples = samples_of(result, gate, from, to);
  if (to <= from || samples.points.empty()) return "";
  constexpr double width = 400, height = 40;
  const double bound = std::max(gate.bound(), 0.0);
  const bool above = gate.comparison().ends_with("above");  // also of an average, or of any sample
  double top =
      std::max(bound * 1.4, std::min(samples.greatest * 1.08, bound > 0 ? bound * 4 : samples.greatest * 1.08));
  if (!(top > 0)) top = 1;
  const auto y = [&](double value) { return height - 1 - std::clamp(value / top, 0.0, 1.0) * (height - 2); };
  std::string line;
  for (const auto& [at, value] : samples.points)
    line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L",
                        static_cast<double>(at - from) * width / static_cast<double>(to - from), y(value));
  return fmt::format(
      "<svg class=\"spark\" viewBox=\"0 0 {0} {1}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{2} over "
      "the "
      "phase, its bound {3}\"><rect class=\"beyond\" width=\"{0}\" y=\"{4}\" height=\"{5:.1f}\"/><path class=\"bound\" "
      "d=\"M0 {6:.1f}H{0}\"/><path class=\"line\" d=\"{7}\"/></svg>",
      width, height, esc(gate.metric()), esc(show_value(gate.bound(), gate.unit())),
      above ? fmt::format("{:.1f}", y(bound)) : "0", above ? height - y(bound) : y(bound), y(bound), line);
}

// How the status went from entry to exit, as coloured stretches.
std::string history(const Result& result, const result::Phase& phase, const result::Gate& gate) {
  if (gate.history().empty() || !phase.has_entered_at_ns()) return "";
  const std::int64_t from = phase.entered_at_ns();
  const std::int64_t to = phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns();
  if (to <= from) return "";
  std::string out = "<div class=\"history\">";
  for (int i = 0; i < gate.history_size(); ++i) {
    const std::int64_t start = std::clamp(gate.history(i).at_ns(), from, to);
    const std::int64_t end = i + 1 < gate.history_size() ? std::clamp(gate.history(i + 1).at_ns(), from, to) : to;
    const auto percent = [&](std::int64_t at) {
      return static_cast<double>(at - from) * 100 / static_cast<double>(to - from);
    };
    out += fmt::format("<i class=\"{}\" style=\"left:{:.2f}%;width:{:.2f}%\" title=\"{} from {}\"></i>",
                       kind_of(gate.history(i).status()), percent(start), std::max(percent(end) - percent(start), 0.2),
                       word(gate.history(i).status()), show_calendar(result, gate.history(i).at_ns()));
  }
  return out + "</div>";
}

std::string gate_details(const Result& result, const result::Gate& gate) {
  std::vector<std::string> parts;
  if (gate.has_bound()) parts.push_back("bound " + show_value(gate.bound(), gate.unit()));
  if (gate.has_value()) parts.push_back("last " + show_value(gate.value(), gate.unit()));
  if (gate.has_worst()) parts.push_back("worst " + show_value(gate.worst(), gate.unit()));
  if (gate.has_met_at_ns()) parts.push_back("met " + show_calendar(result, gate.met_at_ns()));
  else if (gate.has_holds_since_at_ns())
    parts.push_back("holds since " + show_calendar(result, gate.holds_since_at_ns()));
  if (gate.samples() > 0) parts.push_back(counted(gate.samples(), "sample", "samples"));
  if (gate.samples_missing() > 0) parts.push_back(show_count(gate.samples_missing()) + " missing");
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " · ") + part;
  return out;
}

std::string gates_of(const Result& result, const result::Phase& phase) {
  std::string out;
  for (const result::Gate& gate : result.gates()) {
    if (gate.phase() != phase.name()) continue;
    out += fmt::format("<div class=\"gate\"><div class=\"what\">{} <span>{}</span></div>",
                       chip(kind_of(gate.status()), word(gate.status())), esc(gate.criterion()));
    out += fmt::format("<div class=\"how\">{}{}<small>{}</small></div></div>", value_over_time(result, phase, gate),
                       history(result, phase, gate), esc(gate_details(result, gate)));
  }
  return out;
}

std::string judgements_of(const Result& result, const std::string& phase) {
  std::string out;
  for (const result::GateJudgement& j : result.judgements()) {
    if (j.phase() != phase) continue;
    out += fmt::format("<p class=\"judgement\">{} {}", chip(rightness_kind(j.was()), judgement_words(j)),
                       when(result, j.at_ns()));
    if (j.has_earliest_safe_at_ns())
      out += fmt::format(" <small>Earliest safe: {}{}.</small>", show_calendar(result, j.earliest_safe_at_ns()),
                         j.has_time_lost_ns() ? ", time lost " + show_duration(j.time_lost_ns()) : "");
    out += "</p>";
  }
  return out;
}

std::string phase_card(const Result& result, const result::Phase& phase) {
  std::string out = fmt::format("<article class=\"phase {}\"><header><h3>{}</h3>{}", kind_of(phase.left()),
                                esc(phase.name()), chip(kind_of(phase.left()), word(phase.left())));
  if (phase.has_entered_at_ns()) {
    const std::int64_t end = phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns();
    out += fmt::format("<p>{} → {} <small>({})</small></p>", show_calendar(result, phase.entered_at_ns()),
                       show_calendar(result, end), show_duration(end - phase.entered_at_ns()));
  }
  out += "</header>";
  if (!phase.moved().empty()) out += "<p class=\"moved\">Moves " + esc(joined(phase.moved(), ", ")) + "</p>";
  if (!phase.did().empty()) out += "<p class=\"moved\">Does " + esc(joined(phase.did(), ", ")) + "</p>";
  return out + gates_of(result, phase) + judgements_of(result, phase.name()) + "</article>";
}

std::string steps_on_a_clock(const result::Rollback& r) {
  std::int64_t span = r.has_rto_ns() ? r.rto_ns() : 0;
  for (const result::RollbackStep& step : r.steps())
    if (step.has_ended_at_ns()) span = std::max(span, step.ended_at_ns() - r.fired_at_ns());
  span = std::max<std::int64_t>(span, 1);
  std::string out = "<div class=\"clock\">";
  for (const result::RollbackStep& step : r.steps()) {
    const std::int64_t start = step.has_started_at_ns() ? step.started_at_ns() - r.fired_at_ns() : 0;
    const std::int64_t end = step.has_ended_at_ns() ? step.ended_at_ns() - r.fired_at_ns() : span;
    const double left = static_cast<double>(start) * 100 / static_cast<double>(span);
    const double width = static_cast<double>(end - start) * 100 / static_cast<double>(span);
    const std::string times = !step.has_started_at_ns() ? "never started"
                              : !step.has_ended_at_ns() ? "+" + show_duration(start) + ", never ended"
                                                        : "+" + show_duration(start) + " … +" + show_duration(end);
    std::string bar;
    if (step.has_started_at_ns())
      bar = fmt::format("<i class=\"{}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>", step.failed() ? "bad" : "info",
                        std::clamp(left, 0.0, 99.0), std::clamp(width, 0.6, 100.0));
    out += fmt::format("<div class=\"step\"><span>{}{}</span><div>{}</div><small>{}{}</small></div>", esc(step.name()),
                       step.failed() ? " " + chip("bad", "failed") : "", bar, times,
                       step.detail().empty() ? "" : " · " + esc(step.detail()));
  }
  return out +
         fmt::format(
             "<div class=\"step axis\"><span></span><div><em>trigger</em><em>+{}</em></div><small></small></div></div>",
             show_duration(span));
}

std::string fact(std::string_view name, const std::string& html) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, html);
}

std::string harm_of_reads(const result::Harm& harm) {
  return harm_words(harm) + " of " + counted(harm.reads(), "read", "reads");
}

std::string rollback_card(const Result& result, const result::Rollback& r) {
  const auto list = [](const auto& names) { return names.empty() ? std::string("none") : esc(joined(names, ", ")); };
  std::string out =
      fmt::format("<article class=\"phase {}\"><header><h3>{}</h3>{}<p>{}, in {}</p></header>", rightness_kind(r.was()),
                  esc(r.trigger()),
                  chip(rightness_kind(r.was()), r.was() == result::not_judged ? word(r.was()) : "was " + word(r.was())),
                  when(result, r.fired_at_ns()), esc(r.phase()));
  out += "<dl class=\"facts\">";
  if (r.has_onset_at_ns()) out += fact("From onset to trigger", show_duration(r.fired_at_ns() - r.onset_at_ns()));
  out += fact("Until all have good data (RTO)", r.has_rto_ns() ? show_duration(r.rto_ns()) : "n/a");
  out += fact("Until readers are sent back", r.has_routed_ns() ? show_duration(r.routed_ns()) : "n/a");
  out += fact("Acknowledged writes lost (RPO)", r.has_rpo_writes() ? show_count(r.rpo_writes()) : "n/a");
  out += fact("Changes no longer shown",
              r.has_changes_no_longer_shown() ? show_count(r.changes_no_longer_shown()) : "n/a");
  out += fact("Divergence left", r.has_divergence_left() ? counted(r.divergence_left(), "row", "rows") : "n/a");
  out += fact("Switched by", esc(r.by())) + fact("Causes", list(r.causes()));
  out += fact("Necessary causes", r.necessary_known() ? list(r.necessary()) : "not known: no paired reruns were made");
  out +=
      fact("Harm before", harm_of_reads(r.harm_before())) + fact("Harm after", harm_of_reads(r.harm_after())) + "</dl>";
  return out + (r.steps().empty() ? "" : steps_on_a_clock(r)) + "</article>";
}

}  // namespace

std::string expectations(const Result& result) {
  Table table({"", "Expectation", "Expected", "Was", "In the scenario"});
  for (const result::Expectation& e : result.expectations())
    table.add(
        {chip(kind_of(e.status()), word(e.status())), esc(e.text()), esc(e.expected()), esc(e.actual()),
         "<code>" + esc(e.path()) + "</code>" + (e.where().empty() ? "" : " <small>" + esc(e.where()) + "</small>")});
  return section("expectations", "Expectations", "", table.html());
}

std::string plan(const Result& result) {
  std::string cards;
  for (const result::Phase& phase : result.phases()) cards += phase_card(result, phase);
  if (!cards.empty()) cards = "<div class=\"phases\">" + cards + "</div>";
  if (!result.safety().empty())
    cards += "<p class=\"lead safety\">What the scenario holds unsafe:</p>" + sentences(result.safety(), "plain");
  return section(
      "plan", "The plan and its gates",
      "Each criterion over the time of its phase: its value against the bound (dashed; the shaded side does not pass), "
      "and below it its status: broken, holding, met.",
      cards);
}

std::string rollbacks(const Result& result) {
  std::string cards;
  for (const result::Rollback& r : result.rollbacks()) cards += rollback_card(result, r);
  return section("rollback", "Rollback", "", cards);
}

std::string triggers(const Result& result) {
  Table table(
      {"Trigger", "", "#Nearest", "#Bound", "When", "#Longest beyond", "#Needed", "#Samples", "#Missing", "Note"});
  for (const result::Trigger& t : result.triggers())
    table.add({esc(t.text()), t.fired() ? chip("bad", "fired") : chip("idle", "quiet"),
               t.has_closest() ? esc(show_value(t.closest(), t.unit())) : "–",
               t.has_bound() ? esc(show_value(t.bound(), t.unit())) : "–",
               t.has_closest_at_ns() ? when(result, t.closest_at_ns()) : "–", show_duration(t.longest_held_ns()),
               show_duration(t.for_ns()), show_count(t.samples()), show_count(t.samples_missing()), esc(t.note())});
  return section("triggers", "Rollback triggers and how near they came", "", table.html());
}

}  // namespace rehearse::reports::html
