// What emit writes, replayed as a captured source: the same final tables in every format, and the same world where the
// formats carry the same facts; faults that act before the topic show in the stream, and only there. And pace: scaled
// and repeated captures.
#include "harness/campaign/emit.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "harness/campaign/run.h"
#include "sim/capture/change_event.h"
#include "sim/capture/change_writer.h"
#include "sim/capture/witness.h"
#include "tests/campaign/emitted.h"

namespace rehearse {
namespace {

const char* const synthetic = R"yaml(
format: 1
name: emitted
start: 2026-03-02T00:00:00Z
duration: 20m
source:
  tables:
    orders:
      rows: 50
      columns:
        id: {type: bigint, key: true}
        region: {type: "varchar(12)", distinct: 8}
        amount: {type: "decimal(12,2)"}
        share: {type: double}
        small: {type: smallint, nullable: true, nulls: 30%}
        open: {type: boolean}
        due: {type: date}
        paid: {type: timestamp}
        ref: {type: uuid}
        doc: {type: jsonb}
        created_at: {type: timestamptz, role: created_at}
        updated_at: {type: timestamptz, role: updated_at}
      workload:
        peak_rate: 1/s
        mix: {insert: 20%, update: 60%, delete: 20%}
        transactions: geometric(mean=2)
        reinserts: 40%
    users:
      rows: 10
      columns: {id: {type: integer, key: true}, name: {type: text}}
      workload: {peak_rate: 0.2/s, mix: {insert: 20%, update: 80%, delete: 0%}}
datasets: {o: {of: orders}, u: {of: users}}
pipelines:
  cdc:
    stream:
      produces: [o, u]
      into: copy
      freshness: 60s
      connector: {poll_every: 500ms, flush_offsets_every: 60s, snapshot: initial}
      topic: {partitions: 3, retention: 7d}
      processor: {workers: 1, dispatch: by_key, service_time: 1ms, buffer: 10k, when_full: block}
      delivery: at_least_once
      sink: {writers: 1, write: upsert, row_time: 1ms, flush_every: 1s, flush_rows: 500}
)yaml";

std::string with_fault(const std::string& fault) {
  return std::string(synthetic) + "world: {faults: [" + fault + "]}\n";
}

std::string replay_text(const Folder& folder, const std::string& stream, const std::string& more = "") {
  std::string text = synthetic;
  const std::size_t begin = text.find("source:"), end = text.find("datasets:");
  return text.replace(begin, end - begin,
                      "source:\n  capture: {stream: " + (folder.path() / stream).string() +
                          ", initial: " + (folder.path() / "initial.").string() +
                          ", tables: {orders: {key: [id]}, users: {key: [id]}}" + more + "}\n");
}

// Replays a stream over the initial rows; gives the trajectory. `old_rows` are the stream's, not made up.
std::string replayed(const Folder& folder, const std::string& stream, const std::string& what, bool old_rows = true) {
  const Loaded loaded = from_text(replay_text(folder, stream));
  const CapturedStream& capture = *loaded.inputs.capture;
  for (const CaptureEvidence& evidence : capture.evidence)
    BOOST_TEST((!old_rows && evidence.kind == EvidenceKind::old_row_contradicts_replay), what);
  BOOST_TEST(capture.evidence.empty() == old_rows, what);
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(Time{loaded.scenario.proto.duration_ns()});
  run.finish();
  for (const char* table : {"orders", "users"}) {
    const auto witness =
        read_csv_table({"public", table, (folder.path() / ("final." + std::string(table) + ".csv")).string(), {}});
    BOOST_REQUIRE_MESSAGE(witness, witness.error.text());
    const auto compared = compare_with_witness(capture, final_state(capture), *witness.value);
    BOOST_REQUIRE_MESSAGE(compared, compared.error.text());
    BOOST_TEST(compared.value->equal(), what + " " + table);
    BOOST_TEST(compared.value->rows_equal > 5U);
  }
  return run.trajectory.hex();
}

std::size_t times_in(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_emitted_without_faults_replays_to_the_simulations_final_tables_in_every_format) {
  std::map<std::string, std::string> trajectories;
  for (const EmitFormatName& format : emit_formats()) {
    if (format.format == EmitFormat::sql) continue;
    const Folder folder;
    emitted(folder, synthetic, format.format);
    trajectories[format.name] = replayed(folder, "stream.cdc.jsonl", format.name);
  }
  // These carry commit times in microseconds; Canal has milliseconds, Maxwell seconds.
  BOOST_TEST(trajectories["wal2json2"] == trajectories["wal2json1"]);
  BOOST_TEST(trajectories["wal2json2"] == trajectories["debezium"]);
}

BOOST_AUTO_TEST_CASE(how_much_will_be_written_is_told_beforehand_within_a_factor_of_two) {
  for (const EmitFormatName& known : emit_formats()) {
    const Folder folder;
    emitted(folder, synthetic, known.format);
    double written = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      written += static_cast<double>(entry.file_size());
    const auto told = static_cast<double>(about_bytes(from_text(synthetic).scenario, known.format));
    BOOST_TEST(told > written / 2, known.name << ": " << told << " of " << written);
    BOOST_TEST(told < written * 2, known.name << ": " << told << " of " << written);
  }
}

BOOST_AUTO_TEST_CASE(one_stream_on_whole_seconds_is_one_world_in_every_format) {
  const Folder folder;
  emitted(folder, synthetic, EmitFormat::wal2json2);
  std::map<std::string, std::string> trajectories;
  for (const ChangeFormat format :
       {ChangeFormat::wal2json2, ChangeFormat::wal2json1, ChangeFormat::debezium, ChangeFormat::maxwell,
        ChangeFormat::canal, ChangeFormat::goldengate, ChangeFormat::dms}) {
    ChangeReader reader((folder.path() / "stream.cdc.jsonl").string());
    const auto writer = make_change_writer(format);
    std::string out;
    while (const ChangeEvent* event = reader.next()) {
      ChangeEvent rounded = *event;
      rounded.time_unix_ns = rounded.time_unix_ns / 1'000'000'000 * 1'000'000'000;
      // The new row stands for the old one, which formats with old rows say, and which the replay is told to
      // contradict.
      if (rounded.kind == EventKind::update) rounded.old_columns = rounded.columns;
      writer->write(rounded, out);
    }
    std::ofstream(folder.path() / "rounded.jsonl", std::ios::binary) << out;
    trajectories[std::string(format_name(format))] = replayed(
        folder, "rounded.jsonl", std::string(format_name(format)),
        format == ChangeFormat::wal2json2 || format == ChangeFormat::wal2json1 || format == ChangeFormat::debezium);
  }
  for (const auto& [name, trajectory] : trajectories) BOOST_TEST(trajectory == trajectories["Maxwell"], name);
}

BOOST_AUTO_TEST_CASE(faults_before_the_topic_show_in_the_stream_and_faults_of_the_sink_do_not) {
  const auto stream_of = [](const std::string& scenario, EmitFormat format = EmitFormat::wal2json2) {
    const Folder folder;
    return emitted(folder, scenario, format).text("stream.cdc.jsonl");
  };
  const std::string plain = stream_of(synthetic);
  const std::size_t rows = times_in(plain, "\"columns\":") + times_in(plain, R"("action":"D")");
  const auto rows_of = [](const std::string& text) {
    return times_in(text, "\"columns\":") + times_in(text, R"("action":"D")");
  };
  BOOST_TEST(rows > 500U);
  BOOST_TEST(stream_of(with_fault("connector_restart: {pipeline: cdc, part: sink, at: 5m, down_for: 1m}")) == plain);
  const std::string again = stream_of(with_fault("connector_restart: {pipeline: cdc, at: 5m30s, down_for: 1m}"));
  BOOST_TEST(rows_of(again) > rows);
  const std::string twice =
      stream_of(with_fault("duplicate_delivery: {pipeline: cdc, at: 5m, for: 10m, share: 20%, delay: 3s}"));
  BOOST_TEST(rows_of(twice) > rows + 50U);
  const std::string late =
      stream_of(with_fault("out_of_order_deletes: {pipeline: cdc, at: 5m, for: 10m, share: 50%, delay: 2m}"));
  BOOST_TEST(rows_of(late) == rows);
  BOOST_TEST(late != plain);
  const std::string wrong = stream_of(
      with_fault("field_corruption: {pipeline: cdc, at: 5m, for: 10m, share: 50%, column: region, how: truncate}"));
  BOOST_TEST(rows_of(wrong) == rows);
  BOOST_TEST(times_in(wrong, "\"value\":\"reg\"") + times_in(wrong, "\"value\":\"regi\"") > 50U);
  BOOST_TEST(times_in(plain, "\"value\":\"regi\"") == 0U);
  // Delivered again, the stream is no log any more: a replay refuses it with its place.
  const Folder folder;
  emitted(folder, with_fault("connector_restart: {pipeline: cdc, at: 5m30s, down_for: 1m}"), EmitFormat::wal2json2);
  CaptureOptions options;
  options.stream_path = (folder.path() / "stream.cdc.jsonl").string();
  const auto loaded = load_capture(options);
  BOOST_REQUIRE(!loaded);
  BOOST_TEST(loaded.error.message.find("does not follow the previous one") != std::string::npos, loaded.error.text());
  BOOST_TEST(loaded.error.line > 100U);
}

BOOST_AUTO_TEST_CASE(schema_changes_show_in_rows_and_beside_the_stream) {
  const Folder folder;
  emitted(folder, with_fault("schema_drift: {table: orders, at: 5m, change: {rename: {from: region, to: area}}}"),
          EmitFormat::sql);
  BOOST_TEST(folder.text("schema_changes.sql").find("RENAME COLUMN \"region\" TO \"area\";") != std::string::npos);
  BOOST_TEST(times_in(folder.text("stream.cdc.sql"), "RENAME COLUMN") == 1U);
  BOOST_TEST(folder.text("final.orders.csv").substr(0, 8) == "id,area,");
  BOOST_TEST(folder.text("initial.orders.csv").substr(0, 10) == "id,region,");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_emitted_says_why) {
  BOOST_TEST(refuse_to_emit(shipped("pgbench.yaml").scenario).value() ==
             "its source is captured, which is a stream already");
}

// ---- pace

BOOST_AUTO_TEST_CASE(a_scaled_capture_takes_its_times_and_a_repeated_one_ends_with_the_same_tables) {
  const Folder folder;
  emitted(folder, synthetic, EmitFormat::wal2json2);
  const auto world_after = [&](const std::string& more, const std::string& duration) {
    std::string text = replay_text(folder, "stream.cdc.jsonl", more);
    text.replace(text.find("duration: 20m"), 13, "duration: " + duration);
    const Loaded loaded = from_text(text);
    Run run(assemble(loaded.scenario, loaded.inputs), {});
    run.until(Time{loaded.scenario.proto.duration_ns()});
    run.finish();
    return run.world;
  };
  const World plain = world_after("", "20m");
  const World slow = world_after(", time_scale: 3", "61m");
  const World again = world_after(", repeat: 4", "85m");
  BOOST_TEST(slow.source.changes() == plain.source.changes());
  BOOST_TEST(again.source.changes() > 3 * plain.source.changes());
  const auto texts = [](const World& world, StoreId store, TableId table, RowId row) {
    std::string out;
    const Cell cell = world.rows(store, table).get(row);
    for (ColumnId column = 0; cell.live() && column < world.source.schema(table).columns.size(); ++column)
      out +=
          world.content.text(world.source.schema(table), column,
                             world.content.value(world.source.schema(table), table, column, world.marks, {row, cell})) +
          "|";
    return out;
  };
  for (TableId table = 0; table < plain.source.tables(); ++table)
    for (RowId row = 0; row < plain.source.rows(table).slots(); ++row)
      for (const StoreId store : {StoreId{0}, StoreId{1}}) {
        BOOST_TEST(texts(slow, store, table, row) == texts(plain, store, table, row));
        BOOST_TEST(texts(again, store, table, row) == texts(plain, store, table, row));
      }
  // Scaled by three: each commit three times as long after the first.
  const SourceLog& a = plain.source.log();
  const SourceLog& b = slow.source.log();
  const Lsn last = a.end() - 1;
  BOOST_REQUIRE(a.base() <= last);
  const std::int64_t first =
      plain.source.captured()->stream().transactions.front().commit_time_unix_ns - plain.start_unix_ns;
  BOOST_TEST(b[last].commit().ns - first == 3 * (a[last].commit().ns - first));
}

BOOST_AUTO_TEST_CASE(a_repetition_does_not_go_with_declared_schema_changes_or_recorded_positions) {
  const auto messages = [](const std::string& more) {
    const LoadResult result = load_scenario_text(R"(
format: 1
name: repeated
duration: 60s
source:
  capture: {stream: captures/pgbench/stream.jsonl.zst, tables: {mix_orders: {key: [order_id]}}, repeat: 3}
)" + more,
                                                 std::string(REHEARSE_SOURCE_DIR) + "/scenarios/repeated.yaml");
    return to_text(result.diagnostics);
  };
  const std::string rest = R"(datasets: {o: {of: mix_orders}}
pipelines:
  once: {batch: {produces: [o], into: copy, at: 40s, rate: 10M/s, freshness: 60s, extract: )";
  BOOST_TEST(messages(rest + "{up_to_lsn: \"0/124B1180\"}}}\n").find("source.capture.repeat") != std::string::npos);
  BOOST_TEST(messages("  ddl: [{at_lsn: \"0/1\", table: mix_orders, change: {drop: status}}]\n" + rest + "snapshot}}\n")
                 .find("source.capture.repeat") != std::string::npos);
  BOOST_TEST(messages(rest + "snapshot}}\n").find("source.capture.repeat") == std::string::npos);
}

}  // namespace rehearse
