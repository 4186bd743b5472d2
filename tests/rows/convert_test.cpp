// Casting numbers, reading numbers and times out of texts, and what `normalised` forgives.
#include "sim/rows/convert.h"

#include <boost/test/unit_test.hpp>

namespace rehearse {
namespace {

constexpr ValueForm whole{.fixed = true};
constexpr ValueForm hundredths{.type = ValueType::decimal, .unit = 100, .fixed = true};
constexpr ValueForm tenths{.type = ValueType::decimal, .unit = 100, .step = 10, .fixed = true};

BOOST_AUTO_TEST_CASE(a_half_is_rounded_away_from_zero_to_the_even_neighbour_or_towards_zero) {
  struct Case {
    std::int64_t hundredths, half_up, half_even, down;
  };
  for (const Case& c : {Case{1250, 13, 12, 12}, Case{1350, 14, 14, 13}, Case{1249, 12, 12, 12}, Case{1251, 13, 13, 12},
                        Case{-1250, -13, -12, -12}, Case{-1251, -13, -13, -12}, Case{50, 1, 0, 0}, Case{0, 0, 0, 0}}) {
    BOOST_TEST(rescaled(c.hundredths, 100, whole, Rounding::half_up).value() == c.half_up, c.hundredths);
    BOOST_TEST(rescaled(c.hundredths, 100, whole, Rounding::half_even).value() == c.half_even, c.hundredths);
    BOOST_TEST(rescaled(c.hundredths, 100, whole, Rounding::down).value() == c.down, c.hundredths);
  }
}

BOOST_AUTO_TEST_CASE(a_decimal_of_fewer_places_keeps_its_unit_and_loses_digits) {
  BOOST_TEST(rescaled(1256, 100, tenths, Rounding::half_up).value() == 1260);
  BOOST_TEST(rescaled(1256, 100, tenths, Rounding::down).value() == 1250);
  BOOST_TEST(rescaled(12, 1, hundredths, Rounding::half_up).value() == 1200);
  BOOST_TEST(!rescaled(std::int64_t{1} << 60, 1, hundredths, Rounding::half_up));
  BOOST_TEST(number_text(1260, tenths) == "12.6");
  BOOST_TEST(number_text(-5, hundredths) == "-0.05");
  BOOST_TEST(number_text(7, whole) == "7");
}

BOOST_AUTO_TEST_CASE(plain_decimal_texts_are_numbers_and_nothing_else_is) {
  BOOST_TEST(number_of("12.345", hundredths, Rounding::half_up).value() == 1235);
  BOOST_TEST(number_of("12.5", whole, Rounding::half_even).value() == 12);
  BOOST_TEST(number_of("12.5000000000000001", whole, Rounding::half_even).value() == 13);
  BOOST_TEST(number_of("-0.999", whole, Rounding::down).value() == 0);
  BOOST_TEST(number_of("+007", whole, Rounding::half_up).value() == 7);
  for (const char* text : {"", "-", ".", "1e3", "NaN", "12,5", "0x10", "1 2", "9223372036854775808"})
    BOOST_TEST(!number_of(text, whole, Rounding::half_up), text);
}

BOOST_AUTO_TEST_CASE(times_are_read_with_an_offset_or_without) {
  constexpr std::int64_t second_ns = 1'000'000'000;
  BOOST_TEST(instant_of("1970-01-02").value() == 86'400 * second_ns);
  BOOST_TEST(instant_of("1970-01-01 00:00:01.5").value() == 3 * second_ns / 2);
  BOOST_TEST(instant_of("1970-01-01 02:00:01+02").value() == second_ns);
  BOOST_TEST(instant_of("1970-01-01T00:00:01Z").value() == second_ns);
  for (const char* text : {"", "infinity", "1970-13-01", "1970-01-01 25:00:00", "tomorrow"})
    BOOST_TEST(!instant_of(text), text);
}

BOOST_AUTO_TEST_CASE(normalised_forgives_blanks_case_and_how_numbers_and_times_are_written) {
  BOOST_TEST(normalised("  Paid\t", ValueType::text) == normalised("paid", ValueType::text));
  BOOST_TEST(normalised("p aid", ValueType::text) != normalised("paid", ValueType::text));
  BOOST_TEST(normalised("É", ValueType::text) != normalised("é", ValueType::text));  // letters beyond a to z stay
  BOOST_TEST(normalised("1.50", ValueType::decimal) == normalised("+01.5", ValueType::decimal));
  BOOST_TEST(normalised("-0.0", ValueType::decimal) == normalised("0", ValueType::decimal));
  BOOST_TEST(normalised("1.51", ValueType::decimal) != normalised("1.5", ValueType::decimal));
  BOOST_TEST(normalised("1.50", ValueType::text) != normalised("1.5", ValueType::text));
  BOOST_TEST(normalised("2026-03-02 08:00:00+00", ValueType::timestamp) ==
             normalised("2026-03-02 10:00:00.000+02", ValueType::timestamp));
}

BOOST_AUTO_TEST_CASE(exact_numbers_hold_eighteen_digits_on_either_side) {
  BOOST_TEST((exact_number("1.5").value() == static_cast<Signed128>(1'500'000'000'000'000'000)));
  BOOST_TEST(exact_number("999999999999999999.999999999999999999").has_value());
  BOOST_TEST(!exact_number("1000000000000000000"));
  BOOST_TEST(!exact_number("0.0000000000000000001"));
  BOOST_TEST(exact_number("1.50000000000000000000000").has_value());  // zeros behind are no digits
}

BOOST_AUTO_TEST_CASE(only_what_makes_sense_can_be_cast) {
  BOOST_TEST(castable(ValueType::decimal, ValueType::integer, false));
  BOOST_TEST(castable(ValueType::timestamp, ValueType::text, false));
  BOOST_TEST(!castable(ValueType::timestamp, ValueType::integer, true));
  BOOST_TEST(!castable(ValueType::text, ValueType::integer, false));
  BOOST_TEST(castable(ValueType::text, ValueType::integer, true));
}

}  // namespace
}  // namespace rehearse
