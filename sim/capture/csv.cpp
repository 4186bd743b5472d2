#include "sim/capture/csv.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace rehearse {
namespace {

bool all_ascii(std::string_view text) {
  unsigned char any = 0;
  for (const char c : text) any |= static_cast<unsigned char>(c);
  return any < 0x80;
}

// A closing quote is one that is not doubled; true if `text` (which begins inside or outside quotes) ends inside.
bool ends_inside_quotes(std::string_view text, bool inside) {
  return inside != (std::count(text.begin(), text.end(), '"') % 2 != 0);
}

}  // namespace

CsvReader::CsvReader(std::string path, TextLimits limits) : input_(std::move(path), limits), limits_(limits) {
  std::vector<CsvCell> cells;
  if (!read_record(cells))
    input_.fail(0, "the file is empty", "a header row, as COPY ... WITH (FORMAT csv, HEADER) writes");
  for (const CsvCell& cell : cells) {
    if (cell.text.empty()) input_.fail(0, "the header has a column without a name", "a header row");
    std::string name(cell.text);
    if (std::find(header_.begin(), header_.end(), name) != header_.end())
      input_.fail(0, fmt::format("the header names column {} twice", name));
    header_.push_back(std::move(name));
  }
}

bool CsvReader::next(std::vector<CsvCell>& cells) {
  if (!read_record(cells)) return false;
  if (cells.size() != header_.size())
    input_.fail(0, fmt::format("the row that begins in line {} has {} fields", row_line_, cells.size()),
                fmt::format("{} fields, like the header", header_.size()));
  return true;
}

bool CsvReader::read_record(std::vector<CsvCell>& cells) {
  std::string_view line;
  if (!input_.next(line)) return false;
  row_line_ = input_.line_number();
  std::string_view record = line;
  if (line.find('"') != std::string_view::npos && ends_inside_quotes(line, false)) {
    joined_.assign(line);
    bool inside = true;
    while (inside) {
      if (!input_.ended_by_newline() || !input_.next(line))
        input_.fail(0,
                    fmt::format("the file ends inside the quoted field of the row that begins in line {}", row_line_),
                    "a closing quote");
      if (joined_.size() + line.size() >= limits_.line_bytes_max)
        input_.fail(
            0, fmt::format("the row that begins in line {} is longer than {} bytes", row_line_, limits_.line_bytes_max),
            "a closing quote");
      joined_ += '\n';
      joined_ += line;
      inside = ends_inside_quotes(line, true);
    }
    record = joined_;
  }
  if (!input_.ended_by_newline()) input_.fail(0, "the last row has no line end: the file is cut short");
  if (record.ends_with('\r')) record.remove_suffix(1);
  if (!all_ascii(record) && !simdjson::validate_utf8(record.data(), record.size()))
    input_.fail(0, fmt::format("the row that begins in line {} is not valid UTF-8", row_line_), "UTF-8 text");
  split(record, cells);
  return true;
}

// Splits a record whose quotes are balanced.
void CsvReader::split(std::string_view record, std::vector<CsvCell>& cells) {
  const auto column = [&](std::size_t at) -> std::uint64_t {  // in the physical line that ends the record
    const std::size_t newline = record.substr(0, at).rfind('\n');
    return newline == std::string_view::npos ? at + 1 : at - newline;
  };
  const bool plain = record.find('"') == std::string_view::npos && record.find('\r') == std::string_view::npos;
  cells.clear();
  unescaped_.clear();
  if (!plain) unescaped_.reserve(record.size());  // cells view into it: it must not move
  std::size_t at = 0;
  for (;;) {
    if (at < record.size() && record[at] == '"') {
      const std::size_t start = at + 1;
      std::size_t quote = record.find('"', start);
      bool doubled = false;
      const std::size_t copied = unescaped_.size();
      std::size_t from = start;
      while (quote + 1 < record.size() && record[quote + 1] == '"') {
        unescaped_.append(record, from, quote + 1 - from);
        doubled = true;
        from = quote + 2;
        quote = record.find('"', from);
      }
      if (doubled) {
        unescaped_.append(record, from, quote - from);
        cells.push_back({false, std::string_view(unescaped_).substr(copied)});
      } else {
        cells.push_back({false, record.substr(start, quote - start)});
      }
      at = quote + 1;
      if (at < record.size() && record[at] != ',')
        input_.fail(column(at), "text after the closing quote of a field", "a comma or the end of the row");
    } else {
      const std::size_t end = std::min(record.find(',', at), record.size());
      const std::string_view text = record.substr(at, end - at);
      const std::size_t wrong = plain ? std::string_view::npos : text.find_first_of("\"\r\n");
      if (wrong != std::string_view::npos)
        input_.fail(column(at + wrong),
                    text[wrong] == '"' ? "a quote inside an unquoted field" : "a line end inside an unquoted field",
                    "the whole field in quotes");
      cells.push_back({text.empty(), text});
      at = end;
    }
    if (at >= record.size()) return;
    ++at;  // the comma
  }
}

}  // namespace rehearse
