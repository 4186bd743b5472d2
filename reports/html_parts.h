// The sections of the HTML report, each a pure function from the (printable) result to HTML; empty where there is
// nothing to say. Only html.cpp puts them together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/format.h"
#include "reports/result/harm.h"

namespace rehearse::reports::html {

using result::Result;

inline std::string esc(std::string_view text) { return escape_xml(text); }

// A heading that starts with '#' is of a column of numbers. Cells are HTML already.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string html() const;  // empty without rows

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

std::string section(std::string_view id, std::string_view title, std::string_view lead, const std::string& body);
std::string folded(std::string_view summary, const std::string& body);
std::string chip(std::string_view kind, std::string_view text);      // kind: good, bad, warn, idle, info
std::string when(const Result& result, std::int64_t at_ns);          // a <time> with calendar and time since the start
std::string_view colour_of(ReadOutcome outcome);                     // good, warn, bad
std::string number_or_zero(std::uint64_t n, std::string_view kind);  // coloured unless 0 or without kind
std::string sentences(const google::protobuf::RepeatedPtrField<std::string>& texts, std::string_view css_class);
// Our own code or a library's as a <script> that no text inside it can end.
std::string script(std::string_view code);
const char* rightness_kind(result::Rightness rightness);

// html_plan.cpp
std::string expectations(const Result& result);
std::string plan(const Result& result);
std::string rollbacks(const Result& result);
std::string triggers(const Result& result);
// html_matrix.cpp
std::string matrix(const Result& result);
std::string checks(const Result& result);
// html_truth.cpp
std::string stores(const Result& result);
std::string harm(const Result& result);
std::string faults(const Result& result);
std::string incomplete_log(const Result& result);
std::string conservation(const Result& result);
std::string audit(const Result& result);
std::string events(const Result& result);
std::string about(const Result& result);
// html_charts.cpp: what the page's script draws, as JSON that is safe inside <script>
std::string chart_data(const Result& result);

}  // namespace rehearse::reports::html
