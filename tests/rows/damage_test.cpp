// What damaged values read as, with expectations written down by hand.
#include "sim/rows/damage.h"

#include <boost/test/unit_test.hpp>

#include "sim/kernel/civil.h"
#include "sim/kernel/time.h"

namespace rehearse {
namespace {

constexpr ValueForm integers{.type = ValueType::integer};
constexpr ValueForm cents{.type = ValueType::decimal, .unit = 100};
constexpr ValueForm times{.type = ValueType::timestamp};
constexpr ValueForm truths{.type = ValueType::boolean};

std::string damaged(const std::string& text, const ValueForm& form, AlterationKind how) {
  return damaged_text(text, form, how).value_or("unreadable");
}

BOOST_AUTO_TEST_CASE(a_damaged_number_is_another_one) {
  BOOST_TEST(damaged_number(1234, cents, AlterationKind::shifted) == 1235);
  BOOST_TEST(damaged_number(1234, cents, AlterationKind::truncated) == 1200);
  BOOST_TEST(damaged_number(1234, cents, AlterationKind::garbled) == -1235);
  BOOST_TEST(damaged_number(7, integers, AlterationKind::truncated) == -8);
  for (const std::int64_t number : {-3, -1, 0, 1, 7})
    BOOST_TEST(damaged_number(number, integers, AlterationKind::garbled) != number);
}

BOOST_AUTO_TEST_CASE(a_damaged_captured_number_is_the_one_that_a_synthetic_number_becomes) {
  BOOST_TEST(damaged("111", integers, AlterationKind::shifted) == "112");
  BOOST_TEST(damaged("111", integers, AlterationKind::garbled) == "-112");
  BOOST_TEST(damaged("0", integers, AlterationKind::garbled) == "-1");
  BOOST_TEST(damaged("-1", integers, AlterationKind::garbled) == "0");
  BOOST_TEST(damaged("12.34", cents, AlterationKind::shifted) == "12.35");
  BOOST_TEST(damaged("9.99", cents, AlterationKind::shifted) == "10.00");
  BOOST_TEST(damaged("-0.01", cents, AlterationKind::shifted) == "0.00");
  BOOST_TEST(damaged("12.34", cents, AlterationKind::truncated) == "12");
  BOOST_TEST(damaged("12.34", cents, AlterationKind::garbled) == "-12.35");
  // A sum counts millionths, so a shift has to be one.
  BOOST_TEST(damaged("0.00000001", cents, AlterationKind::shifted) == "0.00000101");
  for (const char* no_number : {"NaN", "", "1e5", "1.2.3", "-"})
    BOOST_TEST(damaged(no_number, cents, AlterationKind::garbled) == "unreadable");
  BOOST_TEST(damaged("111", integers, AlterationKind::unavailable) == "unreadable");
}

BOOST_AUTO_TEST_CASE(a_damaged_time_is_another_one_and_keeps_its_form) {
  BOOST_TEST(damaged("2026-03-02 23:30:00.123+00", times, AlterationKind::shifted) == "2026-03-03 00:30:00.123+00");
  BOOST_TEST(damaged("2026-03-02T23:30:00Z", times, AlterationKind::shifted) == "2026-03-03T00:30:00Z");
  BOOST_TEST(damaged("2026-03-02 23:30:00.123+00", times, AlterationKind::truncated) == "2026-03-02 00:00:00+00");
  BOOST_TEST(damaged("2026-03-02 23:30:00", times, AlterationKind::garbled) == "2126-03-03 23:30:00");
  BOOST_TEST(damaged("2026-03-02", times, AlterationKind::shifted) == "2026-03-03");
  BOOST_TEST(damaged("soon", times, AlterationKind::shifted) == "unreadable");
  const std::int64_t at = parse_rfc3339("2026-03-02T23:30:00Z").value();
  BOOST_TEST(damaged_instant(at, false, AlterationKind::shifted) == at + hour.ns);
  BOOST_TEST(damaged_instant(at, true, AlterationKind::shifted) == at + day.ns);
}

BOOST_AUTO_TEST_CASE(a_damaged_truth_value_is_the_other_one_and_a_text_nobody_can_name) {
  BOOST_TEST(damaged("t", truths, AlterationKind::garbled) == "f");
  BOOST_TEST(damaged("false", truths, AlterationKind::shifted) == "true");
  BOOST_TEST(damaged("12", {.type = ValueType::text}, AlterationKind::garbled) == "unreadable");
}

}  // namespace
}  // namespace rehearse
