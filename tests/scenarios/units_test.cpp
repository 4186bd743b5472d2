// Every unit form of the scenario format, and what is refused.
#include "scenarios/units.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "scenarios/value_text.h"

using namespace rehearse;
using values::ColumnType;
using values::Distribution;

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t hour_ns = 3600 * second_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;

using Parser = Parsed<std::int64_t> (*)(std::string_view);

void expect_value(Parser parse, const char* text, std::int64_t value) {
  const auto parsed = parse(text);
  BOOST_TEST_REQUIRE(parsed.value.has_value(), text << ": " << parsed.error);
  BOOST_TEST(*parsed.value == value, text);
}

void expect_error(Parser parse, const char* text, const std::string& part, const std::string& nearest = {}) {
  const auto parsed = parse(text);
  BOOST_TEST(!parsed.value.has_value(), text);
  BOOST_TEST(parsed.error.find(part) != std::string::npos, text << " gives: " << parsed.error);
  BOOST_TEST(parsed.nearest == nearest, text << " suggests: " << parsed.nearest);
}

Distribution distribution(const char* text, Drawn drawn) {
  const auto parsed = parse_distribution(text, drawn);
  BOOST_TEST_REQUIRE(parsed.value.has_value(), text << ": " << parsed.error);
  return *parsed.value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(durations_are_exact_nanoseconds) {
  expect_value(parse_duration, "30s", 30 * second_ns);
  expect_value(parse_duration, "3d04h", 3 * day_ns + 4 * hour_ns);
  expect_value(parse_duration, "2d10h", 2 * day_ns + 10 * hour_ns);
  expect_value(parse_duration, "1w2d3h4m5s6ms7us8ns",
               9 * day_ns + 3 * hour_ns + 4 * 60 * second_ns + 5 * second_ns + 6'007'008);
  expect_value(parse_duration, "1.5h", hour_ns + hour_ns / 2);
  expect_value(parse_duration, "0.000000001s", 1);
  expect_value(parse_duration, "500µs", 500'000);
  expect_value(parse_duration, "0", 0);
  expect_value(parse_duration, "0s", 0);
  expect_value(parse_duration, "106751d", 106751 * day_ns);
}

BOOST_AUTO_TEST_CASE(wrong_durations_say_what_is_wrong) {
  expect_error(parse_duration, "30", "no unit");
  expect_error(parse_duration, "", "does not begin with a number");
  expect_error(parse_duration, "s", "does not begin with a number");
  expect_error(parse_duration, "-3s", "does not begin with a number");
  expect_error(parse_duration, "5 minutes", "no unit of time");
  expect_error(parse_duration, "5minutes", "no unit of time", "5m");
  expect_error(parse_duration, "10sec", "no unit of time", "10s");
  expect_error(parse_duration, "4h3d", "from large to small");
  expect_error(parse_duration, "1h1h", "from large to small");
  expect_error(parse_duration, "0.1ns", "finer than a nanosecond");
  expect_error(parse_duration, "106752d", "too large");
  expect_error(parse_duration, "99999999999999999999999999s", "too large");
  expect_error(parse_duration, "9999999999999999999999999999999999999999999999s", "number");
  expect_error(parse_duration, "1e3s", "no unit of time");
  expect_error(parse_duration, "50/s", "no unit of time");
}

BOOST_AUTO_TEST_CASE(counts_have_decimal_suffixes) {
  expect_value(parse_count, "12", 12);
  expect_value(parse_count, "10k", 10'000);
  expect_value(parse_count, "1.5M", 1'500'000);
  expect_value(parse_count, "2G", 2'000'000'000);
  expect_value(parse_count, "-3", -3);
  expect_value(parse_count, "9223372036854775807", INT64_MAX);
  expect_value(parse_count, "1.000", 1);
  expect_error(parse_count, "9223372036854775808", "too large");
  expect_error(parse_count, "1.5", "not a whole number");
  expect_error(parse_count, "10K", "no unit of a count", "10k");
  expect_error(parse_count, "1m", "no unit of a count", "1M");
  expect_error(parse_count, "ten", "does not begin with a number");
  expect_error(parse_count, "0x10", "no unit of a count");
}

BOOST_AUTO_TEST_CASE(rates_are_events_in_a_billion_seconds) {
  expect_value(parse_rate, "50/s", 50'000'000'000);
  expect_value(parse_rate, "40k/s", 40'000'000'000'000);
  expect_value(parse_rate, "0.5/s", 500'000'000);
  expect_value(parse_rate, "60/m", 1'000'000'000);
  expect_value(parse_rate, "1/30d", 385);  // the one rounding, downwards
  expect_value(parse_rate, "0/s", 0);
  expect_error(parse_rate, "50", "per what time", "50/s");
  expect_error(parse_rate, "50/", "no time");
  expect_error(parse_rate, "50/sec", "no time", "50/s");
  expect_error(parse_rate, "50/0s", "divides by zero");
  expect_error(parse_rate, "10G/s", "too large");
  expect_error(parse_rate, "0.000000001/100d", "too small");
}

BOOST_AUTO_TEST_CASE(shares_need_a_percent_sign) {
  expect_value(parse_share, "0.1%", 1'000'000);
  expect_value(parse_share, "5%", 50'000'000);
  expect_value(parse_share, "100%", 1'000'000'000);
  expect_value(parse_share, "0.0000001%", 1);
  expect_value(parse_share, "0", 0);
  expect_error(parse_share, "0.05", "has no %: it may mean `0.05%` or `5%`", "");
  expect_error(parse_share, "1", "it may mean `1%` or `100%`", "");
  expect_error(parse_share, "5", "has no %", "5%");
  expect_error(parse_share, "0.00000001%", "finer than");
  expect_error(parse_share, "5 %", "no share");
}

BOOST_AUTO_TEST_CASE(sizes_times_and_decimals) {
  expect_value(parse_bytes, "64MiB", 64LL << 20);
  expect_value(parse_bytes, "10kB", 10'000);
  expect_value(parse_bytes, "512", 512);
  expect_error(parse_bytes, "64mib", "no unit of size", "64MiB");
  expect_value(parse_time_of_day, "04:00", 4 * hour_ns);
  expect_value(parse_time_of_day, "18:30:15", 18 * hour_ns + 1815 * second_ns);
  expect_error(parse_time_of_day, "24:00", "no time of day");
  expect_error(parse_time_of_day, "4:00", "no time of day");
  expect_value(parse_decimal, "0.9", 900'000'000);
  expect_value(parse_decimal, "-20", -20'000'000'000);
  expect_error(parse_decimal, "1e3", "not a number");
  expect_error(parse_decimal, "0.0000000001", "more than 9 decimals");
}

BOOST_AUTO_TEST_CASE(formatting_is_read_back) {
  for (const std::int64_t ns : {0LL, 1LL, 999LL, 90'000'000'000LL, 3 * 86'400'000'000'000LL + 1}) {
    expect_value(parse_duration, format_duration(ns).c_str(), ns);
  }
  for (const std::int64_t count : {0LL, 7LL, 1'500LL, 2'000'000LL})
    expect_value(parse_count, format_count(count).c_str(), count);
  for (const std::int64_t ppb : {0LL, 1LL, 1'000'000LL, 1'000'000'000LL}) {
    expect_value(parse_share, format_share(ppb).c_str(), ppb);
    expect_value(parse_decimal, format_decimal(ppb).c_str(), ppb);
    expect_value(parse_rate, format_rate(ppb).c_str(), ppb);
  }
  BOOST_TEST(format_duration(3 * day_ns + 4 * hour_ns) == "3d4h");
}

BOOST_AUTO_TEST_CASE(distributions_of_durations) {
  BOOST_TEST(distribution("2ms", Drawn::duration).a() == 2'000'000);
  const Distribution exponential = distribution("exponential(2ms)", Drawn::duration);
  BOOST_TEST(exponential.kind() == Distribution::EXPONENTIAL);
  BOOST_TEST(exponential.a() == 2'000'000);
  BOOST_TEST(distribution("exponential( mean = 2ms )", Drawn::duration).a() == 2'000'000);
  const Distribution uniform = distribution("uniform(1ms, 3ms)", Drawn::duration);
  BOOST_TEST(uniform.a() == 1'000'000);
  BOOST_TEST(uniform.b() == 3'000'000);
  const Distribution normal = distribution("normal(sd=1ms, mean=5ms)", Drawn::duration);
  BOOST_TEST(normal.a() == 5'000'000);
  BOOST_TEST(normal.b() == 1'000'000);
  const Distribution lognormal = distribution("lognormal(median=2ms, sigma=0.8)", Drawn::duration);
  BOOST_TEST(lognormal.shape_ppb() == 800'000'000);
  const Distribution empirical = distribution("empirical(1ms: 90%, 50ms: 10%)", Drawn::duration);
  BOOST_TEST_REQUIRE(empirical.points_size() == 2);
  BOOST_TEST(empirical.points(1).value() == 50'000'000);
  BOOST_TEST(empirical.points(1).share_ppb() == 100'000'000);
}

BOOST_AUTO_TEST_CASE(distributions_of_counts_and_picks) {
  const Distribution geometric = distribution("geometric(mean=3)", Drawn::count);
  BOOST_TEST(geometric.kind() == Distribution::GEOMETRIC);
  BOOST_TEST(geometric.a() == 3'000'000'000);
  BOOST_TEST(distribution("geometric(2.5)", Drawn::count).a() == 2'500'000'000);
  BOOST_TEST(distribution("1k", Drawn::count).a() == 1'000'000'000'000);
  BOOST_TEST(distribution("uniform", Drawn::pick).kind() == Distribution::UNIFORM);
  BOOST_TEST(distribution("zipf(0.9)", Drawn::pick).shape_ppb() == 900'000'000);
}

BOOST_AUTO_TEST_CASE(wrong_distributions_say_what_is_wrong) {
  const auto error = [](const char* text, Drawn drawn) {
    const auto parsed = parse_distribution(text, drawn);
    BOOST_TEST(!parsed.value.has_value(), text);
    return parsed.error + "|" + parsed.nearest;
  };
  BOOST_TEST(error("exponental(2ms)", Drawn::duration) == "`exponental` is no distribution|exponential");
  BOOST_TEST(error("zipf(0.9)", Drawn::duration) == "`zipf` is not for this|");
  BOOST_TEST(error("exponential(2)", Drawn::duration) == "`2` has no unit|");
  BOOST_TEST(error("exponential()", Drawn::duration) == "`exponential` takes 1 parameter, not 0|");
  BOOST_TEST(error("normal(1ms, mean=2ms)", Drawn::duration) == "`normal` gets `mean` twice|");
  BOOST_TEST(error("normal(m=1ms, sd=2ms)", Drawn::duration) == "`normal` has no parameter `m`|");
  BOOST_TEST(error("uniform(3ms, 1ms)", Drawn::duration) == "`uniform` ends before it begins|");
  BOOST_TEST(error("exponential(2ms", Drawn::duration) == "`exponential(2ms` does not end with )|");
  BOOST_TEST(error("empirical(1ms: 90%)", Drawn::duration) == "the shares add up to 90%, not 100%|");
  BOOST_TEST(error("empirical(1ms)", Drawn::duration) == "`1ms` is not `value: share`|");
  BOOST_TEST(error("geometric(0.5)", Drawn::count) == "`geometric` starts at 1, so its mean is 1 or more|");
  BOOST_TEST(error("zipf(5)", Drawn::pick) == "the exponent of `zipf` lies between 0 and 4|");
  BOOST_TEST(error("", Drawn::pick) == "`` is no distribution|");
}

BOOST_AUTO_TEST_CASE(column_types_are_postgresqls) {
  const auto type = [](const char* text) {
    const auto parsed = parse_column_type(text, UnknownType::error);
    BOOST_TEST_REQUIRE(parsed.value.has_value(), text << ": " << parsed.error);
    return *parsed.value;
  };
  BOOST_TEST(type("bigint").base() == ColumnType::BIGINT);
  BOOST_TEST(type("decimal(12,2)").precision() == 12);
  BOOST_TEST(type("numeric(12, 2)").scale() == 2);
  BOOST_TEST(type("timestamp with time zone").base() == ColumnType::TIMESTAMPTZ);
  BOOST_TEST(type("character varying(20)").length() == 20);
  BOOST_TEST(type("char").length() == 1);
  BOOST_TEST(parse_column_type("bigit", UnknownType::error).nearest == "bigint");
  BOOST_TEST(!parse_column_type("decimal(2,3)", UnknownType::error));
  BOOST_TEST(!parse_column_type("text(3)", UnknownType::error));
  BOOST_TEST(!parse_column_type("varchar(0)", UnknownType::error));
  const auto other = parse_column_type("public.customer_tier", UnknownType::other);
  BOOST_TEST_REQUIRE(other.value.has_value());
  BOOST_TEST(other.value->base() == ColumnType::OTHER);
  BOOST_TEST(other.value->text() == "public.customer_tier");
}
