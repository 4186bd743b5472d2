// Values that are more than a number: distributions and column types, from their text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/annotations/annotations.pb.h"
#include "scenarios/annotations/values.pb.h"
#include "scenarios/units.h"

namespace rehearse {

// What a distribution is over decides which kinds make sense and in which unit its numbers are written.
enum class Drawn { duration, count, pick };

Parsed<values::Distribution> parse_distribution(std::string_view text, Drawn drawn);
// A single value in the distribution's unit: nanoseconds, or 10^-9 for counts.
Parsed<std::int64_t> parse_drawn(std::string_view text, Drawn drawn);
// "uniform(least, greatest)" and so on: what may be written for this kind of draw.
std::vector<std::string> distribution_forms(Drawn drawn);

// `any`: a type that is not known becomes OTHER instead of an error.
enum class UnknownType { error, other };
Parsed<values::ColumnType> parse_column_type(std::string_view text, UnknownType unknown);
std::vector<std::string> column_type_names();

}  // namespace rehearse
