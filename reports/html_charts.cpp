// What the page's script draws: series grouped into charts, phases, marks and the bounds of gates, as compact JSON.
//
// Instants are milliseconds since the start. A series of more samples than a screen can show keeps the first least and
// greatest value of each stretch, and one gap where data are missing.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/html_parts.h"

namespace rehearse::reports::html {
namespace {

constexpr int most_samples = 4000;

struct Sample {
  std::int64_t at_ns;
  double value;
};

std::string milliseconds(std::int64_t ns) {
  return ns % 1'000'000 == 0 ? fmt::format("{}", ns / 1'000'000) : fmt::format("{}", static_cast<double>(ns) / 1e6);
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

std::vector<Sample> thinned(const result::Series& series) {
  const int n = std::min(series.times_ns_size(), series.values_size());
  std::vector<Sample> out;
  const int stretches = n <= most_samples ? n : most_samples / 2;
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

std::string label(const result::Series& series) {
  std::string of;
  for (const std::string* part : {&series.check(), &series.store(), &series.pipeline()})
    if (!part->empty() && *part != series.name() && series.name().find(*part) == std::string::npos)
      of += (of.empty() ? "" : ", ") + *part;
  return of.empty() ? series.name() : series.name() + " (" + of + ")";
}

std::string series_json(const result::Series& series) {
  std::string times, values;
  for (const Sample& sample : thinned(series)) {
    times += (times.empty() ? "" : ",") + milliseconds(sample.at_ns);
    values += (values.empty() ? "" : ",") + number(sample.value);
  }
  return fmt::format("{{\"label\":{},\"name\":{},\"kind\":\"{}\",\"times\":[{}],\"values\":[{}]}}",
                     json_string(label(series)), json_string(series.name()), result::Series::Kind_Name(series.kind()),
                     times, values);
}

struct Chart {
  std::string title, unit;
  std::vector<const result::Series*> series;
};

// Which chart a series belongs to: its rank among the charts and its title.
struct Place {
  int rank;
  std::string title;
};

Place place_of(const result::Series& series) {
  switch (series.kind()) {
    case result::Series::divergent:
    case result::Series::claimed:
      return {0, "Divergent rows, and discrepancies claimed"};
    case result::Series::freshness:
    case result::Series::latency:
      return {1, "Freshness and latency"};
    case result::Series::lag:
      return {2, "Lag"};
    case result::Series::metric:
      return {3, series.unit() == "ratio" ? "Metrics of the gates" : "Metrics of the gates, in " + series.unit()};
    case result::Series::rate:
      return {4, "Rates"};
    default:
      return {5, series.unit().empty() ? "Other" : "Other, in " + series.unit()};
  }
}

std::vector<Chart> charts_of(const Result& result) {
  std::map<std::tuple<int, std::string, std::string>, Chart> charts;
  for (const result::Series& series : result.series()) {
    if (series.times_ns().empty()) continue;
    const auto [rank, title] = place_of(series);
    const std::string unit = rank == 0 ? "rows" : series.unit();
    Chart& chart = charts[{rank, title, unit}];
    chart.title = title;
    chart.unit = unit;
    chart.series.push_back(&series);
  }
  std::vector<Chart> out;
  for (auto& [key, chart] : charts) out.push_back(std::move(chart));
  return out;
}

std::string chart_json(const Chart& chart) {
  std::string series;
  for (const result::Series* one : chart.series) series += (series.empty() ? "" : ",") + series_json(*one);
  return fmt::format("{{\"title\":{},\"unit\":{},\"series\":[{}]}}", json_string(chart.title), json_string(chart.unit),
                     series);
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

// The bound of a gate's metric, for as long as its phase lasted.
std::string bounds_json(const Result& result) {
  std::string out;
  for (const result::Gate& gate : result.gates()) {
    if (!gate.has_bound() || gate.metric().empty()) continue;
    for (const result::Phase& phase : result.phases()) {
      if (phase.name() != gate.phase() || !phase.has_entered_at_ns()) continue;
      const std::int64_t to = phase.has_left_at_ns() ? phase.left_at_ns() : result.duration_ns();
      out += fmt::format("{}{{\"metric\":{},\"bound\":{},\"from\":{},\"to\":{}}}", out.empty() ? "" : ",",
                         json_string(gate.metric()), number(gate.bound()), milliseconds(phase.entered_at_ns()),
                         milliseconds(to));
    }
  }
  return out;
}

}  // namespace

std::string chart_data(const Result& result) {
  std::string phases, marks, charts;
  for (const result::Phase& phase : result.phases())
    if (phase.has_entered_at_ns()) phases += (phases.empty() ? "" : ",") + phase_json(result, phase);
  for (const result::Mark& mark : result.marks()) marks += (marks.empty() ? "" : ",") + mark_json(mark);
  for (const Chart& chart : charts_of(result)) charts += (charts.empty() ? "" : ",\n") + chart_json(chart);
  return fmt::format(
      "{{\"start\":{},\"duration\":{},\n\"phases\":[{}],\n\"marks\":[{}],\n\"bounds\":[{}],\n\"charts\":[{}]}}",
      milliseconds(result.start_epoch_ns()), milliseconds(result.duration_ns()), phases, marks, bounds_json(result),
      charts);
}

}  // namespace rehearse::reports::html
