// What the user is told about a mistake in a file: where it is, what was expected, and the nearest valid name.
//
// Invariants: lines and columns count from 1 (0 = the file as a whole); `expected` and `nearest` may be empty.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rehearse {

struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Diagnostic {
  enum class Level { error, warning };
  Level level = Level::error;
  std::string file;
  int line = 0;
  int column = 0;
  std::string path;  // in the scenario: pipelines.cdc.stream.sink.row_time
  std::string message;
  std::string expected;  // "a duration such as 30s"
  std::string nearest;   // what the user may have meant
  bool operator==(const Diagnostic&) const = default;
};

// What the user wrote, between backquotes: shortened, control characters escaped.
std::string shown(std::string_view text);

// file:line:column: path: message; expected …; did you mean …?
std::string to_text(const Diagnostic& diagnostic);
// One a line; ends with a line end unless empty.
std::string to_text(const std::vector<Diagnostic>& diagnostics);

bool has_errors(const std::vector<Diagnostic>& diagnostics);
// By file in order of first appearance, line, column; equal ones once.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

// The candidate with the smallest edit distance (a swap of neighbours counts as one), the first of equals; empty if
// none is near enough to be what was meant.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace rehearse
