#include "harness/jobs/grid.h"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>

#include "harness/program/program.h"

using namespace rehearse;

namespace {

// A scenario in a folder of its own.
class Written {
 public:
  explicit Written(const std::string& vary) {
    std::ofstream(file()) << R"(
format: 1
name: grid
start: 2026-03-02T00:00:00Z
duration: 1h
source: {tables: {orders: {rows: 10, columns: {id: {type: bigint, key: true}}, workload: {peak_rate: 1/s, mix: {insert: 100%}}}}}
datasets: {orders: {of: orders}}
pipelines: {cdc: {stream: {produces: orders, into: copy, freshness: 1m}}}
world: {faults: [{name: first, connector_restart: {pipeline: cdc, at: 10m, down_for: 1m}}]}
)" << vary;
  }
  std::string file() const { return folder_.path() + "/scenario.yaml"; }

 private:
  ScratchFolder folder_;
};

std::vector<GridPoint> points(const std::string& vary) {
  const Written written(vary);
  std::vector<Diagnostic> diagnostics;
  auto grid = load_grid(written.file(), diagnostics);
  BOOST_REQUIRE_MESSAGE(grid, to_text(diagnostics));
  return std::move(*grid);
}

std::string refused(const std::string& vary) {
  const Written written(vary);
  std::vector<Diagnostic> diagnostics;
  BOOST_TEST(!load_grid(written.file(), diagnostics));
  return to_text(diagnostics);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(grid)

BOOST_AUTO_TEST_CASE(without_values_there_is_one_point_as_the_file_says) {
  const auto all = points("");
  BOOST_REQUIRE_EQUAL(all.size(), 1U);
  BOOST_TEST(all[0].values.empty());
}

BOOST_AUTO_TEST_CASE(all_combinations_are_there_the_last_varies_fastest_and_each_is_another_scenario) {
  const auto all = points(
      "vary: {pipelines.cdc.stream.sink.writers: [1, 2], source.tables.orders.workload.peak_rate: {from: 1/s, to: 3/s, "
      "steps: 3}}");
  BOOST_REQUIRE_EQUAL(all.size(), 6U);
  std::set<std::string> digests;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const scenario::Scenario& s = all[i].scenario.proto;
    BOOST_TEST(s.pipelines(0).stream().sink().writers() == static_cast<std::int64_t>(1 + i / 3));
    BOOST_TEST(s.source().tables(0).workload().peak_rate_nano() ==
               static_cast<std::int64_t>(1 + i % 3) * 1'000'000'000);
    BOOST_TEST(all[i].values[1].second == std::to_string(1 + i % 3) + "/s");
    digests.insert(all[i].digest);
  }
  BOOST_TEST(digests.size() == 6U);
}

BOOST_AUTO_TEST_CASE(a_point_that_says_what_the_file_says_is_known_by_the_same_digest) {
  BOOST_TEST(points("vary: {\"world.faults[0].connector_restart.down_for\": [60s, 2m]}")[0].digest ==
             points("")[0].digest);
}

BOOST_AUTO_TEST_CASE(paths_lead_into_lists_and_names_and_add_what_is_not_written) {
  const auto all =
      points("vary: {\"world.faults[0].connector_restart.down_for\": [2m], datasets.orders.new_columns: [follow]}");
  BOOST_TEST(all[0].scenario.proto.world().faults(0).connector_restart().down_for_ns() == 120'000'000'000);
  BOOST_TEST(all[0].scenario.proto.datasets(0).new_columns() == scenario::Dataset::FOLLOW);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_varied_is_said_where_it_stands) {
  const auto says = [](const std::string& vary, const std::string& words) {
    const std::string said = refused(vary);
    BOOST_TEST(said.find(words) != std::string::npos, vary << "\n" << said);
    BOOST_TEST(said.find("scenario.yaml:10:") != std::string::npos, vary << "\n" << said);
  };
  says("vary: {pipelines.cdc.stream.sink.writters: [2]}", "writers");
  says("vary: {pipelines.cdc.stream.sink.writers: [many]}", "many");
  says("vary: {\"world.faults[3].connector_restart.down_for\": [2m]}", "has 1 items");
  says("vary: {pipelines.cdc: [2m]}", "is no single value");
  says("vary: {name.of: [2m]}", "is no mapping");
  says("vary: {pipelines.cdc.stream.sink.writers: {from: 1, to: 3/s, steps: 2}}", "in one unit");
  says("vary: {pipelines.cdc.stream.sink.writers: {from: 1, to: 3}}", "steps");
  says("vary: {pipelines.cdc.stream.sink.writers: {from: 1, to: 1001, steps: 1000}, duration: [1h, 2h]}",
       "at most 1000");
}

BOOST_AUTO_TEST_SUITE_END()
