#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

// What the stream itself shows about a table, or that it shows nothing.
std::string evidence_of(const Case& c, const std::string& table) {
  std::vector<std::string> parts;
  if (c.in.capture)
    for (const CaptureEvidence& evidence : c.in.capture->evidence) {
      if (c.in.capture->tables[evidence.table].name != table) continue;
      std::string text(evidence_name(evidence.kind));
      if (!evidence.column.empty()) text += " in " + evidence.column;
      text += ": " + count(evidence.count);
      if (evidence.first_line > 0) text += fmt::format(", first in line {}", evidence.first_line);
      if (!evidence.first_row.empty()) text += " (" + evidence.first_row + ")";
      parts.push_back(std::move(text));
    }
  return parts.empty() ? "The stream shows nothing of it." : "The stream shows " + joined(parts, "; ") + ".";
}

void add(const Case& c, const std::string& table, std::uint64_t rows, const char* reason, const std::string& key,
         const std::string& column, result::Result& result) {
  if (rows == 0) return;
  result::SourceLogIncomplete& out = *result.add_source_log_incomplete();
  out.set_table(table);
  out.set_key(key);
  out.set_column(column);
  out.set_reason(reason);
  out.set_evidence(evidence_of(c, table));
  out.set_rows(rows);
}

}  // namespace

std::uint64_t rows_lost(const WitnessComparison& comparison) {
  return comparison.rows_unknown + comparison.rows_different + comparison.rows_missing + comparison.rows_extra;
}

void write_source_log_incomplete(const Case& c, result::Result& result) {
  if (!c.in.witness) return;
  for (const WitnessComparison& comparison : *c.in.witness) {
    std::vector<std::string> columns;
    for (const CellDifference& difference : comparison.differences)
      if (std::find(columns.begin(), columns.end(), difference.column) == columns.end())
        columns.push_back(difference.column);
    const auto first = [](const std::vector<std::string>& keys) { return keys.empty() ? std::string() : keys.front(); };
    add(c, comparison.table, comparison.rows_missing, "The database has these rows; the log never carried them",
        first(comparison.missing), "", result);
    add(c, comparison.table, comparison.rows_extra, "The log carried these rows and not that they went",
        first(comparison.extra), "", result);
    add(c, comparison.table, comparison.rows_different, "The database has other values than the log carried",
        comparison.differences.empty() ? "" : comparison.differences.front().row, joined(columns), result);
    add(c, comparison.table, comparison.rows_unknown, "Values that the log never showed", "", "", result);
  }
}

}  // namespace rehearse::judging
