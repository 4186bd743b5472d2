// Datasets with rows of their own, from the scenario file to the result.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "harness/campaign/row_story.h"
#include "scenarios/dataset_rows.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

constexpr const char* base = R"yaml(
format: 1
name: rows
start: 2026-03-02T00:00:00Z
duration: 12h
source:
  tables:
    customers:
      rows: 20
      columns: {id: {type: bigint, key: true}, segment: {type: text, distinct: 4}, name: {type: text}}
      workload: {peak_rate: 0.01/s, mix: {insert: 20%, update: 60%, delete: 20%}}
    orders:
      rows: 300
      columns:
        id: {type: bigint, key: true}
        status: {type: text, distinct: 5}
        amount: {type: "decimal(12,2)"}
        note: {type: text, distinct: 4, nullable: true, nulls: 30%}
        lines: {type: integer, distinct: 5}
        customer_id: {type: bigint, distinct: 30}
        created_at: {type: timestamptz, role: created_at}
      workload: {peak_rate: 0.1/s, mix: {insert: 10%, update: 80%, delete: 10%}}
datasets:
  open: {of: orders, where: {status: [status_0, status_1], amount: {at_least: 1000, below: 9000}, note: {present: true}}}
  lines:
    of: orders
    each: {count: lines, up_to: 4, numbered: line_no}
    columns: {order_id: id, line_no: , total: {from: amount, cast: bigint}}
  joined:
    of: orders
    where: {amount: {below: 8000}}
    look_up: {in: customers, by: customer_id, columns: {segment: , customer: name}}
  log: {of: orders, kind: change_log, columns: [position, operation, id, amount]}
  totals:
    of: orders
    kind: aggregate
    where: {amount: {below: 9000}}
    aggregate: {by: status, window: {of: created_at, every: 90d, named: quarter}, measures: {orders: , revenue: amount}}
  cuts: {of: orders, kind: snapshot, where: {lines: {at_least: 2}}, snapshot: {every: 2h, offset: 30m, named: at}}
pipelines:
  nightly: {batch: {produces: [open, lines, joined, totals, cuts], into: old, every: 3h, freshness: 4h #rows of the batch
    }}
  cdc: {stream: {produces: [open, lines, joined, log, totals, cuts], into: new, freshness: 60s #rows of the stream
    }}
checks:
  fields: {field_compare: {between: [source, new], every: 1h}}
  keys: {key_coverage: {between: [source, new], every: 1h, offset: 5m}}
  hashes: {keyed_hash: {between: [source, old], every: 1h, offset: 7m}}
  sums: {checksum: {between: [source, new], every: 1h, offset: 9m}}
  counts: {row_count: {between: [source, new], every: 1h, offset: 11m}}
  totals: {aggregate: {between: [source, new], datasets: [lines], measures: [sum total], every: 1h, offset: 13m}}
)yaml";

Loaded changed(const std::string& mark, const std::string& by) {
  std::string text = base;
  if (!mark.empty()) text.replace(text.find(mark), mark.size(), by);
  return from_text(text);
}

result::Result run(const std::string& mark, const std::string& by) {
  const Loaded loaded = changed(mark, by);
  RehearsalOptions options;
  options.paranoid = true;
  return rehearse(loaded.scenario, loaded.inputs, options);
}

BOOST_AUTO_TEST_CASE(right_pipelines_have_the_rows_of_the_datasets_and_no_others) {
  const result::Result r = run("", "");
  for (const result::Store& s : r.stores()) {
    BOOST_TEST(s.divergent_intervals() == 0U, s.name());
    BOOST_TEST(s.rows() > 300U, s.name());
  }
  for (const result::Check& c : r.checks()) {
    BOOST_TEST(c.claims() == 0U, c.name());
    BOOST_TEST(c.rows_compared() > 1000U, c.name());
  }
}

BOOST_AUTO_TEST_CASE(a_pipeline_that_chooses_other_rows_is_found_and_named) {
  for (const auto& [rows, dataset] : std::initializer_list<std::pair<std::string, std::string>>{
           {"open: {leavers: kept}", "open"},
           {"open: {unfiltered: true}", "open"},
           {"open: {where: {status: [status_0]}}", "open"},
           {"open: {where: {status: {not_in: [status_0, status_1]}}}", "open"},
           {"lines: {up_to: 1}", "lines"},
           {"lines: {leavers: kept}", "lines"},
           {"lines: {where: {note: {present: false}}}", "lines"},
           {"joined: {look_ups: frozen}", "joined"},
           {"totals: {retractions: forgotten}", "totals"},
           {"totals: {where: {amount: {below: 5000}}}", "totals"},
           {"totals: {closes_after: 0s}", "totals"},
           {"cuts: {unfiltered: true}", "cuts"},
           {"cuts: {where: {lines: {at_least: 3}}}", "cuts"},
           {"joined: {unfiltered: true}", "joined"},
           {"joined: {where: {amount: {below: 9000}}, look_ups: frozen, leavers: kept}", "joined"}}) {
    const result::Result r = run("#rows of the stream", ", rows: {" + rows + "}");
    BOOST_TEST(store(r, "new").divergent_intervals() > 0U, rows);
    BOOST_TEST(store(r, "old").divergent_intervals() == 0U, rows);
    BOOST_TEST((causes(store(r, "new")) == std::set<std::string>{"cdc.rows." + dataset}), rows);
    const bool same_keys = rows == "joined: {look_ups: frozen}";
    for (const char* name : {"fields", "keys", "sums", "counts"}) {
      const bool of_keys = name == std::string("keys") || name == std::string("counts");
      if (!of_keys || dataset != "totals")  // a group that is empty at one side alone may or may not come about
        BOOST_TEST((check(r, name).right() > 0U) == (!of_keys || !same_keys), rows << " " << name);
      BOOST_TEST(check(r, name).false_alarms() == 0U, rows << " " << name);
    }
    BOOST_TEST(check(r, "hashes").claims() == 0U, rows);
    BOOST_TEST((check(r, "totals").right() > 0U) == (dataset == "lines"), rows);
  }
}

BOOST_AUTO_TEST_CASE(a_batch_job_that_chooses_other_rows_is_found_in_its_store_alone) {
  const result::Result r = run("#rows of the batch", ", rows: {open: {unfiltered: true}, lines: {up_to: 2}}");
  BOOST_TEST(store(r, "new").divergent_intervals() == 0U);
  BOOST_TEST((causes(store(r, "old")) == std::set<std::string>{"nightly.rows.open", "nightly.rows.lines"}));
  BOOST_TEST(check(r, "hashes").right() > 0U);
  BOOST_TEST(check(r, "hashes").false_alarms() == 0U);
}

// What was read an hour after a cut differs from it where rows changed in between.
BOOST_AUTO_TEST_CASE(a_batch_job_that_cuts_late_is_found_and_named) {
  const result::Result r = run("#rows of the batch", ", rows: {cuts: {late_by: 1h}}");
  BOOST_TEST(store(r, "new").divergent_intervals() == 0U);
  BOOST_TEST((causes(store(r, "old")) == std::set<std::string>{"nightly.rows.cuts"}));
  BOOST_TEST(check(r, "hashes").right() > 0U);
  BOOST_TEST(check(r, "hashes").false_alarms() == 0U);
}

// A row of three is told by its number, with what the pipeline did to it.
BOOST_AUTO_TEST_CASE(the_life_of_one_of_several_rows_is_told) {
  const Loaded loaded = changed("#rows of the stream", ", rows: {lines: {up_to: 1}}");
  bool lost = false;
  for (int key = 1; key <= 20 && !lost; ++key) {
    const RowStoryResult told = row_story(loaded.scenario, loaded.inputs, {}, "lines", std::to_string(key) + ", 2");
    BOOST_REQUIRE_MESSAGE(told.story, told.error);
    for (const RowMoment& moment : told.story->moments) lost |= moment.what.find("cdc.rows.lines") != std::string::npos;
  }
  BOOST_TEST(lost);
  BOOST_TEST(!row_story(loaded.scenario, loaded.inputs, {}, "lines", "3").story);
  BOOST_TEST(!row_story(loaded.scenario, loaded.inputs, {}, "lines", "3, 9").story);
}

BOOST_AUTO_TEST_CASE(sql_sees_a_datasets_rows_under_its_name_on_both_sides) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "rehearse_rows_test.sql";
  std::ofstream(file)
      << "SELECT s.id AS order_id, s.line_no, 'missing' AS class FROM source.lines s LEFT JOIN new.lines t "
         "ON t.order_id = s.id AND t.line_no = s.line_no WHERE t.order_id IS NULL";
  for (const bool wrong : {false, true}) {
    std::string text = base;
    text += "  own: {sql: {file: " + file.string() +
            ", between: [source, new], align: position, datasets: [lines], every: 1h}}\n";
    const std::string mark = "#rows of the stream";
    if (wrong) text.replace(text.find(mark), mark.size(), ", rows: {lines: {up_to: 2}}");
    const Loaded loaded = from_text(text);
    const result::Result r = rehearse(loaded.scenario, loaded.inputs);
    BOOST_TEST((check(r, "own").right() > 0U) == wrong);
    BOOST_TEST(check(r, "own").false_alarms() == 0U);
  }
  std::filesystem::remove(file);
}

// The examples of a dataset's rows that both sides have.
std::vector<result::Example> examples_of(const result::Result& r, const std::string& dataset) {
  std::vector<result::Example> examples;
  for (const result::MatrixCell& cell : r.matrix())
    for (const result::Example& example : cell.examples())
      if (example.table() == dataset && !example.expected_absent() && !example.actual_absent())
        examples.push_back(example);
  BOOST_REQUIRE(!examples.empty());
  return examples;
}
std::string shown(const result::Example& example, const std::string& column, bool expected) {
  for (const result::Field& field : example.fields())
    if (field.column() == column) {
      const bool has = expected ? field.has_expected() : field.has_actual();
      return has ? expected ? field.expected() : field.actual() : "NULL";
    }
  return "";
}

BOOST_AUTO_TEST_CASE(an_example_tells_which_rows_each_side_was_made_of) {
  const result::Result frozen = run("#rows of the stream", ", rows: {joined: {look_ups: frozen}}");
  std::size_t looked_up = 0;
  for (const result::Example& joined : examples_of(frozen, "joined")) {
    BOOST_REQUIRE_EQUAL(joined.made_of_size(), 2);
    const result::Origin &order = joined.made_of(0), &customer = joined.made_of(1);
    BOOST_TEST(order.table() == "orders");
    BOOST_TEST(!order.looked_up());
    BOOST_TEST(order.expected().starts_with(joined.key() + ", write "));
    BOOST_TEST(order.expected() == order.actual());  // the same write of the order, and
    BOOST_TEST(customer.table() == "customers");
    BOOST_TEST(customer.looked_up());
    BOOST_TEST(customer.expected() != customer.actual());  // another of its customer
    for (const bool side : {true, false}) {
      BOOST_TEST(order.expected().find("amount=" + shown(joined, "amount", side)) != std::string::npos);
      const std::string& text = side ? customer.expected() : customer.actual();
      if (text == "no such row") continue;
      BOOST_TEST(text.find("segment=" + shown(joined, "segment", side)) != std::string::npos, text);
      ++looked_up;
    }
  }
  BOOST_TEST(looked_up > 5U);
  const result::Result twice = run("#rows of the stream", ", rows: {totals: {retractions: forgotten}}");
  for (const result::Example& group : examples_of(twice, "totals")) {
    BOOST_REQUIRE_EQUAL(group.made_of_size(), 1);
    BOOST_TEST(group.made_of(0).expected().starts_with(shown(group, "orders", true) + " row"));
    BOOST_TEST(group.made_of(0).actual().starts_with(shown(group, "orders", false) + " row"));
  }
}

BOOST_AUTO_TEST_CASE(a_row_tells_what_each_write_of_it_was_made_of) {
  const Loaded loaded = changed("every: 90d", "every: 1h");
  const auto told = [&](const std::string& table, const std::string& key, const std::string& words) {
    const RowStoryResult result = row_story(loaded.scenario, loaded.inputs, {}, table, key);
    BOOST_REQUIRE_MESSAGE(result.story, result.error);
    std::size_t moments = 0;
    for (const RowMoment& moment : result.story->moments)
      if (moment.what.find(words) != std::string::npos) ++moments;
    BOOST_TEST(moments > 0U, table + " " + key + ": " + words);
  };
  told("joined", "7", ", made of row 7 of orders (write 1) and of ");
  told("lines", "7, 1", ", made of row 7 of orders (write ");
  told("log", "3", "insert commits: write 3, position ");
  told("log", "3", ", made of row ");
  told("totals", "status_1, 2026-03-02T05:00:00Z", "insert commits: write ");  // a group that comes to be on the way
  told("totals", "status_1, 2026-03-02T05:00:00Z", "made of 2 rows of orders");
  BOOST_TEST(
      row_story(loaded.scenario, loaded.inputs, {}, "totals", "status_7, 2026-03-02T05:00:00Z")
          .error.starts_with("table totals has no key `status_7, 2026-03-02T05:00:00Z`; its keys read like status_"));
  const RowStoryResult own = row_story(loaded.scenario, loaded.inputs, {}, "orders", "7");
  for (const RowMoment& moment : own.story->moments) BOOST_TEST(moment.what.find("made of") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_chosen_is_refused_with_its_place) {
  const auto refused = [](const std::string& mark, const std::string& by, const std::string& path) {
    std::string text = base;
    text.replace(text.find(mark), mark.size(), by);
    const LoadResult loaded = load_scenario_text(text, "test.yaml");
    bool found = false;
    for (const Diagnostic& d : loaded.diagnostics) found |= d.path == path && d.level == Diagnostic::Level::error;
    BOOST_TEST(!loaded.scenario, by);
    BOOST_TEST(found, by << "\n" << to_text(loaded.diagnostics));
  };
  refused("status_1]", "status_7]", "datasets.open.where.status.in[1]");
  refused("{at_least: 1000, below: 9000}", "{at_least: 9, below: 9}", "datasets.open.where.amount.below");
  refused("note: {present: true}", "nota: {present: true}", "datasets.open.where.nota");
  refused("note: {present: true}", "note: {at_least: 3}", "datasets.open.where.note");
  refused("note: {present: true}", "created_at: {at_least: 3}", "datasets.open.where.created_at");
  refused("note: {present: true}", "note: {}", "datasets.open.where.note");
  refused("count: lines", "count: note", "datasets.lines.each.count");
  refused("numbered: line_no", "numbered: note", "datasets.lines.each.numbered");
  refused("columns: {order_id: id, line_no: ,", "columns: {order_id: id,", "datasets.lines.columns");
  refused("\n  lines:", "\n  orders: {of: orders, where: {lines: [1]}}\n  lines:", "datasets.orders");
  refused("in: customers", "in: customer", "datasets.joined.look_up.in");
  refused("in: customers", "in: orders", "datasets.joined.look_up.in");
  refused("by: customer_id", "by: custoner_id", "datasets.joined.look_up.by");
  refused("customer: name", "customer: nome", "datasets.joined.look_up.columns.customer");
  refused("customer: name", "status: name", "datasets.joined.look_up.columns.status");
  refused("kind: change_log,", "kind: change_log, where: {lines: [1]},", "datasets.log.where");
  refused("[position, operation, id, amount]", "[operation, id, amount]", "datasets.log.columns");
  refused("produces: [open, lines, joined, totals, cuts],", "produces: [open, log],",
          "pipelines.nightly.batch.produces");
  refused("kind: aggregate", "kind: current_state", "datasets.totals.aggregate");
  refused("by: status, window: {of: created_at, every: 90d, named: quarter},", "", "datasets.totals.aggregate");
  refused("by: status", "by: created_at", "datasets.totals.aggregate.by");
  refused("of: created_at, every", "of: amount, every", "datasets.totals.aggregate.window.of");
  refused("revenue: amount", "revenue: note", "datasets.totals.aggregate.measures.revenue");
  refused("revenue: amount", "status: amount", "datasets.totals.aggregate.measures.status");
  refused("#rows of the stream", ", rows: {open: {closes_after: 1h}}", "pipelines.cdc.stream.rows.open.closes_after");
  refused("kind: snapshot, ", "", "datasets.cuts.snapshot");
  refused(", snapshot: {every: 2h, offset: 30m, named: at}", "", "datasets.cuts.kind");
  refused("offset: 30m", "offset: 2h", "datasets.cuts.snapshot.offset");
  refused("named: at", "named: note", "datasets.cuts.snapshot.named");
  refused("kind: snapshot, where", "kind: snapshot, each: {count: lines, up_to: 3}, where", "datasets.cuts.each");
  refused("rows: 300", "rows: 100M", "datasets.cuts.snapshot.every");
  refused("freshness: 4h", "freshness: 4h, extract: {incremental: {cursor: created_at}}, load: merge",
          "pipelines.nightly.batch.extract");
  refused("#rows of the batch", ", rows: {cuts: {late_by: 2h}}", "pipelines.nightly.batch.rows.cuts.late_by");
  refused("#rows of the batch", ", rows: {open: {late_by: 1h}}", "pipelines.nightly.batch.rows.open.late_by");
  refused("#rows of the batch", ", rows: {cuts: {leavers: kept}}", "pipelines.nightly.batch.rows.cuts.leavers");
  refused("#rows of the stream", ", rows: {cuts: {late_by: 1h}}", "pipelines.cdc.stream.rows.cuts.late_by");
  refused("#rows of the stream", ", rows: {totals: {leavers: kept}}", "pipelines.cdc.stream.rows.totals.leavers");
  refused("#rows of the stream", ", rows: {open: {retractions: forgotten}}",
          "pipelines.cdc.stream.rows.open.retractions");
  refused("#rows of the stream", ", rows: {open: {look_ups: frozen}}", "pipelines.cdc.stream.rows.open.look_ups");
  refused("#rows of the stream", ", rows: {log: {leavers: kept}}", "pipelines.cdc.stream.rows.log");
  refused("#rows of the stream", ", rows: {lines: {up_to: 5}}", "pipelines.cdc.stream.rows.lines.up_to");
  refused("#rows of the stream", ", rows: {open: {up_to: 1}}", "pipelines.cdc.stream.rows.open.up_to");
  refused("#rows of the stream", ", rows: {opne: {leavers: kept}}", "pipelines.cdc.stream.rows.opne");
  refused("#rows of the stream", ", rows: {open: {where: {status: [x]}}}",
          "pipelines.cdc.stream.rows.open.where.status.in[0]");
}

BOOST_AUTO_TEST_CASE(snapshots_are_bounded_in_number_and_in_rows) {
  scenario::Dataset dataset;
  BOOST_TEST(snapshot_problems(dataset, day.ns * 700, 1'000'000'000).empty());
  dataset.mutable_snapshot()->set_every_ns(minute.ns);
  BOOST_TEST(snapshot_problems(dataset, day.ns, 60'000).empty());
  BOOST_TEST(snapshot_problems(dataset, day.ns, 80'000).size() == 1U);
  BOOST_TEST(snapshot_problems(dataset, day.ns * 70, 0).size() == 1U);
}

// The orders of a real capture, whose values are texts.
result::Result run_captured(const std::string& rows) {
  const Loaded loaded = from_text("extends: " + std::string(REHEARSE_SOURCE_DIR) + R"yaml(/scenarios/pgbench.yaml
name: captured_rows
consumers: null
expect: null
datasets:
  chosen: {of: mix_orders, where: {status: [new, paid], qty: {at_least: 2}}}
  balances: {of: pgbench_history, look_up: {in: pgbench_accounts, by: aid, columns: {balance: abalance}}}
  teller_changes: {of: pgbench_tellers, kind: change_log}
  tellers_then: {of: pgbench_tellers, kind: snapshot, snapshot: {every: 3s}}
pipelines:
  snapshot: {batch: {produces: [chosen, balances, tellers_then]}}
  by_cursor: {batch: {produces: [chosen]}}
  cdc: {stream: {produces: [chosen, balances, teller_changes, tellers_then], rows: {)yaml" +
                                  rows + R"yaml(}}}
checks: null
)yaml");
  return rehearse(loaded.scenario, loaded.inputs);
}

BOOST_AUTO_TEST_CASE(conditions_and_look_ups_read_the_texts_of_a_capture) {
  const result::Result right = run_captured("");
  BOOST_TEST(store(right, "bench_streaming").divergent_intervals() == 0U);
  BOOST_TEST(store(right, "bench_batch").divergent_intervals() == 0U);
  BOOST_TEST(store(right, "bench_streaming").rows() > 100U);
  for (const auto& [rows, dataset] : std::initializer_list<std::pair<std::string, std::string>>{
           {"chosen: {leavers: kept}", "chosen"},
           {"balances: {look_ups: frozen}", "balances"},
           {"tellers_then: {where: {tid: {below: 50}}}", "tellers_then"}}) {
    const result::Result wrong = run_captured(rows);
    BOOST_TEST((causes(store(wrong, "bench_streaming")) == std::set<std::string>{"cdc.rows." + dataset}));
  }
}

// Groups of a capture, by a column's text and by windows of a column's time, against SQL over the same tables.
BOOST_AUTO_TEST_CASE(aggregates_of_a_capture_are_what_sql_makes_of_its_tables) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "rehearse_groups_test.sql";
  std::ofstream(file) << R"sql(
    WITH rows AS (SELECT o.status, substr(o.updated_at, 1, 10) || 'T' || substr(o.updated_at, 12, 6) ||
                         printf('%02d.000000Z', substr(o.updated_at, 18, 2) / 5 * 5) AS since, o.qty, o.amount
                  FROM source.mix_orders o),
         made AS (SELECT status, since, count(*) AS n, sum(qty) AS qty, round(sum(amount), 2) AS amount
                  FROM rows GROUP BY status, since)
    SELECT count(*) AS differing FROM made FULL JOIN bench_streaming.sums t ON t.status = made.status AND t.since = made.since
    WHERE made.n IS NOT t.n OR made.qty IS NOT t.qty OR abs(made.amount - t.amount) > 0.001 OR t.n IS NULL OR made.n IS NULL)sql";
  for (const char* rows : {"", "sums: {retractions: forgotten}", "sums: {where: {qty: {at_least: 3}}}"}) {
    const Loaded loaded =
        from_text("extends: " + std::string(REHEARSE_SOURCE_DIR) + R"yaml(/scenarios/pgbench.yaml
name: captured_groups
consumers: null
expect: null
datasets:
  orders: {of: mix_orders}
  sums:
    of: mix_orders
    kind: aggregate
    aggregate: {by: status, window: {of: updated_at, every: 5s, named: since}, measures: {n: , qty: qty, amount: amount}}
pipelines:
  snapshot: {batch: {produces: [orders, sums]}}
  cdc: {stream: {produces: [orders, sums], rows: {)yaml" +
                  std::string(rows) + R"yaml(}}}
checks:
  hashes: null
  batch: null
  cursor: null
  own: {sql: {file: )yaml" +
                  file.string() +
                  R"yaml(, between: [source, bench_streaming], align: position, datasets: [orders, sums], at: [37s]}}
)yaml");
    const result::Result r = rehearse(loaded.scenario, loaded.inputs);
    const bool right = *rows == '\0';
    BOOST_TEST((check(r, "own").claims() == 0) == right, rows);
    BOOST_TEST((check(r, "own").right() == 0) == right, rows);
    BOOST_TEST(check(r, "own").rows_compared() > 1000U, rows);
    BOOST_TEST((store(r, "bench_streaming").divergent_intervals() == 0U) == right, rows);
    BOOST_TEST(store(r, "bench_batch").divergent_intervals() == 0U, rows);
    BOOST_REQUIRE(store(r, "bench_streaming").measures_size() == 3);
    for (const result::MeasureError& m : store(r, "bench_streaming").measures()) {
      BOOST_TEST((m.relative_error() == 0) == right, m.name());
      BOOST_TEST((m.worst() == 0) == right, m.name());
      BOOST_TEST(m.worst_group().empty() == right, m.name());
    }
  }
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(shipped_defects_hold_their_expectations_and_are_clean_without_them) {
  for (const char* name :
       {"forgotten_leavers", "frozen_look_ups", "double_counts", "late_snapshots", "early_windows"}) {
    Loaded loaded = shipped(std::string("defects/") + name + ".yaml");
    BOOST_TEST(rehearse(loaded.scenario, loaded.inputs).verdict() == result::Result::pass, name);
    for (scenario::Pipeline& pipeline : *loaded.scenario.proto.mutable_pipelines()) {
      if (pipeline.has_batch()) pipeline.mutable_batch()->clear_rows();
      else pipeline.mutable_stream()->clear_rows();
    }
    const result::Result right = rehearse(loaded.scenario, loaded.inputs);
    BOOST_TEST(right.verdict() != result::Result::pass, name);
    for (const char* store_name : {"live", "old"})
      for (const result::Store& s : right.stores())
        if (s.name() == store_name) BOOST_TEST(s.divergent_intervals() == 0U, name << " " << store_name);
  }
}

}  // namespace
}  // namespace rehearse
