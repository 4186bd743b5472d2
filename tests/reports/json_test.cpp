// result.json: reads back as the same result, keeps the schema's names, and says times twice.
#include "reports/json.h"

#include <google/protobuf/util/message_differencer.h>

#include <boost/test/unit_test.hpp>

#include "reports/format.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

bool same(const result::Result& a, const result::Result& b, std::string& difference) {
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  differencer.ReportDifferencesToString(&difference);
  return differencer.Compare(a, b);
}

void check_round_trip(const result::Result& original) {
  result::Result back;
  const std::string problem = parse_json(render_json(original), back);
  BOOST_TEST(problem == "");
  std::string difference;
  BOOST_TEST(same(original, back, difference), difference);
}

void check_no_twin_shadows_a_field(const google::protobuf::Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    if (field.name().ends_with("_ns")) {
      const std::string twin = field.name().substr(0, field.name().size() - 3);
      BOOST_TEST(message.FindFieldByName(twin) == nullptr, message.full_name()
                                                               << " has both " << field.name() << " and " << twin);
    }
    if (field.message_type() != nullptr) check_no_twin_shadows_a_field(*field.message_type());
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(json_reads_back_as_the_same_result_missing_samples_included) { check_round_trip(fixture::rich()); }

BOOST_AUTO_TEST_CASE(json_of_an_empty_result_reads_back) { check_round_trip(fixture::empty()); }

BOOST_AUTO_TEST_CASE(json_of_hostile_text_reads_back_with_broken_utf8_replaced) {
  const result::Result hostile = fixture::hostile();
  result::Result back;
  BOOST_TEST(parse_json(render_json(hostile), back) == "");
  std::string difference;
  BOOST_TEST(same(with_valid_utf8(hostile), back, difference), difference);
}

BOOST_AUTO_TEST_CASE(json_says_instants_and_durations_readably_beside_the_nanoseconds) {
  const std::string json = render_json(fixture::rich());
  BOOST_TEST(json.find("\"fired_at\": \"2026-03-09T11:12:00Z\",\n") != std::string::npos);
  BOOST_TEST(json.find("\"rto\": \"1m 34s\",\n") != std::string::npos);
  BOOST_TEST(json.find("\"start_epoch\": \"2026-03-02T00:00:00Z\",\n") != std::string::npos);
  BOOST_TEST(json.find("\"at\": \"2026-03-02T00:00:00Z\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_text_that_looks_like_a_time_gets_no_twin) {
  result::Result result;
  result.add_reasons("\"x_at_ns\": \"123\",");
  result.set_about("at_ns\": \"5\"");
  const std::string json = render_json(result);
  BOOST_TEST(json.find("\"x_at\": ") == std::string::npos);
  check_round_trip(result);
}

BOOST_AUTO_TEST_CASE(json_keeps_the_samples_of_a_series_on_one_line) {
  const std::string json = render_json(fixture::rich());
  BOOST_TEST(std::count(json.begin(), json.end(), '\n') < 5000);
}

BOOST_AUTO_TEST_CASE(no_readable_twin_has_the_name_of_a_field) {
  check_no_twin_shadows_a_field(*result::Result::descriptor());
}

BOOST_AUTO_TEST_CASE(json_that_is_not_json_is_refused_with_a_reason) {
  result::Result result;
  BOOST_TEST(parse_json("{\"seed\": ", result) != "");
}

}  // namespace rehearse::reports
