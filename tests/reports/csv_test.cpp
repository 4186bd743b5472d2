// metrics.csv: a rectangle by RFC 4180, one row an instant.
#include "reports/csv.h"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <vector>

#include "reports/format.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// A reader written from the RFC, apart from the writer.
Rows read(const std::string& csv) {
  Rows rows;
  std::vector<std::string> row;
  std::string cell;
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted) {
      if (c == '"' && i + 1 < csv.size() && csv[i + 1] == '"') cell += '"', ++i;
      else if (c == '"') quoted = false;
      else cell += c;
    } else if (c == '"') {
      BOOST_REQUIRE(cell.empty());
      quoted = true;
    } else if (c == ',') {
      row.push_back(cell), cell.clear();
    } else if (c == '\r') {
      BOOST_REQUIRE(csv[++i] == '\n');
      row.push_back(cell), cell.clear();
      rows.push_back(row), row.clear();
    } else {
      BOOST_REQUIRE(c != '\n');
      cell += c;
    }
  }
  BOOST_REQUIRE(row.empty() && cell.empty());
  return rows;
}

void add(result::Result& result, const char* name, std::vector<std::pair<std::int64_t, double>> samples) {
  result::Series& series = *result.add_series();
  series.set_name(name);
  for (const auto& [at, value] : samples) series.add_times_ns(at), series.add_values(value);
}

}  // namespace

BOOST_AUTO_TEST_CASE(csv_is_a_rectangle_with_one_column_a_series) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), fixture::hostile()}) {
    const Rows rows = read(render_csv(result));
    BOOST_REQUIRE(!rows.empty());
    for (const auto& row : rows) BOOST_REQUIRE(row.size() == static_cast<std::size_t>(2 + result.series_size()));
  }
}

BOOST_AUTO_TEST_CASE(series_of_different_instants_are_merged_in_time_order) {
  result::Result result;
  add(result, "a", {{0, 1.5}, {2'000'000'000, std::numeric_limits<double>::quiet_NaN()}});
  add(result, "b", {{1'000'000'000, 1e-7}, {2'000'000'000, 3}});
  const Rows rows = read(render_csv(result));
  const Rows wanted = {{"at_ns", "at", "a", "b"},
                       {"0", "1970-01-01T00:00:00Z", "1.5", ""},
                       {"1000000000", "1970-01-01T00:00:01Z", "", "1e-07"},
                       {"2000000000", "1970-01-01T00:00:02Z", "NaN", "3"}};
  BOOST_TEST((rows == wanted));
}

BOOST_AUTO_TEST_CASE(means_have_their_least_and_greatest_values_beside_them) {
  result::Result result;
  add(result, "a", {{0, 2}, {2'000'000'000, 4}});
  add(result, "b", {{1'000'000'000, 7}});
  for (const double least : {1, 3}) result.mutable_series(0)->add_least(least);
  for (const double greatest : {5, 6}) result.mutable_series(0)->add_greatest(greatest);
  const Rows wanted = {{"at_ns", "at", "a", "a least", "a greatest", "b"},
                       {"0", "1970-01-01T00:00:00Z", "2", "1", "5", ""},
                       {"1000000000", "1970-01-01T00:00:01Z", "", "", "", "7"},
                       {"2000000000", "1970-01-01T00:00:02Z", "4", "3", "6", ""}};
  BOOST_TEST((read(render_csv(result)) == wanted));
}

BOOST_AUTO_TEST_CASE(every_sample_of_every_series_is_there) {
  const result::Result rich = fixture::rich();
  std::size_t wanted = 0, found = 0;
  for (const result::Series& series : rich.series()) wanted += static_cast<std::size_t>(series.values_size());
  const Rows rows = read(render_csv(rich));
  for (std::size_t r = 1; r < rows.size(); ++r)
    for (std::size_t c = 2; c < rows[r].size(); ++c) found += !rows[r][c].empty();
  BOOST_TEST(found == wanted);
}

BOOST_AUTO_TEST_CASE(headings_are_unique_and_name_store_check_and_unit) {
  const Rows rows = read(render_csv(fixture::rich()));
  BOOST_TEST(rows[0][2] == "divergent rows [orders_streaming] (rows)");
  const Rows twice = read(render_csv(fixture::hostile()));
  BOOST_TEST(twice[0][2] != twice[0][3]);
}

BOOST_AUTO_TEST_CASE(a_heading_is_no_formula_to_a_spreadsheet) {
  result::Result result;
  add(result, "=HYPERLINK(\"x\")", {});
  BOOST_TEST(read(render_csv(result))[0][2] == "'=HYPERLINK(\"x\")");
}

}  // namespace rehearse::reports
