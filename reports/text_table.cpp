#include "reports/text_table.h"

#include <algorithm>
#include <numeric>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

constexpr std::size_t gap = 2;        // between columns
constexpr std::size_t margin = 2;     // before the first
constexpr std::size_t narrowest = 7;  // a column is not shortened below this

}  // namespace

std::string styled(std::string_view text, Style style, bool colour) {
  if (!colour || style == Style::plain || text.empty()) return std::string(text);
  const char* code = style == Style::bold   ? "1"
                     : style == Style::dim  ? "2"
                     : style == Style::good ? "32"
                     : style == Style::bad  ? "31"
                                            : "33";
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::vector<std::size_t> TextTable::column_widths(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (const TextCell& cell : heading_) widths.push_back(columns(cell.text));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], columns(one_line(row[i].text)));
  for (;;) {
    const std::size_t total = std::accumulate(widths.begin(), widths.end(), margin + gap * (widths.size() - 1));
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (total <= width || *widest <= narrowest) return widths;
    --*widest;
  }
}

std::string TextTable::line(const std::vector<TextCell>& cells, const std::vector<std::size_t>& widths, bool colour,
                            bool heading) {
  std::string out(margin, ' ');
  for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
    const std::string text = shortened(one_line(cells[i].text), widths[i]);
    const std::string pad(widths[i] - columns(text), ' ');
    const std::string shown = styled(text, heading ? Style::dim : cells[i].style, colour);
    const bool last = i + 1 == cells.size();
    out += cells[i].to_the_right ? pad + shown : shown + (last ? std::string() : pad);
    if (!last) out += std::string(gap, ' ');
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

std::string TextTable::show(std::size_t width, bool colour) const {
  const std::vector<std::size_t> widths = column_widths(width);
  std::string out = line(heading_, widths, colour, true);
  for (const auto& row : rows_) out += line(row, widths, colour, false);
  return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string flat = one_line(text);
  const std::size_t room = width > indent + 20 ? width - indent : 20;
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < flat.size();) {
    const std::size_t end = std::min(flat.find(' ', at), flat.size());
    const std::string_view part = std::string_view(flat).substr(at, end - at);
    at = end + 1;
    if (part.empty()) continue;
    if (column > 0 && column + 1 + columns(part) > room) {
      out += "\n" + std::string(indent, ' ');
      column = 0;
    } else if (column > 0) {
      out += ' ', ++column;
    }
    out += part;
    column += columns(part);
  }
  return out;
}

}  // namespace rehearse::reports
