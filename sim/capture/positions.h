// Positions and visibility in PostgreSQL's own notation: log sequence numbers, snapshots, commit timestamps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rehearse {

// "16/B374D848" <-> (0x16 << 32) + 0xB374D848. Nothing but one to eight hexadecimal digits on each side.
std::optional<std::uint64_t> parse_lsn(std::string_view text);
std::string format_lsn(std::uint64_t lsn);

// A place in MySQL's binary log as one number. A file may grow beyond 4 GiB under one large transaction; of places
// behind that none is told from another.
std::uint64_t binlog_position(std::uint64_t file, std::uint64_t offset);

// "2026-11-21 01:35:10.368375+00" to nanoseconds since 1970; the offset from UTC is required ("+02", "-03:30").
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// pg_current_snapshot(): "xmin:xmax:xip,xip". A transaction is visible if it is below xmax and not in progress.
struct PgSnapshot {
  std::uint64_t xmin = 0;
  std::uint64_t xmax = 0;
  std::vector<std::uint64_t> in_progress;  // ascending
  bool visible(std::uint64_t xid) const;
};
std::optional<PgSnapshot> parse_snapshot(std::string_view text);

}  // namespace rehearse
