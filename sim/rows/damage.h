// What a damaged value reads as: for everybody who reads it, so that sums, windows and the user's own SQL agree.
//
// A damaged number is another number. Shifted it is greater by one in its last place; truncated it loses its fraction;
// garbled, or truncated without a fraction to lose, every bit of it is read the other way, so that n becomes -n - 1 in
// its last place (12.34 reads as -12.35). A damaged truth value is the other one. A damaged time is an hour later
// (a date a day), has lost its time of day, or is a hundred years later. A text stays damaged in a way that no reader
// can name, and so does a captured value that is not what its type says ("NaN"). NULL is no damaged value but none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/rows/marks.h"
#include "sim/rows/value.h"

namespace rehearse {

// Of a value's twist that is not 0.
inline AlterationKind damage_of(std::uint8_t twist) { return static_cast<AlterationKind>(twist - 1); }

// In the form's bits.
std::int64_t damaged_number(std::int64_t bits, const ValueForm& form, AlterationKind how);
// In nanoseconds since 1970; `date`: of a column that holds whole days.
std::int64_t damaged_instant(std::int64_t unix_ns, bool date, AlterationKind how);
// A captured value of this form, printed as it was; nothing if it cannot be read as a value of the form.
std::optional<std::string> damaged_text(const std::string& text, const ValueForm& form, AlterationKind how);

}  // namespace rehearse
