// Casting values, reading numbers and times out of texts, and when two values are the same.
//
// Numbers are exact throughout. What a cast cannot express, as the text `abc` as a number, is NULL. A damaged value
// stays damaged. Left out: exponents in texts to be cast, numbers beyond 64 bits of their column's unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/kernel/wide.h"
#include "sim/rows/value.h"

namespace rehearse {

// Whether values of one type can be cast to another; texts to numbers and times only where texts have characters.
bool castable(ValueType from, ValueType to, bool texts_have_characters);

// `bits` of one unit in another, as a whole multiple of `step`; nothing if it does not fit.
std::optional<std::int64_t> rescaled(std::int64_t bits, std::int64_t unit, const ValueForm& to, Rounding rounding);
// A plain decimal text, as "-12.50", in the form's bits.
std::optional<std::int64_t> number_of(std::string_view text, const ValueForm& form, Rounding rounding);
// "12.50" or "12": as many digits as the form's step has.
std::string number_text(std::int64_t bits, const ValueForm& form);

// A time as PostgreSQL prints it ("2026-03-02", "2026-03-02 01:35:10.36", with an offset or without), in nanoseconds
// since 1970.
std::optional<std::int64_t> instant_of(std::string_view text);

// The text without what `normalised` forgives for values of this type.
std::string normalised(std::string text, ValueType type);
inline Signed128 magnitude(Signed128 number) { return number < 0 ? -number : number; }
// A number in 10^-18, if it is one of at most 18 digits on either side of the point.
std::optional<Signed128> exact_number(std::string_view text);

}  // namespace rehearse
