#include "harness/campaign/fit_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>

#include "harness/campaign/metrics_file.h"

namespace rehearse {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr const char* service_words[] = {"service_time", "service_duration", "processing", "process_duration"};
constexpr std::pair<const char*, double> unit_seconds[] = {
    {"seconds", 1}, {"second", 1},         {"s", 1},     {"milliseconds", 1e-3}, {"ms", 1e-3},   {"microseconds", 1e-6},
    {"us", 1e-6},   {"nanoseconds", 1e-9}, {"ns", 1e-9}, {"minutes", 60},        {"hours", 3600}};

bool has(const std::string& text, std::string_view word) { return text.find(word) != std::string::npos; }
bool is_service(const std::string& name) {
  return std::any_of(std::begin(service_words), std::end(service_words), [&](const char* w) { return has(name, w); });
}
bool is_told(const std::string& name) { return has(name, "lag") || has(name, "latency"); }

std::string labels_text(const MetricLine& line, std::initializer_list<std::string_view> without) {
  std::string text;
  for (const auto& [name, value] : line.labels)
    if (std::find(without.begin(), without.end(), name) == without.end())
      text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, value);
  return text;
}

class Collector {
 public:
  explicit Collector(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  // The cells of each pipeline; false after a mistake, which is said.
  bool take(const MetricFamilyRead& family);
  std::map<std::string, std::vector<DurationCell>> cells;  // by pipeline

 private:
  struct Bound {
    double at = 0;     // of a bucket its upper bound, of a quantile its share
    double value = 0;  // of a bucket what it counts, of a quantile its duration
    Place place;
  };
  struct Series {
    std::map<double, Bound> buckets, quantiles;  // by le, or share
    std::optional<double> count;
    std::vector<double> samples;
  };
  bool wrong(const Place& place, std::string message, std::string expected) {
    diagnostics_.push_back({Diagnostic::Level::error,
                            place.file,
                            place.line,
                            place.column,
                            {},
                            std::move(message),
                            std::move(expected),
                            {}});
    return false;
  }
  bool take(const MetricFamilyRead& family, const MetricLine& line, double seconds, Series& into);
  bool bound(const MetricFamilyRead& family, const MetricLine& line, const char* label, std::map<double, Bound>& into);
  bool add_buckets(const MetricFamilyRead& family, const Series& series, double seconds, std::vector<DurationCell>& to);
  bool add_quantiles(const MetricFamilyRead& family, const Series& series, double seconds,
                     std::vector<DurationCell>& to);

  std::vector<Diagnostic>& diagnostics_;
};

bool Collector::bound(const MetricFamilyRead& family, const MetricLine& line, const char* label,
                      std::map<double, Bound>& into) {
  const std::string& text = *line.label(label);
  const bool open = text == "+Inf";
  double at = infinite;
  if (!open) {
    char* end = nullptr;
    at = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(at) || at < 0)
      return wrong(line.place, fmt::format("{} of {} is {}", label, shown(family.name), shown(text)),
                   "a number from 0");
  }
  into[at] = {at, line.value, line.place};
  return true;
}

bool Collector::take(const MetricFamilyRead& family, const MetricLine& line, double seconds, Series& into) {
  if (line.suffix == "_created" || line.suffix == "_sum") return true;
  if (line.value < 0 || line.value == infinite)
    return wrong(line.place, fmt::format("{} is no duration or number of them", line.value), "a number from 0");
  if (std::isnan(line.value)) return true;  // no data
  if (line.suffix == "_count") {
    into.count = line.value;
    return true;
  }
  if (line.suffix == "_bucket") {
    if (line.label("le") == nullptr) return wrong(line.place, "the bucket has no label `le`", "its upper bound");
    return bound(family, line, "le", into.buckets);
  }
  if (line.label("quantile") != nullptr) return bound(family, line, "quantile", into.quantiles);
  into.samples.push_back(line.value * seconds);
  return true;
}

bool Collector::add_buckets(const MetricFamilyRead& family, const Series& series, double seconds,
                            std::vector<DurationCell>& to) {
  double low = 0, before = 0;
  for (const auto& [le, bucket] : series.buckets) {
    if (bucket.value < before)
      return wrong(bucket.place,
                   fmt::format("the bucket up to {} of {} counts fewer than the one below it", le, shown(family.name)),
                   "cumulative counts");
    to.push_back({low * seconds, le * seconds, bucket.value - before});
    low = le;
    before = bucket.value;
  }
  if (low != infinite)
    return wrong(series.buckets.rbegin()->second.place,
                 fmt::format("{} has no bucket `le=\"+Inf\"`", shown(family.name)), "all of its buckets");
  return true;
}

bool Collector::add_quantiles(const MetricFamilyRead& family, const Series& series, double seconds,
                              std::vector<DurationCell>& to) {
  const Place& first = series.quantiles.begin()->second.place;
  if (!series.count)
    return wrong(first, fmt::format("nothing says of how many durations the quantiles of {} are", shown(family.name)),
                 family.name + "_count, or in CSV a column `count`");
  double share = 0, low = 0;
  for (const auto& [q, quantile] : series.quantiles) {
    if (q > 1 || quantile.value < low)
      return wrong(quantile.place,
                   fmt::format("the quantile {} of {} is below the one before it", q, shown(family.name)),
                   "quantiles from 0 to 1 that rise");
    to.push_back({low * seconds, quantile.value * seconds, *series.count * (q - share)});
    low = quantile.value;
    share = q;
  }
  if (share < 1) to.push_back({low * seconds, infinite, *series.count * (1 - share)});
  return true;
}

bool Collector::take(const MetricFamilyRead& family) {
  const auto unit = std::find_if(std::begin(unit_seconds), std::end(unit_seconds),
                                 [&](const auto& known) { return family.unit == known.first; });
  if (unit == std::end(unit_seconds))
    return wrong(family.place,
                 family.unit.empty() ? fmt::format("nothing says which unit {} has", shown(family.name))
                                     : fmt::format("{} is no unit of time", shown(family.unit)),
                 "`# UNIT`, or a name that ends with _seconds, or in CSV a column `unit`: s, ms, us, ns");
  std::map<std::string, std::map<std::string, Series>> all;  // by pipeline, then by the labels
  for (const MetricLine& line : family.lines) {
    const std::string* pipeline = line.label("pipeline");
    Series& into = all[pipeline != nullptr ? *pipeline : ""][labels_text(line, {"le", "quantile"})];
    if (!take(family, line, unit->second, into)) return false;
  }
  for (const auto& [pipeline, series] : all)
    for (const auto& [labels, one] : series) {
      std::vector<DurationCell>& to = cells[pipeline];
      for (const double sample : one.samples) to.push_back({sample, sample, 1});
      if (!one.buckets.empty() && !add_buckets(family, one, unit->second, to)) return false;
      if (!one.quantiles.empty() && !add_quantiles(family, one, unit->second, to)) return false;
    }
  return true;
}

// Lag and latency, told by samples: of each set of labels.
void observe(const MetricFamilyRead& family, std::vector<ObservedSeries>& into) {
  std::map<std::string, std::vector<double>> all;
  for (const MetricLine& line : family.lines)
    if (line.suffix.empty() && line.label("quantile") == nullptr && std::isfinite(line.value))
      all[labels_text(line, {})].push_back(line.value);
  for (auto& [labels, values] : all) {
    std::sort(values.begin(), values.end());
    const auto at = [&, &values = values](double share) {
      return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    into.push_back(
        {family.name, labels, family.unit, static_cast<double>(values.size()), at(0.5), at(0.99), values.back()});
  }
}

std::string in_brackets(const Estimate& e, const std::function<std::string(double)>& text) {
  return fmt::format("{} [{}, {}]", text(e.value), text(std::max(0.0, e.low())), text(e.high()));
}

std::string plain(const std::string& text) {  // in a comment, on one line
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return out;
}

std::string number(double value) { return fmt::format("{:.4f}", value); }

std::string comment_of(const FittedService& service) {
  const FittedDuration& time = service.time;
  std::string out =
      fmt::format("    # {}, {:.0f} observations: {} {}", plain(service.metric), time.count,
                  time.shape == DurationShape::lognormal ? "median" : "mean", in_brackets(time.middle, short_duration));
  if (time.shape == DurationShape::lognormal) out += ", sigma " + in_brackets(time.sigma, number);
  if (time.shape == DurationShape::constant) return out + "\n";
  out += fmt::format(
      "\n    # BIC: exponential {:.1f}, lognormal {:.1f}; the lower is {:.1f}% from what was observed where "
      "it is furthest{}\n",
      time.bic_exponential, time.bic_lognormal, time.distance * 100,
      time.shape == DurationShape::empirical ? ", too far, so the distribution is as it was observed" : "");
  return out;
}

std::string pipeline_yaml(const FittedService& service) {
  const std::string text = duration_text(service.time, service.time.middle.value, service.time.sigma.value);
  if (service.pipeline.empty())
    return comment_of(service) + fmt::format(
                                     "    # no label `pipeline` says whose it is:\n    # stream: {{processor: "
                                     "{{service_time: \"{}\"}}}}\n",
                                     text);
  std::string quoted;
  for (const char c : plain(service.pipeline)) quoted += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
  return fmt::format("  \"{}\":\n{}    stream: {{processor: {{service_time: \"{}\"}}}}\n", quoted, comment_of(service),
                     text);
}

}  // namespace

std::optional<MetricsFit> fit_metrics(std::string_view text, const std::string& file,
                                      std::vector<Diagnostic>& diagnostics) {
  const auto families = read_metrics(text, file, diagnostics);
  if (!families) return std::nullopt;
  const auto wrong = [&](const Place& place, std::string message, std::string expected) {
    diagnostics.push_back({Diagnostic::Level::error,
                           place.file,
                           place.line,
                           place.column,
                           {},
                           std::move(message),
                           std::move(expected),
                           {}});
    return std::nullopt;
  };
  MetricsFit fit;
  for (const MetricFamilyRead& family : *families) {
    if (!is_service(family.name)) {
      if (is_told(family.name)) observe(family, fit.others);
      continue;
    }
    Collector collector(diagnostics);
    if (!collector.take(family)) return std::nullopt;
    for (auto& [pipeline, cells] : collector.cells) {
      for (const FittedService& other : fit.services)
        if (other.pipeline == pipeline)
          return wrong(family.place,
                       fmt::format("{} and {} are both service times of {}", shown(other.metric), shown(family.name),
                                   pipeline.empty() ? "a pipeline without a name" : shown(pipeline)),
                       "one a pipeline, told apart by the label `pipeline`");
      const auto time = fit_durations(std::move(cells));
      if (!time)
        return wrong(family.place, fmt::format("{} has no duration above zero", shown(family.name)), "some durations");
      fit.services.push_back({family.name, pipeline, *time});
    }
  }
  if (fit.services.empty() && fit.others.empty())
    return wrong({file, 0, 0}, "nothing in it is a service time, a latency or a lag",
                 "metrics with service_time, processing, latency or lag in their names");
  return fit;
}

std::string metrics_yaml(const MetricsFit& fit, const std::string& file) {
  std::string out;
  if (fit.services.empty()) out += fmt::format("# There are no service times in {}.\n", plain(file));
  for (const ObservedSeries& seen : fit.others) {
    const bool time = seen.unit == "seconds";
    const auto text = [&](double value) { return time ? short_duration(value) : fmt::format("{:.4g}", value); };
    out += fmt::format(
        "# Observed, to compare a rehearsal with: {}{{{}}}: median {}, p99 {}, greatest {} of {:.0f} samples\n",
        plain(seen.metric), plain(seen.labels), text(seen.median), text(seen.p99), text(seen.greatest), seen.count);
  }
  if (fit.services.empty()) return out;
  const bool named =
      std::any_of(fit.services.begin(), fit.services.end(), [](const auto& s) { return !s.pipeline.empty(); });
  out += fmt::format("# Service times, fitted to {}; in brackets: 95% intervals.\n{}pipelines:\n", plain(file),
                     named ? "" : "# ");
  for (const FittedService& service : fit.services) out += pipeline_yaml(service);
  return out;
}

}  // namespace rehearse
