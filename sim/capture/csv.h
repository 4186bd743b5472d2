// CSV as PostgreSQL's COPY ... WITH (FORMAT csv, HEADER) writes it, read strictly (RFC 4180): fields quoted with ", a
// quote inside doubled, rows ended by \n (or \r\n). NULL is an unquoted empty field, '' a quoted one.
//
// Anything else is a CaptureFailure with line and column: a quote inside an unquoted field, text after a closing quote,
// a row of another width than the header, a last row without its line end (a file cut short), text that is not UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/text_input.h"

namespace rehearse {

struct CsvCell {
  bool is_null = false;
  std::string_view text;
};

class CsvReader {
 public:
  // Reads the header at once.
  explicit CsvReader(std::string path, TextLimits limits = {});

  const std::vector<std::string>& header() const { return header_; }
  // The next row, as wide as the header; false at the end. Cells live until the next call.
  bool next(std::vector<CsvCell>& cells);
  std::uint64_t line_number() const { return row_line_; }  // where the row that next() gave begins
  const TextInput& input() const { return input_; }

 private:
  bool read_record(std::vector<CsvCell>& cells);
  void split(std::string_view record, std::vector<CsvCell>& cells);

  TextInput input_;
  TextLimits limits_;
  std::vector<std::string> header_;
  std::string joined_;     // a record whose quoted cells hold line ends
  std::string unescaped_;  // cells with doubled quotes
  std::uint64_t row_line_ = 0;
};

}  // namespace rehearse
