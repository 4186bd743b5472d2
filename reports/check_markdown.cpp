#include "reports/check_markdown.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

using result::Expectation;
using result::Result;

constexpr std::size_t rows_most = 200, details_most = 50;
constexpr int lines_most = 20;
constexpr std::size_t cell_columns_most = 200;

const char* sign(const Result& result) {
  return result.verdict() == Result::pass ? "✅" : result.verdict() == Result::fail ? "❌" : "⚠️";
}

// Of an absolute path the file's name; a place behind it stays.
std::string without_folders(const std::string& path) {
  return !path.empty() && path.front() == '/' ? path.substr(path.rfind('/') + 1) : path;
}

std::string md(const std::string& text) { return escape_markdown(shortened(one_line(text), cell_columns_most)); }

int not_held(const Result& result) {
  return static_cast<int>(std::count_if(result.expectations().begin(), result.expectations().end(),
                                        [](const Expectation& e) { return e.status() != Expectation::held; }));
}

std::string expectations_text(const Result& result) {
  const int all = result.expectations_size();
  if (all == 0) return "–";
  return not_held(result) == 0 ? fmt::format("all {} hold", all)
                               : fmt::format("{} of {} broken", not_held(result), all);
}

std::string row(const Result& result) {
  return fmt::format("| {} | {} | {} | {} | {} |\n", sign(result), md(without_folders(result.scenario_file())),
                     word(result.verdict()), word(result.decision()), expectations_text(result));
}

std::string details(const Result& result) {
  std::string out = fmt::format("<details><summary>{} {}: {}</summary>\n\n", sign(result),
                                escape_xml(one_line(result.scenario())), word(result.verdict()));
  int lines = 0;
  for (const std::string& reason : result.reasons())
    if (++lines <= lines_most) out += "- " + md(reason) + "\n";
  if (not_held(result) > 0) out += "\n| where | expected | was |\n|---|---|---|\n";
  lines = 0;
  for (const Expectation& e : result.expectations()) {
    if (e.status() == Expectation::held || ++lines > lines_most) continue;
    out += fmt::format("| {} | {} | {} |\n", md(without_folders(e.where())), md(e.text()), md(e.actual()));
  }
  if (lines > lines_most) out += fmt::format("\n… and {} more\n", lines - lines_most);
  return out + fmt::format("\nSeed {}, {} simulated, version {}.\n\n</details>\n\n", result.seed(),
                           show_duration(result.duration_ns()), md(result.version()));
}

}  // namespace

std::string render_check_markdown(const std::vector<const Result*>& results) {
  std::vector<Result> all;
  for (const Result* result : results) all.push_back(with_printable_text(*result));
  const auto passed = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const Result& r) { return r.verdict() == Result::pass; }));
  std::string out = fmt::format("### {} Rehearse: {} of {} scenarios are as expected\n\n",
                                passed == all.size() ? "✅" : "❌", passed, all.size());
  out += "| | scenario | verdict | decision | expectations |\n|---|---|---|---|---|\n";
  // What is not as expected comes first: it is what the reader is here for.
  std::stable_partition(all.begin(), all.end(), [](const Result& r) { return r.verdict() != Result::pass; });
  for (std::size_t i = 0; i < std::min(rows_most, all.size()); ++i) out += row(all[i]);
  if (all.size() > rows_most) out += fmt::format("\n… and {} more\n", all.size() - rows_most);
  out += "\n";
  for (std::size_t i = 0; i < std::min(details_most, all.size() - passed); ++i) out += details(all[i]);
  return out;
}

}  // namespace rehearse::reports
