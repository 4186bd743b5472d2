#include "sim/capture/positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

// All of `text`, digits only (from_chars would take a sign).
template <typename Integer>
bool whole_number(std::string_view text, Integer& value, int base = 10) {
  if (text.empty() || text.front() == '-' || text.front() == '+') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::optional<std::uint64_t> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash > 8 || text.size() - slash > 9) return std::nullopt;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  if (!whole_number(text.substr(0, slash), high, 16) || !whole_number(text.substr(slash + 1), low, 16))
    return std::nullopt;
  return high << 32 | low;
}

std::string format_lsn(std::uint64_t lsn) { return fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xFFFFFFFFU); }

std::uint64_t binlog_position(std::uint64_t file, std::uint64_t offset) {
  return file << 32 | std::min<std::uint64_t>(offset, 0xFFFFFFFFU);
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  if (text.size() < 4 || text.ends_with('Z')) return std::nullopt;
  std::string whole(text);
  const char sign = text[text.size() - 3];  // PostgreSQL leaves out the minutes of an offset where they are zero
  if (sign == '+' || sign == '-') whole += ":00";
  return parse_rfc3339(whole);
}

bool PgSnapshot::visible(std::uint64_t xid) const {
  if (xid < xmin) return true;
  return xid < xmax && !std::binary_search(in_progress.begin(), in_progress.end(), xid);
}

std::optional<PgSnapshot> parse_snapshot(std::string_view text) {
  PgSnapshot snapshot;
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (!whole_number(text.substr(0, first), snapshot.xmin)) return std::nullopt;
  if (!whole_number(text.substr(first + 1, second - first - 1), snapshot.xmax)) return std::nullopt;
  std::string_view rest = text.substr(second + 1);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::uint64_t xid = 0;
    if (!whole_number(rest.substr(0, comma), xid)) return std::nullopt;
    if (xid < snapshot.xmin || xid >= snapshot.xmax) return std::nullopt;
    if (!snapshot.in_progress.empty() && xid <= snapshot.in_progress.back()) return std::nullopt;
    snapshot.in_progress.push_back(xid);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
    if (rest.empty()) return std::nullopt;
  }
  if (snapshot.xmin > snapshot.xmax) return std::nullopt;
  return snapshot;
}

}  // namespace rehearse
