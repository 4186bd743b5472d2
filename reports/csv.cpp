#include "reports/csv.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

constexpr const char* row_end = "\r\n";

// "bad_rows [orders_streaming, fields] (ratio)", made unique by a number where two series would share it. A series of
// means has columns of its least and greatest values beside it.
std::vector<std::string> headings(const result::Result& result) {
  std::vector<std::string> names;
  std::map<std::string, int> seen;
  for (const result::Series& series : result.series()) {
    std::string of;
    for (const std::string* part : {&series.store(), &series.check(), &series.pipeline()})
      if (!part->empty()) of += (of.empty() ? "" : ", ") + *part;
    std::string name = one_line(series.name());
    if (!of.empty()) name += " [" + of + "]";
    if (!series.unit().empty()) name += " (" + series.unit() + ")";
    if (const int earlier = seen[name]++; earlier > 0) name += fmt::format(" #{}", earlier + 1);
    names.push_back(name);
    if (!tells_means(series)) continue;
    names.push_back(name + " least");
    names.push_back(name + " greatest");
  }
  return names;
}

std::string cell(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);  // the shortest text that reads back as the same number
}

int samples(const result::Series& series) { return std::min(series.times_ns_size(), series.values_size()); }

}  // namespace

std::string render_csv(const result::Result& result) {
  const result::Result clean = with_printable_text(result);
  std::string out = "at_ns,at";
  for (const std::string& name : headings(clean)) out += "," + escape_csv(name);
  out += row_end;

  constexpr std::int64_t done = std::numeric_limits<std::int64_t>::max();
  std::vector<int> next(static_cast<std::size_t>(clean.series_size()), 0);
  const auto time_of = [&](int s) {
    const int i = next[static_cast<std::size_t>(s)];
    return i < samples(clean.series(s)) ? clean.series(s).times_ns(i) : done;
  };
  for (;;) {
    std::int64_t now = done;
    for (int s = 0; s < clean.series_size(); ++s) now = std::min(now, time_of(s));
    if (now == done) return out;
    out += fmt::format("{},{}", now, iso_instant(clean, now));
    for (int s = 0; s < clean.series_size(); ++s) {
      const result::Series& series = clean.series(s);
      const bool means = tells_means(series);
      out += ',';
      if (time_of(s) != now) {
        if (means) out += ",,";
        continue;
      }
      const int i = next[static_cast<std::size_t>(s)]++;
      out += cell(series.values(i));
      if (means) out += ',' + cell(series.least(i)) + ',' + cell(series.greatest(i));
    }
    out += row_end;
  }
}

}  // namespace rehearse::reports
