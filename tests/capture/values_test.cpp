// Values as the source's database prints them, worked out from its own rules and from what Debezium documents.
#include "sim/capture/printed_values.h"
#include "tests/capture/stream_lines.h"

namespace rehearse::test {
namespace {

constexpr auto pg = SourceDatabase::postgresql;
constexpr auto my = SourceDatabase::mysql;

// The text that the column's value has after a row with a schema around it; NULL as "NULL".
std::string imported(const std::string& field, const std::string& value, const std::string& connector = "postgresql") {
  const std::string line = fmt::format(
      R"({{"schema":{{"fields":[{{"field":"after","fields":[{{"type":"int32","field":"id"}},{{{},"field":"v"}}]}}]}},"payload":{{"before":null,"after":{{"id":1,"v":{}}},"op":"c","source":{{"ts_ms":1,"connector":"{}","db":"d","schema":"public","table":"t","txId":1,"lsn":1}}}}}})"
      "\n",
      field, value, connector);
  const CapturedStream stream = load(line, keyed("public"));
  return cells_of(stream, stream.changes[0].image)[1];
}
std::string named(const std::string& type, const std::string& name, const std::string& rest = "") {
  return fmt::format(R"("type":"{}","name":"{}"{})", type, name, rest);
}

}  // namespace

BOOST_AUTO_TEST_CASE(dates_of_every_year_and_the_infinities) {
  const std::string date = named("int32", "io.debezium.time.Date");
  BOOST_TEST(imported(date, "19782") == "2024-02-29");
  BOOST_TEST(imported(date, "2932896") == "9999-12-31");
  BOOST_TEST(imported(date, "-354285") == "1000-01-01");
  BOOST_TEST(imported(date, "-719162") == "0001-01-01");
  BOOST_TEST(imported(date, "-719163") == "0001-12-31 BC");  // the day before the year 1
  BOOST_TEST(imported(date, "2147483647") == "infinity");
  BOOST_TEST(imported(date, "-2147483648") == "-infinity");
  BOOST_TEST(imported(date, "2932897") == "10000-01-01");
  BOOST_TEST(imported(named("int32", "org.apache.kafka.connect.data.Date"), "2932896") == "9999-12-31");
}

BOOST_AUTO_TEST_CASE(timestamps_of_every_year_and_precision) {
  const std::string micro = named("int64", "io.debezium.time.MicroTimestamp");
  BOOST_TEST(imported(micro, "253402300799999999") == "9999-12-31 23:59:59.999999");
  BOOST_TEST(imported(micro, "-1") == "1969-12-31 23:59:59.999999");
  BOOST_TEST(imported(micro, "-62135596800000000") == "0001-01-01 00:00:00");
  BOOST_TEST(imported(micro, "-62135596800000001") == "0001-12-31 23:59:59.999999 BC");
  BOOST_TEST(imported(micro, "9223372036825200000") == "infinity");
  BOOST_TEST(imported(micro, "-9223372036832400000") == "-infinity");
  const std::string milli = named("int64", "io.debezium.time.Timestamp");
  BOOST_TEST(imported(milli, "1709199000500") == "2024-02-29 09:30:00.5");
  BOOST_TEST(imported(milli, "253402300799000") == "9999-12-31 23:59:59");
  BOOST_TEST(imported(milli, "9223372036825200") == "infinity");
  BOOST_TEST(imported(named("int64", "io.debezium.time.NanoTimestamp"), "1709199000500000001") ==
             "2024-02-29 09:30:00.500000001");
}

BOOST_AUTO_TEST_CASE(instants_with_a_zone_are_printed_at_utc_by_postgresql_and_bare_by_mysql) {
  const std::string zoned = named("string", "io.debezium.time.ZonedTimestamp");
  BOOST_TEST(imported(zoned, "\"2023-11-30T12:34:57Z\"") == "2023-11-30 12:34:57+00");
  BOOST_TEST(imported(zoned, "\"2023-11-30T12:34:57.120000Z\"") == "2023-11-30 12:34:57.12+00");
  BOOST_TEST(imported(zoned, "\"9999-12-31T23:59:59Z\"") == "9999-12-31 23:59:59+00");
  BOOST_TEST(imported(zoned, "\"-0043-03-15T00:00:00Z\"") == "0044-03-15 00:00:00+00 BC");
  BOOST_TEST(imported(zoned, "\"+294247-01-10T04:00:25.200Z\"") == "infinity");
  BOOST_TEST(imported(zoned, "\"294247-01-10T04:00:25.200Z\"") == "infinity");
  BOOST_TEST(imported(zoned, "\"-290308-12-21T19:59:27.600Z\"") == "-infinity");
  BOOST_TEST(imported(zoned, "\"2023-11-30T12:34:57Z\"", "mysql") == "2023-11-30 12:34:57");
  BOOST_TEST(imported(named("string", "io.debezium.time.ZonedTime"), "\"04:05:11.789Z\"") == "04:05:11.789+00");
}

BOOST_AUTO_TEST_CASE(iso_texts_are_printed_as_the_database_prints_them) {
  BOOST_TEST(imported(named("string", "io.debezium.time.IsoDate"), "\"2024-03-10Z\"") == "2024-03-10");
  BOOST_TEST(imported(named("string", "io.debezium.time.IsoDate"), "\"2024-03-10\"") == "2024-03-10");
  BOOST_TEST(imported(named("string", "io.debezium.time.IsoTimestamp"), "\"2024-03-10T09:30:00.123456Z\"") ==
             "2024-03-10 09:30:00.123456");
  BOOST_TEST(imported(named("string", "io.debezium.time.IsoTimestamp"), "\"2024-03-10T09:30Z\"") ==
             "2024-03-10 09:30:00");
  BOOST_TEST(imported(named("string", "io.debezium.time.IsoTime"), "\"09:30:00.500000Z\"") == "09:30:00.5");
  BOOST_TEST(imported(named("string", "io.debezium.time.IsoDate"), "\"no date\"") == "no date");  // as it is
}

BOOST_AUTO_TEST_CASE(times_of_day_and_mysqls_beyond_a_day_and_below_zero) {
  const std::string micro = named("int64", "io.debezium.time.MicroTime");
  BOOST_TEST(imported(micro, "45296000000") == "12:34:56");
  BOOST_TEST(imported(micro, "86400000000") == "24:00:00");
  BOOST_TEST(imported(micro, "-45296000000") == "-45296000000");  // no time of PostgreSQL's
  BOOST_TEST(imported(micro, "-45296000000", "mysql") == "-12:34:56");
  BOOST_TEST(imported(micro, "-3020399000000", "mysql") == "-838:59:59");
  BOOST_TEST(imported(micro, "3020399000000", "mysql") == "838:59:59");
  BOOST_TEST(imported(micro, "-500000", "mysql") == "-00:00:00.5");
}

BOOST_AUTO_TEST_CASE(numbers_in_floating_point_have_one_text_each) {
  const auto twice = [](const std::string& text) { return *printed_float(text, "double precision", pg); };
  BOOST_TEST(twice("1.0") == "1");
  BOOST_TEST(twice("1.0E10") == "10000000000");
  BOOST_TEST(twice("0.1") == "0.1");
  BOOST_TEST(twice("-1.5E-4") == "-0.00015");
  BOOST_TEST(twice("1.0E-5") == "1e-05");
  BOOST_TEST(twice("1E14") == "100000000000000");
  BOOST_TEST(twice("1E15") == "1e+15");
  BOOST_TEST(twice("1.7976931348623157E308") == "1.7976931348623157e+308");
  BOOST_TEST(twice("0.30000000000000004") == "0.30000000000000004");
  BOOST_TEST(twice("0") == "0");
  BOOST_TEST(*printed_float("9.899999618530273", "real", pg) == "9.9");
  BOOST_TEST(*printed_float("1000000.0", "real", pg) == "1e+06");
  BOOST_TEST(*printed_float("1.0E15", "double", my) == "1e15");
  BOOST_TEST(*printed_float("1.0E-7", "double", my) == "0.0000001");
  BOOST_TEST(*printed_float("9.899999618530273", "float", my) == "9.9");
  BOOST_TEST(*printed_float("9.9", "float(7,2)", my) == "9.90");
  BOOST_TEST(*printed_float("9.9", "float unsigned", my) == "9.9");
  for (const char* text : {"NaN", "Infinity", "", "1,5", "0x1p3", "abc"})
    BOOST_TEST(!printed_float(text, "double precision", pg), text);
  for (const char* type : {"numeric(5,2)", "text", "date", "decimal", "", "datetime"})
    BOOST_TEST(!printed_float("1.0", type, pg), type);
}

BOOST_AUTO_TEST_CASE(a_row_without_a_key_is_found_though_its_float_is_told_in_two_ways) {
  const std::string types = R"({"v":"float","w":"int"})";
  const auto line = [&](int id, const std::string& type, const std::string& data, const std::string& old) {
    std::string text = canal(id, 1772413200000 + id, type, data, old, types);
    return text.replace(text.find(R"("pkNames":["id"])"), 16, R"("pkNames":null)");
  };
  const CapturedStream stream = load(line(1, "INSERT", R"([{"v":"9.9","w":"1"}])", "null") +
                                     line(2, "UPDATE", R"([{"v":"9.5","w":"1"}])", R"([{"v":"9.899999618530273"}])"));
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"9.5", "1"}}));
  BOOST_TEST(counted(stream, EvidenceKind::update_of_unknown_row) == 0U);
}

BOOST_AUTO_TEST_CASE(bits_come_with_the_lowest_first) {
  const std::string bits = named("bytes", "io.debezium.data.Bits", R"(,"parameters":{"length":"16"})");
  BOOST_TEST(imported(bits, "\"AgE=\"") == "0000000100000010");  // 0x0102
  BOOST_TEST(imported(bits, "\"AgE=\"", "mysql") == "258");
  BOOST_TEST(imported(named("bytes", "io.debezium.data.Bits", R"(,"parameters":{"length":"3"})"), "\"BQ==\"") == "101");
  BOOST_TEST(imported("\"type\":\"boolean\"", "true") == "t");
  BOOST_TEST(imported("\"type\":\"boolean\"", "true", "mysql") == "1");
  BOOST_TEST(imported("\"type\":\"boolean\"", "false", "mysql") == "0");
}

BOOST_AUTO_TEST_CASE(arrays_are_quoted_as_postgresql_quotes_them) {
  const std::string texts = R"("type":"array","items":{"type":"string"})";
  BOOST_TEST(imported(texts, R"(["x","y z",null])") == R"({x,"y z",NULL})");
  BOOST_TEST(imported(texts, R"(["","null","a\"b\\c","{"])") == R"({"","null","a\"b\\c","{"})");
  BOOST_TEST(imported(texts, "[]") == "{}");
  BOOST_TEST(imported(R"("type":"array","items":{"type":"boolean"})", "[true,false]") == "{t,f}");
  BOOST_TEST(imported(R"("type":"array","items":{"type":"array","items":{"type":"int32"}})", "[[1,2],[3,4]]") ==
             "{{1,2},{3,4}}");
  BOOST_TEST(imported(R"("type":"array","items":{"type":"int32","name":"io.debezium.time.Date"})", "[2932896]") ==
             "{9999-12-31}");
}

BOOST_AUTO_TEST_CASE(intervals_are_printed_in_postgresqls_words) {
  const std::string micro = named("int64", "io.debezium.time.MicroDuration");
  BOOST_TEST(imported(micro, "93784000000") == "1 day 02:03:04");
  BOOST_TEST(imported(micro, "0") == "00:00:00");
  BOOST_TEST(imported(micro, "-500000") == "-00:00:00.5");
  BOOST_TEST(imported(micro, "2629800000000") == "1 mon");          // a twelfth of 365.25 days
  BOOST_TEST(imported(micro, "34187400000000") == "1 year 1 mon");  // thirteen of them
  const std::string iso = named("string", "io.debezium.time.Interval");
  BOOST_TEST(imported(iso, "\"P1Y2M3DT4H5M6.789S\"") == "1 year 2 mons 3 days 04:05:06.789");
  BOOST_TEST(imported(iso, "\"P0Y0M0DT0H0M0S\"") == "00:00:00");
  BOOST_TEST(imported(iso, "\"P-1Y0M-2DT0H0M-6S\"") == "-1 years -2 days -00:00:06");
}

BOOST_AUTO_TEST_CASE(decimals_sent_as_numbers_get_the_zeros_of_their_scale) {
  const std::string decimal = named("bytes", "org.apache.kafka.connect.data.Decimal", R"(,"parameters":{"scale":"2"})");
  BOOST_TEST(imported(decimal, "12.5") == "12.50");
  BOOST_TEST(imported(decimal, "12") == "12.00");
  BOOST_TEST(imported(decimal, "-0.07") == "-0.07");
  BOOST_TEST(imported(decimal, "123456789012345678901234567890.12") == "123456789012345678901234567890.12");
  BOOST_TEST(imported(named("bytes", "org.apache.kafka.connect.data.Decimal", R"(,"parameters":{"scale":"0"})"),
                      "12") == "12");
}

BOOST_AUTO_TEST_CASE(the_second_witness_is_held_against_values_and_not_their_notation) {
  BOOST_TEST(same_printed("1e+15", "1000000000000000", "double precision", pg));
  BOOST_TEST(!same_printed("1.1", "1.2", "double precision", pg));
  BOOST_TEST(!same_printed("1.0", "1", "text", pg));
  // MySQL prints as many digits of a fraction as the column has.
  BOOST_TEST(same_printed("2024-03-10 09:30:00.5", "2024-03-10 09:30:00.500000", "datetime(6)", my));
  BOOST_TEST(same_printed("2024-03-10 09:30:00", "2024-03-10 09:30:00.000", "timestamp without time zone", my));
  BOOST_TEST(!same_printed("2024-03-10 09:30:00.5", "2024-03-10 09:30:00.51", "datetime(6)", my));
}

}  // namespace rehearse::test
