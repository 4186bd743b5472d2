#include "reports/openmetrics.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

using result::Result;
using Labels = std::vector<std::pair<std::string, std::string>>;

// Of HELP texts and label values alike.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\\\";
    else if (c == '"') out += "\\\"";
    else if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

std::string timestamp(const Result& result, std::int64_t at_ns) {
  const std::int64_t ns = result.start_epoch_ns() + at_ns;
  const std::int64_t whole = ns / 1'000'000'000, rest = std::abs(ns % 1'000'000'000);
  std::string text = fmt::format("{}{}", ns < 0 && whole == 0 ? "-" : "", whole);
  if (rest == 0) return text;
  text += fmt::format(".{:09}", rest);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// One metric family: its samples stay together, and those of one set of labels too.
class Family {
 public:
  Family(std::string name, const char* type, std::string unit, std::string help)
      : name_(std::move(name)), head_(fmt::format("# TYPE {} {}\n", name_, type)) {
    if (!unit.empty()) head_ += fmt::format("# UNIT {} {}\n", name_, unit);
    head_ += fmt::format("# HELP {} {}\n", name_, escaped(help));
  }
  void sample(const char* suffix, const Labels& labels, const std::string& value, const std::string& at = "") {
    std::string set;
    for (const auto& [name, text] : labels)
      if (!text.empty()) set += fmt::format("{}{}=\"{}\"", set.empty() ? "" : ",", name, escaped(text));
    body_ += name_ + suffix + (set.empty() ? "" : "{" + set + "}") + " " + value + (at.empty() ? "" : " " + at) + "\n";
  }
  const std::string& name() const { return name_; }
  std::string text() const { return body_.empty() ? "" : head_ + body_; }

 private:
  std::string name_, head_, body_;
};

struct Kind {
  const char* stem;
  const char* help;
};

Kind kind_of(const result::Series& series) {
  using result::Series;
  const bool of_class = !series.discrepancy_class().empty();
  switch (series.kind()) {
    case Series::lag:
      return {"lag", "Changes committed at the source and not yet visible in the store."};
    case Series::freshness:
      return {"age", "Age of the oldest change that is not visible yet, or of the last extract that was loaded."};
    case Series::latency:
      return {"latency", "From commit to first visible, as the check's percentile."};
    case Series::claimed:
      return of_class ? Kind{"discrepancies_by_class", "Discrepancies of one class that a run of the check claimed."}
                      : Kind{"discrepancies", "Discrepancies that a run of the check claimed."};
    case Series::divergent:
      return of_class ? Kind{"divergent_by_class", "Rows that really are divergent, of one class."}
                      : Kind{"divergent", "Rows that really are divergent: known to the rehearsal alone."};
    case Series::metric:
      return {"metric", "A metric of the plan, as its gates and triggers read it."};
    case Series::rate:
      return {"rate", "Changes a second."};
    case Series::harm:
      return {"harmful", "Reads that found something wrong or stale, from this instant to the next."};
    default:
      return {"other", "What no other family says."};
  }
}

// A unit as the end of a family's name; "changes/s" becomes changes_per_second.
std::string unit_word(const std::string& unit) {
  if (unit == "changes/s") return "changes_per_second";
  std::string word;
  for (const char c : unit) word += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  return word;
}

// Each set of labels must be one metric, so a series that shares all of them with an earlier one gets a number.
Labels labels_of(const result::Series& series, std::map<std::string, int>& seen, const std::string& family) {
  Labels labels = {{"name", one_line(series.name())},
                   {"store", one_line(series.store())},
                   {"pipeline", one_line(series.pipeline())},
                   {"check", one_line(series.check())},
                   {"class", one_line(series.discrepancy_class())}};
  std::string key = family;
  for (const auto& [name, text] : labels) key += '\0' + text;
  if (const int earlier = seen[key]++; earlier > 0) labels.emplace_back("number", std::to_string(earlier + 1));
  return labels;
}

void add_series(const Result& result, std::string& out) {
  std::map<std::string, Family> families;
  std::map<std::string, int> seen;
  for (const result::Series& series : result.series()) {
    const auto [stem, help] = kind_of(series);
    const std::string unit = unit_word(series.unit());
    const std::string name = fmt::format("rehearse_{}{}{}", stem, unit.empty() ? "" : "_", unit);
    Family& family = families.try_emplace(name, name, "gauge", unit, help).first->second;
    const Labels labels = labels_of(series, seen, name);
    const int n = std::min(series.times_ns_size(), series.values_size());
    for (int i = 0; i < n; ++i) {
      if (i + 1 < n && series.times_ns(i + 1) <= series.times_ns(i)) continue;
      family.sample("", labels, number(series.values(i)), timestamp(result, series.times_ns(i)));
    }
  }
  for (const auto& [name, family] : families) out += family.text();
}

void add_gates(const Result& result, std::string& out) {
  std::map<std::string, Family> families;
  std::map<std::string, int> seen;
  for (const result::Gate& gate : result.gates()) {
    if (!gate.has_bound()) continue;
    const std::string unit = unit_word(gate.unit());
    const std::string name = fmt::format("rehearse_gate_bound{}{}", unit.empty() ? "" : "_", unit);
    Family& family =
        families.try_emplace(name, name, "gauge", unit, "The bound of an exit criterion, while its phase lasts.")
            .first->second;
    for (const result::Phase& phase : result.phases()) {
      if (phase.name() != gate.phase() || !phase.has_entered_at_ns()) continue;
      const std::string key = name + '\0' + gate.phase() + '\0' + gate.criterion();
      if (seen[key]++ > 0) continue;
      const Labels labels = {{"phase", one_line(gate.phase())},
                             {"criterion", one_line(gate.criterion())},
                             {"metric", one_line(gate.metric())}};
      const std::int64_t left = phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns();
      family.sample("", labels, number(gate.bound()), timestamp(result, phase.entered_at_ns()));
      if (left > phase.entered_at_ns()) family.sample("", labels, number(gate.bound()), timestamp(result, left));
    }
  }
  for (const auto& [name, family] : families) out += family.text();
}

// Which phase the plan was in. A state set says all of its states at each instant at which one changes.
void add_phases(const Result& result, std::string& out) {
  Family family("rehearse_phase", "stateset", "", "The phase of the migration plan.");
  std::map<std::string, const result::Phase*> states;
  std::set<std::int64_t> instants;
  for (const result::Phase& phase : result.phases()) {
    if (!phase.has_entered_at_ns() || phase.name().empty()) continue;
    states.try_emplace(one_line(phase.name()), &phase);
    instants.insert(phase.entered_at_ns());
    if (phase.has_left_at_ns()) instants.insert(phase.left_at_ns());
  }
  for (const std::int64_t at : instants)
    for (const auto& [name, phase] : states) {
      const bool in = phase->entered_at_ns() <= at && (!phase->has_left_at_ns() || at < phase->left_at_ns());
      family.sample("", {{"rehearse_phase", name}}, in ? "1" : "0", timestamp(result, at));
    }
  out += family.text();
}

void add_outcome(const Result& result, std::string& out) {
  const std::string end = timestamp(result, result.has_stopped_at_ns() ? result.stopped_at_ns() : result.duration_ns());
  Family info("rehearse_rehearsal", "info", "", "What was rehearsed.");
  info.sample("_info",
              {{"scenario", one_line(result.scenario())},
               {"seed", std::to_string(result.seed())},
               {"version", one_line(result.version())},
               {"decision", word(result.decision())},
               {"trajectory", one_line(result.digests().trajectory())},
               {"outcome", one_line(result.digests().outcome())}},
              "1", end);
  Family verdict("rehearse_verdict", "stateset", "", "The verdict on the plan's decisions.");
  for (const Result::Verdict one : {Result::pass, Result::fail, Result::inconclusive, Result::vacuous})
    verdict.sample("", {{"rehearse_verdict", word(one)}}, one == result.verdict() ? "1" : "0", end);
  Family changes("rehearse_changes", "counter", "", "Changes of the source.");
  changes.sample("_total", {}, std::to_string(result.figures().changes()), end);
  out += info.text() + verdict.text() + changes.text();
}

}  // namespace

std::string render_openmetrics(const Result& unsafe) {
  const Result result = with_printable_text(unsafe);
  std::string out;
  add_outcome(result, out);
  add_phases(result, out);
  add_gates(result, out);
  add_series(result, out);
  return out + "# EOF\n";
}

}  // namespace rehearse::reports
