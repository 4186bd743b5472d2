// Dates, times, numbers and arrays as the source's database prints them, from what connectors send instead.
//
// Years of any size, PostgreSQL's infinities and BC, MySQL's times beyond a day and below zero. Numbers in floating
// point are read and printed in the shortest form that reads back as the same number, as PostgreSQL (from 12) and MySQL
// print them, so that two texts of one number are one text. Leaves out: time zones, money, zero dates (they come as
// NULL or 1970), trailing zeros of a MySQL time's fraction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/captured_stream.h"

namespace rehearse {

std::string printed_date(std::int64_t days, SourceDatabase database);  // since 1970-01-01
// A count of units since 1970; the unit divides a second.
std::string printed_timestamp(std::int64_t count, std::int64_t unit_ns, SourceDatabase database);
// Nothing where the database has no such time.
std::optional<std::string> printed_day_time(std::int64_t count, std::int64_t unit_ns, SourceDatabase database);

// ISO 8601 texts: "2024-03-10Z", "2024-03-10T09:30:00.1Z", "+294247-01-10T04:00:25.2Z", "09:30:00Z". With a zone the
// text ends in +00 where the database prints one. Nothing if it is no such text.
enum class Zone : std::uint8_t { none, printed };
std::optional<std::string> printed_iso(std::string_view text, Zone zone, SourceDatabase database);

// PostgreSQL's "1 year 2 mons 3 days 04:05:06.789". Of a count in which a month is taken as a twelfth of 365.25 days
// the months cannot be told from days: a whole number of them is taken as months.
std::string printed_interval(std::int64_t microseconds);
std::optional<std::string> printed_iso_interval(std::string_view text);  // "P1Y2M3DT4H5M6.789S"

// Of bytes, the lowest first: binary digits in PostgreSQL, a number in MySQL.
std::string printed_bits(std::string_view bytes, std::size_t length, SourceDatabase database);

struct PrintedElement {
  bool is_null = false;
  bool is_array = false;
  std::string_view text;
};
std::string printed_array(const std::vector<PrintedElement>& elements);  // {x,"y z",NULL}

// Of a column in floating point, the one text of its number; nothing where the text or the type is none.
std::optional<std::string> printed_float(std::string_view text, std::string_view type, SourceDatabase database);
// Whether two texts of a column are the same value to its database.
bool same_printed(std::string_view a, std::string_view b, std::string_view type, SourceDatabase database);

}  // namespace rehearse
