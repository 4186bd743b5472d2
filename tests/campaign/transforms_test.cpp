// Datasets with columns of their own, from the scenario file to the result.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/campaign/emit.h"
#include "harness/campaign/run.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

constexpr const char* base = R"yaml(
format: 1
name: transforms
start: 2026-03-02T00:00:00Z
duration: 12h
source:
  tables:
    orders:
      rows: 200
      columns:
        id: {type: bigint, key: true}
        amount: {type: "decimal(12,2)"}
        tax: {type: "decimal(12,2)"}
        note: {type: text, distinct: 4, nullable: true, nulls: 30%}
        placed_at: {type: timestamptz}
        internal: {type: text}
      workload: {peak_rate: 0.1/s, mix: {insert: 10%, update: 80%, delete: 10%}}
datasets:
  orders:
    of: orders
    columns:
      order_id: id
      total: {from: amount, cast: bigint}
      tax:
      note: {default: none}
      placed_on: {from: placed_at, cast: date}
    #equality
pipelines:
  nightly: {batch: {produces: orders, into: old, every: 3h, freshness: 4h #mapping of the batch
    }}
  cdc: {stream: {produces: orders, into: new, freshness: 60s #mapping of the stream
    }}
checks:
  fields: {field_compare: {between: [source, new], every: 1h}}
  hashes: {keyed_hash: {between: [source, old], every: 1h, offset: 7m}}
  sums: {checksum: {between: [source, new], every: 1h, offset: 9m}}
)yaml";

result::Result run(std::initializer_list<std::pair<std::string, std::string>> changes) {
  std::string text = base;
  for (const auto& [mark, by] : changes) text.replace(text.find(mark), mark.size(), by);
  const Loaded loaded = from_text(text);
  RehearsalOptions options;
  options.paranoid = true;
  return rehearse(loaded.scenario, loaded.inputs, options);
}

BOOST_AUTO_TEST_CASE(right_pipelines_agree_with_the_source_in_every_column_of_the_dataset) {
  const result::Result r = run({});
  for (const result::Store& s : r.stores()) BOOST_TEST(s.divergent_intervals() == 0U, s.name());
  for (const result::Check& c : r.checks()) BOOST_TEST(c.claims() == 0U, c.name());
}

BOOST_AUTO_TEST_CASE(a_wrong_mapping_is_found_and_named_and_without_it_the_scenario_is_clean) {
  for (const auto& [mapping, cause] : std::initializer_list<std::pair<std::string, std::string>>{
           {"total: {from: amount, cast: bigint, round: down}", "cdc.mapping.total"},
           {"total: tax", "cdc.mapping.total"},
           {"tax: {cast: bigint}", "cdc.mapping.tax"},
           {"note: {}", "cdc.mapping.note"},
           {"note: {default: missing}", "cdc.mapping.note"},
           {"note: internal", "cdc.mapping.note"}}) {
    const result::Result r = run({{"#mapping of the stream", ", mapping: {" + mapping + "}"}});
    BOOST_TEST(store(r, "new").divergent_intervals() > 0U, mapping);
    BOOST_TEST(store(r, "old").divergent_intervals() == 0U, mapping);
    BOOST_TEST((causes(store(r, "new")) == std::set<std::string>{cause}), mapping);
    for (const char* name : {"fields", "sums"}) {
      BOOST_TEST(check(r, name).right() > 0U, mapping << " " << name);
      BOOST_TEST(check(r, name).false_alarms() == 0U, mapping << " " << name);
    }
    BOOST_TEST(check(r, "hashes").claims() == 0U, mapping);
  }
}

BOOST_AUTO_TEST_CASE(a_batch_job_s_mapping_is_found_in_its_store_alone) {
  const result::Result r = run({{"#mapping of the batch", ", mapping: {total: tax, tax: amount}"}});
  BOOST_TEST(store(r, "new").divergent_intervals() == 0U);
  BOOST_TEST((causes(store(r, "old")) == std::set<std::string>{"nightly.mapping.total + nightly.mapping.tax"}));
  BOOST_TEST(check(r, "hashes").right() > 0U);
  BOOST_TEST(check(r, "hashes").false_alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(checks_and_truth_forgive_what_the_contract_forgives_and_no_more) {
  const std::string mapping = ", mapping: {total: {from: amount, cast: bigint, round: down}}";
  for (const char* tolerance : {"1", "100%"}) {
    const result::Result within =
        run({{"#mapping of the stream", mapping},
             {"#equality", "equality: {total: {tolerance: " + std::string(tolerance) + "}}"}});
    BOOST_TEST(store(within, "new").divergent_intervals() == 0U);
    for (const result::Check& c : within.checks()) BOOST_TEST(c.claims() == 0U, c.name());
  }
  const result::Result beyond =
      run({{"#mapping of the stream", mapping}, {"#equality", "equality: {total: {tolerance: 0.9}}"}});
  BOOST_TEST(store(beyond, "new").divergent_intervals() > 0U);
  BOOST_TEST(check(beyond, "fields").right() > 0U);
  BOOST_TEST(check(beyond, "sums").claims() == 0U);  // a hash knows no tolerance, and leaves the column out
}

// One instant more than an hour later: a damaged time lies within two hours of the right one.
BOOST_AUTO_TEST_CASE(a_tolerance_of_times_is_a_duration) {
  for (const auto& [tolerance, divergent] : {std::pair{"2h", false}, {"59m", true}}) {
    std::string text = base;
    const auto put = [&](const std::string& mark, const std::string& by) {
      text.replace(text.find(mark), mark.size(), by);
    };
    put("placed_on: {from: placed_at, cast: date}", "placed_at:");
    put("#equality", std::string("equality: {placed_at: {tolerance: ") + tolerance + "}}");
    text +=
        "world: {faults: [{field_corruption: {pipeline: cdc, column: placed_at, at: 2h, for: 2h, share: 50%, how: "
        "shift}}]}\n";
    const Loaded loaded = from_text(text);
    BOOST_TEST((store(rehearse(loaded.scenario, loaded.inputs), "new").divergent_intervals() > 0U) == divergent,
               tolerance);
  }
}

BOOST_AUTO_TEST_CASE(what_a_right_pipeline_makes_of_the_tables_is_emitted) {
  const Loaded loaded = from_text(base);
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "rehearse_transforms_test";
  std::filesystem::create_directories(folder);
  EmitOptions options;
  const Emitted emitted = emit(loaded.scenario, loaded.inputs, folder, options);
  BOOST_REQUIRE(!emitted.problem);
  std::ifstream expected(folder / "expected.orders.csv"), final(folder / "final.orders.csv");
  std::string line, source;
  BOOST_REQUIRE(std::getline(expected, line) && std::getline(final, source));
  BOOST_TEST(line == "order_id,total,tax,note,placed_on");
  BOOST_TEST(source == "id,amount,tax,note,placed_at,internal");
  const auto cells = [](const std::string& text) {
    std::vector<std::string> all;
    std::stringstream in(text);
    for (std::string cell; std::getline(in, cell, ',');) all.push_back(cell);
    return all;
  };
  int rows = 0;
  for (; std::getline(expected, line) && std::getline(final, source); ++rows) {
    const auto have = cells(line), from = cells(source);
    BOOST_REQUIRE(have.size() == 5U && from.size() == 6U);
    BOOST_TEST(have[0] == from[0]);
    BOOST_TEST(std::stol(have[1]) == std::stol(from[1]) + (from[1][from[1].size() - 2] >= '5' ? 1 : 0));
    BOOST_TEST(have[2] == from[2]);
    BOOST_TEST(have[3] == (from[3].empty() ? "none" : from[3]));
    BOOST_TEST(have[4] == from[4].substr(0, 10));
  }
  BOOST_TEST(rows > 100);
  std::filesystem::remove_all(folder);
}

// SQL finds the dataset's columns in the store and the source's own beside them.
BOOST_AUTO_TEST_CASE(sql_sees_the_datasets_columns_on_one_side_and_the_sources_on_the_other) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "rehearse_transforms_test.sql";
  std::ofstream(file) << "SELECT t.order_id, 'mismatch' AS class, 'total' AS columns FROM source.orders s "
                         "JOIN new.orders t ON t.order_id = s.id "
                         "WHERE t.total <> ROUND(s.amount) OR t.placed_on <> substr(s.placed_at, 1, 10) "
                         "OR t.note <> coalesce(s.note, 'none')";
  const std::string sql =
      "  own: {sql: {file: " + file.string() + ", between: [source, new], align: position, every: 1h}}\n";
  for (const bool wrong : {false, true}) {
    std::string text = base + sql;
    const std::string mark = "#mapping of the stream";
    if (wrong)
      text.replace(text.find(mark), mark.size(), ", mapping: {total: {from: amount, cast: bigint, round: down}}");
    const Loaded loaded = from_text(text);
    const result::Result r = rehearse(loaded.scenario, loaded.inputs);
    BOOST_TEST((check(r, "own").right() > 0U) == wrong);
    BOOST_TEST(check(r, "own").false_alarms() == 0U);
    if (wrong) BOOST_TEST(check(r, "own").claims() == check(r, "fields").claims());
  }
  std::filesystem::remove(file);
}

// The orders of a real capture, whose values are texts.
result::Result run_captured(const std::string& mapping, const std::string& equality) {
  const Loaded loaded = from_text("extends: " + std::string(REHEARSE_SOURCE_DIR) + R"yaml(/scenarios/pgbench.yaml
name: captured_transforms
consumers: null
expect: null
datasets:
  orders:
    columns:
      id: order_id
      total: {from: amount, cast: bigint}
      placed_on: {from: created_at, cast: date}
      changed: updated_at
      state: {from: status, default: none}
      pieces: {from: qty, cast: "decimal(6,1)"}
    equality: {)yaml" + equality + R"yaml(}
pipelines: {cdc: {stream: {mapping: {)yaml" +
                                  mapping + R"yaml(}}}}
checks:
  cursor: null
  sums: {checksum: {between: [source, bench_streaming], datasets: [orders], every: 4s, scan_rate: 10M/s}}
)yaml");
  return rehearse(loaded.scenario, loaded.inputs);
}

BOOST_AUTO_TEST_CASE(captured_texts_are_cast_and_a_wrong_mapping_of_them_is_found) {
  const result::Result right = run_captured("", "");
  BOOST_TEST(store(right, "bench_streaming").divergent_intervals() == 0U);
  BOOST_TEST(store(right, "bench_batch").divergent_intervals() == 0U);
  for (const result::Check& c : right.checks()) BOOST_TEST(c.claims() == 0U, c.name());
  for (const auto& [mapping, column] : std::initializer_list<std::pair<std::string, std::string>>{
           {"total: {from: amount, cast: bigint, round: down}", "total"},
           {"placed_on: updated_at", ""},  // every order was placed and changed on one day
           {"state: note", "state"},
           {"pieces: {from: amount}", "pieces"},
           {"changed: created_at", "changed"}}) {
    const result::Result wrong = run_captured(mapping, "");
    BOOST_TEST((store(wrong, "bench_streaming").divergent_intervals() > 0U) == !column.empty(), mapping);
    BOOST_TEST(store(wrong, "bench_batch").divergent_intervals() == 0U, mapping);
    if (column.empty()) continue;
    BOOST_TEST((causes(store(wrong, "bench_streaming")) == std::set<std::string>{"cdc.mapping." + column}), mapping);
    BOOST_TEST(check(wrong, "hashes").right() > 0U, mapping);
    BOOST_TEST(check(wrong, "hashes").false_alarms() == 0U, mapping);
    BOOST_TEST(check(wrong, "sums").right() > 0U, mapping);
  }
  BOOST_TEST(store(run_captured("total: {from: amount, cast: bigint, round: down}", "total: {tolerance: 1}"),
                   "bench_streaming")
                 .divergent_intervals() == 0U);
}

BOOST_AUTO_TEST_CASE(a_column_that_a_capture_does_not_have_is_refused_with_its_place) {
  LoadResult loaded = load_scenario_text("extends: " + std::string(REHEARSE_SOURCE_DIR) + R"yaml(/scenarios/pgbench.yaml
datasets:
  orders:
    columns: {order_id: , total: {from: amuont, cast: bigint}}
pipelines: {cdc: {stream: {mapping: {totl: status}}}}
)yaml",
                                         "test.yaml");
  BOOST_REQUIRE(loaded.scenario);
  std::vector<Diagnostic> diagnostics;
  BOOST_TEST(!load_inputs(*loaded.scenario, diagnostics));
  BOOST_REQUIRE(!diagnostics.empty());
  BOOST_TEST(diagnostics[0].path == "datasets.orders.columns.total.from");
  BOOST_TEST(diagnostics[0].line == 4);
  BOOST_TEST(diagnostics[0].nearest == "amount");
  BOOST_TEST(diagnostics.back().path == "pipelines.cdc.stream.mapping.totl");
  BOOST_TEST(diagnostics.back().line == 5);
  BOOST_TEST(diagnostics.back().nearest == "total");
}

BOOST_AUTO_TEST_CASE(the_shipped_defect_holds_its_expectations_and_is_clean_without_its_mapping) {
  Loaded loaded = shipped("defects/wrong_mapping.yaml");
  const result::Result wrong = rehearse(loaded.scenario, loaded.inputs);
  for (const auto& reason : wrong.reasons()) BOOST_TEST_MESSAGE(reason);
  BOOST_TEST(wrong.verdict() == result::Result::pass);
  loaded.scenario.proto.mutable_pipelines(1)->mutable_stream()->clear_mapping();
  const result::Result right = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(right.verdict() != result::Result::pass);
  BOOST_TEST(store(right, "orders_streaming").divergent_intervals() == 0U);
  for (const result::Check& c : right.checks()) BOOST_TEST(c.claims() == 0U, c.name());
}

}  // namespace
}  // namespace rehearse
