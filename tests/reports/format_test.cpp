// How numbers, durations, instants and user text are said.
#include "reports/format.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "tests/reports/fixture.h"

namespace rehearse::reports {

BOOST_AUTO_TEST_CASE(durations_name_the_two_greatest_units_and_are_rounded_to_them) {
  BOOST_TEST(show_duration(0) == "0s");
  BOOST_TEST(show_duration(1) == "1ns");
  BOOST_TEST(show_duration(230'000'000) == "230ms");
  BOOST_TEST(show_duration(59'940'000'000) == "59.9s");
  BOOST_TEST(show_duration(59'990'000'000) == "1m");
  BOOST_TEST(show_duration(9'996'000'000) == "10s");
  BOOST_TEST(show_duration(93'500'000'000) == "1m 34s");
  BOOST_TEST(show_duration(93'499'999'999) == "1m 33s");
  BOOST_TEST(show_duration(94'000'000'000) == "1m 34s");
  BOOST_TEST(show_duration(3'600'000'000'000) == "1h");
  BOOST_TEST(show_duration(86'399'999'999'999) == "1d");
  BOOST_TEST(show_duration(86'369'999'999'999) == "23h 59m");
  BOOST_TEST(show_duration(171'000'000'000'000) == "2d");  // 1d 23h 30m
  BOOST_TEST(show_duration(273'600'000'000'000) == "3d 4h");
  BOOST_TEST(show_duration(-90'000'000'000) == "−1m 30s");
  BOOST_TEST(!show_duration(std::numeric_limits<std::int64_t>::min()).empty());
}

BOOST_AUTO_TEST_CASE(almost_everything_is_not_shown_as_everything_and_almost_nothing_not_as_nothing) {
  BOOST_TEST(show_percent(1.0) == "100%");
  BOOST_TEST(show_percent(0.999999) == ">99.99%");
  BOOST_TEST(show_percent(0.0) == "0%");
  BOOST_TEST(show_percent(0.001) == "0.1%");
  BOOST_TEST(show_percent(0.0481) == "4.81%");
  BOOST_TEST(show_percent(0.000021) == "0.0021%");
  BOOST_TEST(show_percent(1e-12) == "<0.000001%");
  BOOST_TEST(show_percent(1.5) == "150%");
}

BOOST_AUTO_TEST_CASE(values_are_said_in_their_unit_and_a_missing_one_is_no_data) {
  BOOST_TEST(show_value(0.005, "ratio") == "0.5%");
  BOOST_TEST(show_value(90, "seconds") == "1m 30s");
  BOOST_TEST(show_value(1234567, "rows") == "1,234,567 rows");
  BOOST_TEST(show_value(-3, "") == "−3");
  BOOST_TEST(show_value(std::nan(""), "ratio") == "no data");
  BOOST_TEST(show_value(std::numeric_limits<double>::infinity(), "seconds") == "∞");
  BOOST_TEST(show_value(1e300, "seconds").ends_with(" s"));
}

BOOST_AUTO_TEST_CASE(a_ratio_over_nothing_is_not_applicable) {
  result::Ratio ratio;
  BOOST_TEST(show_ratio(ratio) == "n/a");
  ratio.set_denominator(1644);
  ratio.set_numerator(79);
  BOOST_TEST(show_ratio(ratio) == "4.81% (79 of 1,644)");
}

BOOST_AUTO_TEST_CASE(instants_are_on_the_calendar_of_the_start) {
  const result::Result rich = fixture::rich();
  BOOST_TEST(iso_instant(rich, 0) == "2026-03-02T00:00:00Z");
  BOOST_TEST(iso_instant(rich, 273'600'500'000'000) == "2026-03-05T04:00:00.5Z");
  BOOST_TEST(show_instant(rich, 273'600'000'000'000) == "Thu 5 Mar 04:00 (3d 4h)");
  BOOST_TEST(iso_epoch(-1'000'000'000) == "1969-12-31T23:59:59Z");
  result::Result brief = rich;
  brief.set_duration_ns(5'000'000'000);
  BOOST_TEST(show_calendar(brief, 1'250'000'000) == "Mon 2 Mar 00:00:01.250");
}

BOOST_AUTO_TEST_CASE(broken_utf8_becomes_replacement_characters_byte_by_byte) {
  BOOST_TEST(valid_utf8("caf\xc3\xa9 ⇄ 🙂") == "café ⇄ 🙂");
  BOOST_TEST(valid_utf8("\xff\xfe") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  BOOST_TEST(valid_utf8("\xc0\xaf") == "\xEF\xBF\xBD\xEF\xBF\xBD");              // overlong
  BOOST_TEST(valid_utf8("\xed\xa0\x80").find('\xed') == std::string::npos);      // a surrogate
  BOOST_TEST(valid_utf8("\xf4\x90\x80\x80").find('\xf4') == std::string::npos);  // beyond U+10FFFF
  BOOST_TEST(valid_utf8("\xe2\x82") == "\xEF\xBF\xBD\xEF\xBF\xBD");              // cut short
}

BOOST_AUTO_TEST_CASE(printable_text_holds_no_control_characters_and_nothing_that_turns_it_round) {
  BOOST_TEST(printable("a\tb\nc") == "a\tb\nc");
  BOOST_TEST(printable("\x1b[31m") == "\xEF\xBF\xBD[31m");
  BOOST_TEST(printable("\xc2\x85") == "\xEF\xBF\xBD");      // a control character of the second block
  BOOST_TEST(printable("\xe2\x80\xae") == "\xEF\xBF\xBD");  // right-to-left override
  BOOST_TEST(printable("\xef\xbf\xbe") == "\xEF\xBF\xBD");  // no XML parser takes U+FFFE
}

BOOST_AUTO_TEST_CASE(text_is_shortened_by_code_points_and_not_by_bytes) {
  BOOST_TEST(shortened("ééééé", 5) == "ééééé");
  BOOST_TEST(shortened("éééééé", 5) == "éééé…");
  BOOST_TEST(columns("⇄é…") == 3u);
}

BOOST_AUTO_TEST_CASE(a_json_string_cannot_end_the_script_it_stands_in) {
  BOOST_TEST(json_string("</script>&\"\\\n") == "\"\\u003c/script\\u003e\\u0026\\\"\\\\\\u000a\"");
}

}  // namespace rehearse::reports
