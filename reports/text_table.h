// A table in plain text: columns as wide as they need, the widest text columns shortened until the whole fits.
#pragma once

#include <string>
#include <vector>

namespace rehearse::reports {

enum class Style { plain, bold, dim, good, bad, warn };

// `text` in the style, or as it is where colours are not wanted.
std::string styled(std::string_view text, Style style, bool colour);

struct TextCell {
  std::string text;
  Style style = Style::plain;
  bool to_the_right = false;  // numbers
};

class TextTable {
 public:
  explicit TextTable(std::vector<TextCell> heading) : heading_(std::move(heading)) {}
  void add(std::vector<TextCell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string show(std::size_t width, bool colour) const;

 private:
  std::vector<std::size_t> column_widths(std::size_t width) const;
  static std::string line(const std::vector<TextCell>& cells, const std::vector<std::size_t>& widths, bool colour,
                          bool heading);

  std::vector<TextCell> heading_;
  std::vector<std::vector<TextCell>> rows_;
};

// Words wrapped to the width, every line behind the first indented.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace rehearse::reports
