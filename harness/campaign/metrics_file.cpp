#include "harness/campaign/metrics_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace rehearse {
namespace {

constexpr std::size_t families_max = 10'000;
constexpr std::string_view suffixes[] = {"_bucket",  "_count", "_sum",    "_total",
                                         "_created", "_info",  "_gcount", "_gsum"};
constexpr std::string_view units[] = {"nanoseconds", "microseconds", "milliseconds", "seconds",
                                      "minutes",     "hours",        "ms",           "us"};

bool is_name(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || (!first && c >= '0' && c <= '9');
}

std::optional<double> number_of(std::string_view text) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (text == "NaN" || text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf") return infinite;
  if (text == "-Inf") return -infinite;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string unit_in_name(const std::string& name) {
  for (const std::string_view unit : units)
    if (name.ends_with("_" + std::string(unit))) return std::string(unit);
  return {};
}

class Reader {
 public:
  Reader(const std::string& file, std::vector<Diagnostic>& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  // Both: false after a mistake, which is said.
  bool open_metrics(std::string_view text);
  bool csv(std::string_view text);
  std::vector<MetricFamilyRead> families;

 private:
  Place place(std::size_t column) const { return {file_, line_, static_cast<int>(column) + 1}; }
  bool wrong(std::size_t column, std::string message, std::string expected = {}) {
    diagnostics_.push_back({Diagnostic::Level::error,
                            file_,
                            line_,
                            static_cast<int>(column) + 1,
                            {},
                            std::move(message),
                            std::move(expected),
                            {}});
    return false;
  }
  MetricFamilyRead& family(const std::string& name, std::size_t column) {
    for (std::size_t i = families.size(); i-- > 0;)
      if (families[i].name == name) return families[i];
    families.push_back({name, "unknown", unit_in_name(name), place(column), {}});
    return families.back();
  }
  bool is_family(std::string_view name) const {
    return std::any_of(families.begin(), families.end(), [&](const auto& f) { return f.name == name; });
  }
  template <typename Take>
  bool each_line(std::string_view text, Take take) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      std::string_view line = text.substr(begin, end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      begin = end + 1;
      ++line_;
      if (!take(line)) return false;
    }
    return true;
  }
  bool comment(std::string_view line);
  bool sample(std::string_view line);
  bool labels(std::string_view line, std::size_t& at, MetricLine& into);
  bool header(const std::vector<std::pair<std::string, std::size_t>>& cells);
  bool row(const std::vector<std::pair<std::string, std::size_t>>& cells, std::size_t end);
  bool cells_of(std::string_view line, std::vector<std::pair<std::string, std::size_t>>& cells);

  std::string file_;
  std::vector<Diagnostic>& diagnostics_;
  int line_ = 0;
  bool ended_ = false;
  std::vector<std::string> columns_;  // of CSV
};

bool Reader::open_metrics(std::string_view text) {
  return each_line(text, [&](std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) return true;
    if (ended_) return wrong(0, "there is more after `# EOF`");
    if (families.size() > families_max) return wrong(0, fmt::format("there are more than {} metrics", families_max));
    return line.front() == '#' ? comment(line) : sample(line);
  });
}

// # TYPE name type, # UNIT name unit, # EOF; others tell nothing that is asked for.
bool Reader::comment(std::string_view line) {
  if (line == "# EOF") return ended_ = true;
  const bool type = line.starts_with("# TYPE "), unit = line.starts_with("# UNIT ");
  if (!type && !unit) return true;
  constexpr std::size_t head = 7;
  const std::size_t space = line.find(' ', head);
  if (space == std::string_view::npos) return wrong(line.size(), "the line ends early", "a name and a word");
  MetricFamilyRead& of = family(std::string(line.substr(head, space - head)), head);
  (type ? of.type : of.unit) = std::string(line.substr(space + 1));
  return true;
}

bool Reader::labels(std::string_view line, std::size_t& at, MetricLine& into) {
  while (at < line.size() && line[at] != '}') {
    const std::size_t begin = at;
    while (at < line.size() && is_name(line[at], at == begin)) ++at;
    if (at == begin || line.substr(at, 2) != "=\"") return wrong(at, "this is no label", "name=\"value\"");
    auto& [name, value] = into.labels.emplace_back(line.substr(begin, at - begin), "");
    for (at += 2; at < line.size() && line[at] != '"'; ++at) {
      if (line[at] == '\\' && at + 1 < line.size()) value += line[++at] == 'n' ? '\n' : line[at];
      else value += line[at];
    }
    if (at >= line.size()) return wrong(begin, "the label's value does not end", "a closing quote");
    ++at;
    if (at < line.size() && line[at] == ',') ++at;
  }
  if (at >= line.size()) return wrong(at, "the labels do not end", "a closing brace");
  ++at;
  return true;
}

bool Reader::sample(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && is_name(line[at], at == 0)) ++at;
  if (at == 0) return wrong(0, fmt::format("{} is no metric", shown(line)), "name{label=\"value\"} number");
  std::string name(line.substr(0, at));
  MetricLine read;
  if (at < line.size() && line[at] == '{' && !labels(line, ++at, read)) return false;
  const std::size_t begin = line.find_first_not_of(" \t", at);
  if (begin == std::string_view::npos || begin == at) return wrong(at, "there is no value", "a space and a number");
  const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
  const auto value = number_of(line.substr(begin, end - begin));
  if (!value) return wrong(begin, fmt::format("{} is no number", shown(line.substr(begin, end - begin))), "a number");
  read.value = *value;
  read.place = place(begin);
  for (const std::string_view suffix : suffixes)
    if (std::string_view(name).ends_with(suffix) && is_family(name.substr(0, name.size() - suffix.size()))) {
      read.suffix = suffix;
      name.resize(name.size() - suffix.size());
      break;
    }
  family(name, 0).lines.push_back(std::move(read));
  return true;
}

bool Reader::cells_of(std::string_view line, std::vector<std::pair<std::string, std::size_t>>& cells) {
  cells.clear();
  for (std::size_t at = 0;; ++at) {
    auto& [text, column] = cells.emplace_back("", at);
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) return wrong(column, "the quoted value does not end", "a closing quote");
        if (line[at] == '"' && line.substr(at, 2) != "\"\"") break;
        if (line[at] == '"') ++at;
        text += line[at];
      }
      ++at;
      if (at < line.size() && line[at] != ',') return wrong(at, "there is more after the quoted value", "a comma");
    } else {
      const std::size_t end = std::min(line.find(',', at), line.size());
      text = std::string(line.substr(at, end - at));
      at = end;
    }
    if (at >= line.size()) return true;
  }
}

bool Reader::header(const std::vector<std::pair<std::string, std::size_t>>& cells) {
  for (const auto& [name, column] : cells) {
    if (std::find(columns_.begin(), columns_.end(), name) != columns_.end())
      return wrong(column, fmt::format("column {} is there twice", shown(name)));
    columns_.push_back(name);
  }
  for (const char* needed : {"metric", "value", "unit"})
    if (std::find(columns_.begin(), columns_.end(), needed) == columns_.end())
      return wrong(0, fmt::format("there is no column `{}`", needed), "metric, value and unit");
  return true;
}

bool Reader::row(const std::vector<std::pair<std::string, std::size_t>>& cells, std::size_t end) {
  if (cells.size() != columns_.size())
    return wrong(cells.size() < columns_.size() ? end : cells[columns_.size()].second,
                 fmt::format("the row has {} values", cells.size()), fmt::format("{}, as the header", columns_.size()));
  std::string metric, unit;
  MetricLine read;
  std::optional<MetricLine> count;
  std::size_t metric_column = 0, unit_column = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto& [text, column] = cells[i];
    const bool is_value = columns_[i] == "value", is_count = columns_[i] == "count";
    if (columns_[i] == "metric") metric = text, metric_column = column;
    else if (columns_[i] == "unit") unit = text, unit_column = column;
    else if (is_value || (is_count && !text.empty())) {
      const auto number = number_of(text);
      if (!number) return wrong(column, fmt::format("{} is no number", shown(text)), "a number");
      MetricLine& into = is_value ? read : count.emplace();
      into.value = *number;
      into.place = place(column);
    } else if (!text.empty()) {
      read.labels.emplace_back(columns_[i], text);
    }
  }
  if (metric.empty()) return wrong(metric_column, "the metric has no name", "a name");
  MetricFamilyRead& of = family(metric, metric_column);
  if (of.lines.empty()) of.unit = unit;
  else if (of.unit != unit)
    return wrong(unit_column,
                 fmt::format("{} has unit {} here and {} before", shown(metric), shown(unit), shown(of.unit)),
                 "one unit");
  if (read.label("le") != nullptr) read.suffix = "_bucket";
  if (read.label("quantile") != nullptr && count) {
    count->suffix = "_count";
    count->labels = read.labels;
    std::erase_if(count->labels, [](const auto& label) { return label.first == "quantile"; });
    of.lines.push_back(std::move(*count));
  }
  of.lines.push_back(std::move(read));
  return true;
}

bool Reader::csv(std::string_view text) {
  std::vector<std::pair<std::string, std::size_t>> cells;
  return each_line(text, [&](std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) return true;
    if (!cells_of(line, cells)) return false;
    return columns_.empty() ? header(cells) : row(cells, line.size());
  });
}

}  // namespace

const std::string* MetricLine::label(std::string_view name) const {
  for (const auto& [label, value] : labels)
    if (label == name) return &value;
  return nullptr;
}

std::optional<std::vector<MetricFamilyRead>> read_metrics(std::string_view text, const std::string& file,
                                                          std::vector<Diagnostic>& diagnostics) {
  const std::size_t begin = std::min(text.find_first_not_of("\r\n \t"), text.size());
  const std::string_view first = text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
  const bool csv =
      first.find(',') != std::string_view::npos && first.find('{') == std::string_view::npos && !first.starts_with('#');
  Reader reader(file, diagnostics);
  if (!(csv ? reader.csv(text) : reader.open_metrics(text))) return std::nullopt;
  std::erase_if(reader.families, [](const MetricFamilyRead& family) { return family.lines.empty(); });
  return std::move(reader.families);
}

}  // namespace rehearse
