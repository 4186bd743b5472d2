// What a valid file becomes: the design's example, every polymorphic form, `extends:`, places, canonical text.
#include "scenarios/loader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/scenarios/example.h"

using namespace rehearse;
using namespace rehearse::testing;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;
constexpr std::int64_t day_ns = 24 * hour_ns;

const std::string data_folder = std::string(REHEARSE_SOURCE_DIR) + "/tests/scenarios/data";

LoadedScenario loaded(const LoadResult& result) {
  BOOST_TEST_REQUIRE(result.scenario.has_value(), to_text(result.diagnostics));
  return *result.scenario;
}

// Files of one test, gone afterwards.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("rehearse_loader_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_ / "below");
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

}  // namespace

// The word is about its flash sale: 40/s, twenty times over, into a sink of 1 / 2 ms.
BOOST_AUTO_TEST_CASE(the_designs_example_loads_with_one_word_about_its_burst) {
  const LoadResult result = load_scenario(data_folder + "/nightly-orders-to-stream.yaml");
  BOOST_TEST_REQUIRE(result.diagnostics.size() == 1U, to_text(result.diagnostics));
  BOOST_TEST(result.diagnostics[0].message ==
             "the sink writes at most 500/s, and up to 800/s for 2h in the burst `burst`, 19.2/s on average, come from "
             "`orders`, so it falls behind in the burst");
  const scenario::Scenario proto = loaded(result).proto;
  BOOST_TEST(proto.duration_ns() == 70 * day_ns);
  BOOST_TEST(proto.start_unix_ns() == 1'772'409'600'000'000'000);
  const scenario::Table& orders = proto.source().tables(0);
  BOOST_TEST(orders.name() == "orders");
  BOOST_TEST(orders.columns_size() == 7);
  BOOST_TEST(orders.columns(6).name() == "updated_at");  // order is kept
  BOOST_TEST(orders.workload().mix().delete_ppb() == 50'000'000);
  BOOST_TEST(orders.workload().transactions().a() == 3'000'000'000);
  const scenario::StreamPipeline& cdc = proto.pipelines(1).stream();
  BOOST_TEST(cdc.processor().service_time().kind() == values::Distribution::EXPONENTIAL);
  BOOST_TEST(cdc.sink().row_time_ns() == 2'000'000);
  const scenario::RowCount& counts = proto.checks(0).row_count();
  BOOST_TEST(counts.of().column() == "created_at");
  BOOST_TEST(counts.of().last_ns() == day_ns);
  BOOST_TEST(counts.comparison().runs().at(0).daily_ns() == 4 * hour_ns);
  BOOST_TEST(counts.tolerance().share_ppb() == 1'000'000);
  BOOST_TEST(proto.repair(0).at_most().count() == 1000);
  BOOST_TEST(proto.migration().phases(1).move().consumers(0) == "dashboard");
  BOOST_TEST(proto.migration().phases(2).move().has_rest());
  BOOST_TEST(proto.migration().phases(3).actions(0).pause() == "nightly");
  BOOST_TEST(proto.migration().rollback().steps(0).redirect_consumers_ns() == 30'000'000'000);
  BOOST_TEST(proto.world().faults(1).burst().schedule().at().phase() == "canary");
  BOOST_TEST(proto.world().faults(1).burst().schedule().at().plus_ns() == 2 * day_ns + 10 * hour_ns);
  BOOST_TEST(proto.world().faults(1).name() == "burst");
  BOOST_TEST(proto.expect().rollback().rto().at_most_ns() == 60'000'000'000);
  BOOST_TEST(proto.expect().decision() == scenario::ROLLED_BACK);
}

BOOST_AUTO_TEST_CASE(defaults_are_filled_in_below_sections_that_are_not_there) {
  const scenario::Scenario proto = loaded(load(base_scenario)).proto;
  BOOST_TEST(proto.seed() == 1);
  const scenario::StreamPipeline& cdc = proto.pipelines(2).stream();
  BOOST_TEST(cdc.connector().poll_every_ns() == 500'000'000);
  BOOST_TEST(cdc.topic().partitions() == 1);
  BOOST_TEST(cdc.processor().service_time().a() == 1'000'000);
  BOOST_TEST(cdc.sink().write() == scenario::Sink::UPSERT);
  BOOST_TEST(proto.pipelines(0).batch().extract().has_snapshot());
  BOOST_TEST(proto.source().tables(0).workload().mix().update_ppb() == 900'000'000);
  BOOST_TEST(proto.source().tables(0).workload().pick().updates().kind() == values::Distribution::UNIFORM);
  BOOST_TEST(proto.safety().look_ahead_ns() == day_ns);
  BOOST_TEST(!proto.source().tables(0).workload().has_calendar());
  BOOST_TEST(!proto.source().tables(1).has_workload());
  BOOST_TEST(!proto.world().faults(0).connector_restart().schedule().has_until());
}

BOOST_AUTO_TEST_CASE(a_value_may_be_written_in_each_of_its_forms) {
  const auto with = [](const std::string& from, const std::string& to) {
    return loaded(load(broken(base_scenario, from, to).text)).proto;
  };
  const auto incremental =
      with("cron: \"0 2 * * *\"",
           "cron: \"0 2 * * *\", load: merge, extract: {incremental: {cursor: updated_at, overlap: 5m}}");
  BOOST_TEST(incremental.pipelines(0).batch().extract().incremental().cursor() == "updated_at");
  const auto listed = with("cron: \"0 2 * * *\"", "at: [3d04h, \"02:00\"]");
  BOOST_TEST(listed.pipelines(0).batch().runs().at(0).after_ns() == 3 * day_ns + 4 * hour_ns);
  BOOST_TEST(listed.pipelines(0).batch().runs().at(1).daily_ns() == 2 * hour_ns);
  BOOST_TEST(with("move: [dashboard]", "move: dashboard").migration().phases(1).move().consumers(0) == "dashboard");
  const auto both = with("move: [dashboard]", "move: {consumers: [dashboard], rest: together}");
  BOOST_TEST(both.migration().phases(1).move().rest() == scenario::Move::TOGETHER);
  const auto acting = with("move: [dashboard]", "do: pause nightly").migration().phases(1);
  BOOST_TEST(acting.actions(0).pause() == "nightly");
  const auto mapped = with("move: [dashboard]", "do: [{pause: nightly}]").migration().phases(1);
  BOOST_TEST(mapped.actions(0).pause() == "nightly");
  const auto steps = with("{redirect_consumers: 30s}", "redirect_consumers 30s, resume nightly").migration();
  BOOST_TEST(steps.rollback().steps(0).redirect_consumers_ns() == 30'000'000'000);
  BOOST_TEST(steps.rollback().steps(1).resume() == "nightly");
  const auto null_word = with("{produces: orders, into: orders_streaming,",
                              "{sink: {on_unchanged: null}, produces: orders, into: orders_streaming,");
  BOOST_TEST(null_word.pipelines(2).stream().sink().on_unchanged() == scenario::Sink::SET_NULL);
  const auto aggregate = with("fields: {field_compare: {", "fields: {aggregate: {measures: [sum amount, {max: id}], ");
  BOOST_TEST(aggregate.checks(0).aggregate().measures(0).sum() == "amount");
  BOOST_TEST(aggregate.checks(0).aggregate().measures(1).max() == "id");
  const auto go =
      with("world:\n", "expect: {go_at: {full: 5d}, hits: {connector_restart: {at_least: 1}}}\nworld:\n").expect();
  BOOST_TEST(go.go_at(0).phase() == "full");
  BOOST_TEST(go.go_at(0).bounds().equals_ns() == 5 * day_ns);
  BOOST_TEST(go.hits(0).bounds().at_least() == 1);
}

BOOST_AUTO_TEST_CASE(faults_of_a_kind_get_numbers) {
  const auto two = broken(base_scenario, "    - connector_restart",
                          "    - connector_restart: {pipeline: cdc, at: 1d, down_for: 1m}\n    - connector_restart");
  const scenario::Scenario proto = loaded(load(two.text)).proto;
  BOOST_TEST(proto.world().faults(0).name() == "connector_restart");
  BOOST_TEST(proto.world().faults(1).name() == "connector_restart_2");
}

BOOST_AUTO_TEST_CASE(the_seed_may_be_overridden) {
  BOOST_TEST(load_scenario_text(base_scenario, "test.yaml", {7, {}}).scenario->proto.seed() == 7);
}

BOOST_AUTO_TEST_CASE(canonical_text_depends_on_meaning_and_on_nothing_else) {
  const std::string canonical = loaded(load(base_scenario)).canonical_text();
  const auto of = [](const std::string& from, const std::string& to) {
    return loaded(load(broken(base_scenario, from, to).text)).canonical_text();
  };
  BOOST_TEST(of("duration: 30d", "duration: 720h   # as long") == canonical);
  BOOST_TEST(of("name: base", "name: base\nseed: 1") == canonical);
  BOOST_TEST(of("[source, orders_streaming]", "[ \"source\", 'orders_streaming' ]") == canonical);
  BOOST_TEST(of("name: base", "name: base\nseed: 2") != canonical);
  BOOST_TEST(of("rows: 1k", "rows: 1001") != canonical);
  BOOST_TEST(of("rows: 1k", "rows: 1000") == canonical);
}

BOOST_AUTO_TEST_CASE(places_are_found_by_path) {
  const LoadedScenario scenario = loaded(load(base_scenario));
  BOOST_TEST(scenario.place("duration").line == 4);
  BOOST_TEST(scenario.place("duration").column == 11);
  BOOST_TEST(scenario.place("pipelines.cdc.stream.into").line == 27);
  BOOST_TEST(scenario.place("pipelines.cdc.stream.sink.row_time").line == 27);  // a default: the section above it
  BOOST_TEST(scenario.place("checks.fields.field_compare.between[1]").line == 32);
  BOOST_TEST(scenario.place("no.such.path").line == 0);
}

BOOST_AUTO_TEST_CASE(extends_merges_mappings_and_replaces_lists) {
  const Folder folder;
  folder.write("base.yaml", base_scenario);
  const std::string file = folder.write("below/over.yaml",
                                        "extends: ../base.yaml\n"
                                        "name: over\n"
                                        "pipelines:\n"
                                        "  nightly: {batch: {cron: null, every: 6h}}\n"
                                        "  cdc: {stream: {sink: {write: append}}}\n"
                                        "checks:\n"
                                        "  fields: {field_compare: {between: [orders_nightly, orders_streaming]}}\n"
                                        "world: null\n");
  const LoadedScenario scenario = loaded(load_scenario(file));
  BOOST_TEST(scenario.proto.name() == "over");
  BOOST_TEST(scenario.proto.duration_ns() == 30 * day_ns);
  BOOST_TEST(scenario.proto.pipelines_size() == 3);
  BOOST_TEST(scenario.proto.pipelines(0).batch().runs().every_ns() == 6 * hour_ns);
  BOOST_TEST(scenario.proto.pipelines(0).batch().runs().cron() == "");
  BOOST_TEST(scenario.proto.pipelines(2).stream().sink().write() == scenario::Sink::APPEND);
  BOOST_TEST(scenario.proto.checks(0).field_compare().comparison().between_size() == 2);
  BOOST_TEST(scenario.proto.checks(0).field_compare().comparison().between(0) == "orders_nightly");
  BOOST_TEST(scenario.proto.world().faults_size() == 0);
  BOOST_TEST(scenario.files.size() == 2U);
  BOOST_TEST(scenario.place("duration").file == scenario.files[1]);
  BOOST_TEST(scenario.place("name").file == file);
}

// A null that is written out takes away; a word called null and an empty value say something.
BOOST_AUTO_TEST_CASE(taking_away_what_is_not_there_is_no_mistake) {
  const Folder folder;
  folder.write("base.yaml", base_scenario);
  const LoadedScenario scenario =
      loaded(load_scenario(folder.write("over.yaml",
                                        "extends: base.yaml\n"
                                        "pipelines:\n"
                                        "  snapshot: null\n"
                                        "  cdc: {stream: {topic: null, sink: {on_unchanged: "
                                        "null, row_time: ~}}}\n"
                                        "datasets: {customers: {columns: {id: , email: }}}\n"
                                        "checks: {fields: {field_compare: {recheck: null}}}\n")));
  BOOST_TEST(scenario.proto.pipelines_size() == 3);
  const scenario::StreamPipeline& stream = scenario.proto.pipelines(2).stream();
  BOOST_TEST(stream.sink().on_unchanged() == scenario::Sink::SET_NULL);
  BOOST_TEST(stream.sink().row_time_ns() == 1'000'000);  // the default
  BOOST_TEST(scenario.proto.datasets(1).columns_size() == 2);
  BOOST_TEST(!scenario.proto.checks(0).field_compare().comparison().has_recheck());
}

BOOST_AUTO_TEST_CASE(a_field_that_does_not_exist_cannot_be_taken_away) {
  const Folder folder;
  folder.write("base.yaml", base_scenario);
  const LoadResult result = load_scenario(folder.write("over.yaml", "extends: base.yaml\nwordl: null\n"));
  BOOST_TEST_REQUIRE(result.diagnostics.size() == 1U, to_text(result.diagnostics));
  BOOST_TEST(result.diagnostics[0].nearest == "world");
}

BOOST_AUTO_TEST_CASE(a_named_pipe_is_not_waited_for) {
  const Folder folder;
  const std::string pipe = folder.write("text", "");
  fs::remove(pipe);
  BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const LoadResult result = load_scenario(folder.write("over.yaml", "extends: text\n"));
  BOOST_TEST_REQUIRE(result.diagnostics.size() == 1U, to_text(result.diagnostics));
  BOOST_TEST(result.diagnostics[0].message.find("is no regular file") != std::string::npos);
  BOOST_TEST(result.diagnostics[0].line == 1);
  BOOST_TEST(result.diagnostics[0].column == 10);
}

BOOST_AUTO_TEST_CASE(a_mistake_in_the_base_is_reported_in_the_base) {
  const Folder folder;
  const std::string base = folder.write("base.yaml", broken(base_scenario, "rows: 1k", "rows: 1z").text);
  const LoadResult result = load_scenario(folder.write("over.yaml", "extends: base.yaml\nduration: 3\n"));
  BOOST_TEST_REQUIRE(result.diagnostics.size() == 2U, to_text(result.diagnostics));
  BOOST_TEST(result.diagnostics[0].path == "duration");
  BOOST_TEST(result.diagnostics[0].line == 2);
  BOOST_TEST(result.diagnostics[1].file == base);
  BOOST_TEST(result.diagnostics[1].line == 8);
}

BOOST_AUTO_TEST_CASE(circles_and_chains_without_end_are_refused) {
  const Folder folder;
  folder.write("a.yaml", "extends: b.yaml\n");
  folder.write("b.yaml", "extends: ./below/../a.yaml\n");
  const LoadResult circle = load_scenario(folder.write("a.yaml", "extends: b.yaml\n"));
  BOOST_TEST_REQUIRE(circle.diagnostics.size() == 1U);
  BOOST_TEST(circle.diagnostics[0].message.find("in a circle") != std::string::npos);
  BOOST_TEST(fs::path(circle.diagnostics[0].file).filename().string() == "b.yaml");
  BOOST_TEST(circle.diagnostics[0].line == 1);
  BOOST_TEST(circle.diagnostics[0].column == 10);
  for (int i = 0; i < 20; ++i) {
    folder.write(std::to_string(i) + ".yaml", "extends: " + std::to_string(i + 1) + ".yaml\n");
  }
  const LoadResult chain = load_scenario(folder.write("first.yaml", "extends: 0.yaml\n"));
  BOOST_TEST_REQUIRE(chain.diagnostics.size() == 1U);
  BOOST_TEST(chain.diagnostics[0].message == "too many files extend one another");
  const LoadResult missing = load_scenario(folder.write("c.yaml", "name: c\nextends: nowhere.yaml\n"));
  BOOST_TEST_REQUIRE(missing.diagnostics.size() == 1U);
  BOOST_TEST(missing.diagnostics[0].line == 2);
  BOOST_TEST(missing.diagnostics[0].message.find("there is no file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_that_are_none_are_refused) {
  BOOST_TEST(load_scenario("/no/such/file.yaml").diagnostics.at(0).message == "there is no file `/no/such/file.yaml`");
  BOOST_TEST(load_scenario(data_folder).diagnostics.at(0).message.find("is a folder") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(captured_sources_load_and_name_their_files_from_where_they_are_written) {
  const Folder folder;
  folder.write("below/stream.jsonl", "");
  folder.write("below/initial.customers.csv", "id\n");
  const std::string text = R"yaml(format: 1
name: captured
duration: 1h
source:
  capture: {stream: stream.jsonl, initial: initial., tables: {customers: {key: [id]}, audit: {}}}
  ddl:
    - {at_lsn: "0/1000", table: customers, change: {add: {column: tier, type: public.customer_tier, volatile_default: true}}}
    - {at_lsn: "0/2000", table: audit, rename_table: audit_log}
datasets: {customers: {of: customers}}
pipelines:
  snapshot: {batch: {produces: customers, into: mid, at: 10s, freshness: 1d, extract: {visible: {xids: "25443:25677:25443,25674"}}}}
  cut: {batch: {produces: customers, into: cut_store, at: 10s, freshness: 1d, extract: {up_to_lsn: "0/124B1180"}}}
expect: {source_log_incomplete: {customers: 30}}
)yaml";
  const LoadedScenario scenario = loaded(load_scenario(folder.write("below/captured.yaml", text)));
  BOOST_TEST(scenario.proto.pipelines(0).batch().extract().visible().xids() == "25443:25677:25443,25674");
  BOOST_TEST(scenario.proto.pipelines(1).batch().extract().up_to_lsn() == 0x124B1180);
  BOOST_TEST(scenario.proto.source().ddl(0).change().add().type().text() == "public.customer_tier");
  BOOST_TEST(scenario.proto.source().ddl(1).rename_table() == "audit_log");
  BOOST_TEST(fs::is_regular_file(scenario.file_named_at("source.capture.stream")));
  BOOST_TEST(fs::is_regular_file(scenario.file_named_at("source.capture.initial") + "customers.csv"));
  BOOST_TEST(scenario.file_named_at("source.capture.final") == "");
}
