// What the page's script draws: series grouped into charts, phases, marks and the bounds of gates, as compact JSON.
//
// Instants are milliseconds since the start. A series of more samples than a screen can show keeps the first least and
// greatest value of each stretch, and one gap where data are missing; one that is told by means keeps means, and is
// drawn with a band from the least to the greatest value. All series together keep some 60,000 samples, so that the
// page stays small however long the rehearsal and however many its checks. Counts that are 0 throughout are named and
// not drawn.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/html_parts.h"

namespace rehearse::reports::html {
namespace {

constexpr int most_samples = 4'000, fewest_samples = 200, samples_in_all = 60'000;
constexpr int most_marks = 1'500;

struct Sample {
  std::int64_t at_ns;
  double value;
  double least = 0, greatest = 0;  // of a mean
};

std::string milliseconds(std::int64_t ns) {
  return ns % 1'000'000 == 0 ? fmt::format("{}", ns / 1'000'000) : fmt::format("{}", static_cast<double>(ns) / 1e6);
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

int samples_of_each(const Result& result) {
  return std::clamp(samples_in_all / std::max(result.series_size(), 1), fewest_samples, most_samples);
}

// Neighbours become one, where there are more than `most`.
std::vector<Sample> means(const result::Series& series, int most) {
  const int n = std::min(series.times_ns_size(), series.values_size());
  const int stretches = std::min(n, most);
  std::vector<Sample> out;
  for (int s = 0; s < stretches; ++s) {
    const auto bound = [&](int i) { return static_cast<int>(static_cast<std::int64_t>(i) * n / stretches); };
    Sample sum{series.times_ns(bound(s)), 0};
    int values = 0;
    for (int i = bound(s); i < bound(s + 1); ++i) {
      if (!std::isfinite(series.values(i))) continue;
      sum.value += series.values(i);
      sum.least = values == 0 ? series.least(i) : std::min(sum.least, series.least(i));
      sum.greatest = values == 0 ? series.greatest(i) : std::max(sum.greatest, series.greatest(i));
      ++values;
    }
    sum.value /= values;  // 0 / 0: a gap
    if (values == 0) sum.least = sum.greatest = sum.value;
    out.push_back(sum);
  }
  return out;
}

std::vector<Sample> thinned(const result::Series& series, int most) {
  if (tells_means(series)) return means(series, most);
  const int n = std::min(series.times_ns_size(), series.values_size());
  std::vector<Sample> out;
  const int stretches = n <= most ? n : most / 2;
  for (int s = 0; s < stretches; ++s) {
    const auto bound = [&](int i) { return static_cast<int>(static_cast<std::int64_t>(i) * n / stretches); };
    int least = -1, greatest = -1, missing = -1;
    for (int i = bound(s); i < bound(s + 1); ++i) {
      const double value = series.values(i);
      if (!std::isfinite(value)) {
        if (missing < 0) missing = i;
        continue;
      }
      if (least < 0 || value < series.values(least)) least = i;
      if (greatest < 0 || value > series.values(greatest)) greatest = i;
    }
    std::vector<int> kept = {least, greatest, missing};
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    for (const int i : kept)
      if (i >= 0) out.push_back({series.times_ns(i), series.values(i)});
  }
  return out;
}

struct Chart {
  std::string title, unit;
  std::vector<const result::Series*> series;
  std::vector<const result::Series*> quiet;  // 0 throughout
};

// What tells a series from the others of its chart: its name, and of check and store what differs between them. A
// pipeline has one store, so it says nothing more.
std::string label(const result::Series& series, const Chart& chart) {
  using Text = const std::string& (result::Series::*)() const;
  std::string of;
  for (const Text text :
       {Text(&result::Series::check), Text(&result::Series::store), Text(&result::Series::pipeline)}) {
    const std::string& part = (series.*text)();
    if (part.empty() || series.name().find(part) != std::string::npos) continue;
    if (text == Text(&result::Series::pipeline) && !series.store().empty()) continue;
    if (text == Text(&result::Series::store) && !series.check().empty()) continue;  // a check has its stores
    const auto same = [&](const result::Series* other) { return (other->*text)() == part; };
    const bool tells = !std::all_of(chart.series.begin(), chart.series.end(), same) ||
                       !std::all_of(chart.quiet.begin(), chart.quiet.end(), same);
    if (tells) of += (of.empty() ? "" : ", ") + part;
  }
  return of.empty() ? series.name() : series.name() + " (" + of + ")";
}

std::string series_json(const result::Series& series, const Chart& chart, int most) {
  std::string times, values, least, greatest;
  const auto add = [](std::string& list, const std::string& item) { list += (list.empty() ? "" : ",") + item; };
  for (const Sample& sample : thinned(series, most)) {
    add(times, milliseconds(sample.at_ns));
    add(values, number(sample.value));
    add(least, number(sample.least));
    add(greatest, number(sample.greatest));
  }
  const std::string band = tells_means(series) ? fmt::format(",\"least\":[{}],\"greatest\":[{}]", least, greatest) : "";
  return fmt::format("{{\"label\":{},\"name\":{},\"kind\":\"{}\",\"times\":[{}],\"values\":[{}]{}}}",
                     json_string(label(series, chart)), json_string(series.name()),
                     result::Series::Kind_Name(series.kind()), times, values, band);
}

bool counts_nothing(const result::Series& series) {
  using result::Series;
  if (series.kind() != Series::divergent && series.kind() != Series::claimed && series.kind() != Series::harm)
    return false;
  return std::all_of(series.values().begin(), series.values().end(), [](double v) { return v == 0 || std::isnan(v); });
}

// Which chart a series belongs to: its rank among the charts and its title.
struct Place {
  int rank;
  std::string title;
};

Place place_of(const result::Series& series) {
  switch (series.kind()) {
    case result::Series::divergent:
    case result::Series::claimed:
      if (!series.discrepancy_class().empty()) return {1, "Of these, " + series.discrepancy_class()};
      return {0, "Divergent rows, and discrepancies claimed"};
    case result::Series::metric:
      if (series.unit() == "seconds") return {3, "Freshness and latency"};
      return {2, series.unit() == "ratio" ? "Metrics of the gates" : "Metrics of the gates, in " + series.unit()};
    case result::Series::freshness:
    case result::Series::latency:
      return {3, "Freshness and latency"};
    case result::Series::lag:
      return {4, "Lag"};
    case result::Series::harm:
      return {5, "Harmful reads"};
    case result::Series::rate:
      return {6, "Rates"};
    default:
      return {7, series.unit().empty() ? "Other" : "Other, in " + series.unit()};
  }
}

bool of_a_class_of_rows(const result::Series& series) {
  const std::string& name = series.discrepancy_class();
  return name == "missing" || name == "extra" || name == "duplicate" || name == "mismatch";
}

// A duration that a metric of the plan repeats under the name that gates know it by.
bool is_repeated(const result::Series& series, const Result& result) {
  using result::Series;
  if ((series.kind() != Series::freshness && series.kind() != Series::latency) || series.check().empty()) return false;
  return std::any_of(result.series().begin(), result.series().end(), [&](const Series& other) {
    return other.kind() == Series::metric && other.check() == series.check() && other.unit() == series.unit();
  });
}

std::vector<Chart> charts_of(const Result& result) {
  std::set<std::string> classes;
  for (const result::Series& series : result.series())
    if (of_a_class_of_rows(series)) classes.insert(series.discrepancy_class());
  std::map<std::tuple<int, std::string, std::string>, Chart> charts;
  for (const result::Series& series : result.series()) {
    if (series.times_ns().empty() || is_repeated(series, result)) continue;
    const auto [rank, title] = place_of(series);
    if (!series.discrepancy_class().empty() && (classes.size() < 2 || !of_a_class_of_rows(series)))
      continue;  // all that was divergent or claimed of rows is of this class, or no row can be of it
    const std::string unit = rank <= 1 ? "rows" : series.unit();
    Chart& chart = charts[{rank, title, unit}];
    chart.title = title;
    chart.unit = unit;
    (counts_nothing(series) ? chart.quiet : chart.series).push_back(&series);
  }
  std::vector<Chart> out;
  for (auto& [key, chart] : charts) out.push_back(std::move(chart));
  return out;
}

std::string chart_json(const Chart& chart, int most) {
  std::string series, quiet;
  for (const result::Series* one : chart.series) series += (series.empty() ? "" : ",") + series_json(*one, chart, most);
  for (const result::Series* one : chart.quiet) quiet += (quiet.empty() ? "" : ",") + json_string(label(*one, chart));
  return fmt::format("{{\"title\":{},\"unit\":{},\"series\":[{}],\"quiet\":[{}]}}", json_string(chart.title),
                     json_string(chart.unit), series, quiet);
}

std::string phase_json(const Result& result, const result::Phase& phase) {
  const std::int64_t to = phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns();
  return fmt::format("{{\"name\":{},\"from\":{},\"to\":{},\"left\":{}}}", json_string(phase.name()),
                     milliseconds(phase.entered_at_ns()), milliseconds(to), json_string(word(phase.left())));
}

std::string mark_json(const result::Mark& mark) {
  const std::string until = mark.has_until_at_ns() ? ",\"until\":" + milliseconds(mark.until_at_ns()) : "";
  return fmt::format("{{\"at\":{}{},\"kind\":\"{}\",\"text\":{}}}", milliseconds(mark.at_ns()), until,
                     word(mark.kind()), json_string(one_line(mark.text())));
}

// Of very many marks, cycles and repairs are the first to go.
std::string marks_json(const Result& result) {
  std::string out;
  int room = most_marks;
  std::vector<bool> kept(static_cast<std::size_t>(result.marks_size()), false);
  for (const bool minor : {false, true})
    for (int i = 0; i < result.marks_size(); ++i) {
      const result::Mark::Kind kind = result.marks(i).kind();
      if ((kind == result::Mark::cycle || kind == result::Mark::repair) != minor || room == 0) continue;
      kept[static_cast<std::size_t>(i)] = true;
      --room;
    }
  for (int i = 0; i < result.marks_size(); ++i)
    if (kept[static_cast<std::size_t>(i)]) out += (out.empty() ? "" : ",") + mark_json(result.marks(i));
  return out;
}

// The bound of a gate's metric for as long as its phase lasted, and of a rollback trigger from the start to its firing.
std::string bounds_json(const Result& result) {
  std::string out;
  const auto add = [&](const std::string& metric, const char* what, double bound, std::int64_t from, std::int64_t to) {
    out += fmt::format("{}{{\"metric\":{},\"what\":\"{}\",\"bound\":{},\"from\":{},\"to\":{}}}", out.empty() ? "" : ",",
                       json_string(metric), what, number(bound), milliseconds(from), milliseconds(to));
  };
  for (const result::Gate& gate : result.gates()) {
    if (!gate.has_bound() || gate.metric().empty()) continue;
    for (const result::Phase& phase : result.phases())
      if (phase.name() == gate.phase() && phase.has_entered_at_ns())
        add(gate.metric(), "bound", gate.bound(), phase.entered_at_ns(),
            phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns());
  }
  for (const result::Trigger& trigger : result.triggers())
    if (trigger.has_bound() && !trigger.metric().empty())
      add(trigger.metric(), "rollback", trigger.bound(), 0,
          trigger.has_fired_at_ns() ? trigger.fired_at_ns() : result.duration_ns());
  return out;
}

}  // namespace

std::string chart_data(const Result& result) {
  std::string phases, charts;
  for (const result::Phase& phase : result.phases())
    if (phase.has_entered_at_ns()) phases += (phases.empty() ? "" : ",") + phase_json(result, phase);
  const int most = samples_of_each(result);
  for (const Chart& chart : charts_of(result)) charts += (charts.empty() ? "" : ",\n") + chart_json(chart, most);
  return fmt::format(
      "{{\"start\":{},\"duration\":{},\n\"phases\":[{}],\n\"marks\":[{}],\n\"bounds\":[{}],\n\"charts\":[{}]}}",
      milliseconds(result.start_epoch_ns()), milliseconds(result.duration_ns()), phases, marks_json(result),
      bounds_json(result), charts);
}

}  // namespace rehearse::reports::html
