// Real captures through the whole pipeline: final tables, snapshots by transaction ids and by LSN, extracts by cursor.
#include <boost/test/unit_test.hpp>
#include <set>

#include "harness/campaign/run.h"
#include "sim/capture/witness.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

std::string capture_file(const std::string& name) {
  return std::string(REHEARSE_SOURCE_DIR) + "/scenarios/captures/pgbench/" + name;
}

// Images by row of what a store holds of a captured table.
std::vector<ImageId> images_of(const World& world, StoreId store, TableId table) {
  const CapturedStream& stream = world.source.captured()->stream();
  std::vector<ImageId> images(stream.tables[table].slots(), no_image);
  std::vector<ImageId> initial(images);
  for (const CapturedRow& row : stream.tables[table].initial) initial[row.slot] = row.image;
  const TableCopy& copy = world.rows(store, table);
  for (RowId row = 0; row < copy.slots(); ++row)
    if (copy[row].live())
      images[row] = copy[row].write < first_captured_write
                        ? initial[row]
                        : stream.changes[copy[row].write - first_captured_write].image;
  return images;
}

void require_equal_to_witness(const World& world, StoreId store, const std::string& prefix) {
  const CapturedStream& stream = world.source.captured()->stream();
  CapturedState state;
  for (TableId table = 0; table < stream.tables.size(); ++table) state.push_back(images_of(world, store, table));
  for (const CapturedTable& table : stream.tables) {
    const auto witness =
        read_csv_table({"public", table.name, capture_file(prefix + "." + table.name + ".csv.zst"), {}});
    BOOST_REQUIRE_MESSAGE(witness, witness.error.text());
    const auto compared = compare_with_witness(stream, state, *witness.value);
    BOOST_REQUIRE_MESSAGE(compared, compared.error.text());
    BOOST_TEST(compared.value->equal(), prefix + " " + table.name);
    BOOST_TEST(compared.value->rows_equal == compared.value->rows_witness);
  }
}

BOOST_AUTO_TEST_CASE(the_pgbench_capture_leaves_batch_and_stream_equal_to_the_final_tables_row_by_row) {
  const Loaded loaded = shipped("pgbench.yaml");
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(Time{loaded.scenario.proto.duration_ns()});
  run.finish();
  for (const StoreId store : {*ReadView(run.world).store("bench_batch"), *ReadView(run.world).store("bench_streaming")})
    require_equal_to_witness(run.world, store, "final");
}

// A world that replays the capture into one batch store, loaded once at its end.
Loaded one_load(const std::string& extract) {
  LoadResult result = load_scenario_text(R"(
format: 1
name: one_load
start: 2026-11-21T01:35:10Z
duration: 60s
source:
  capture:
    stream: captures/pgbench/stream.jsonl.zst
    initial: captures/pgbench/initial.
    tables: {pgbench_branches: {key: [bid]}, pgbench_tellers: {key: [tid]}, pgbench_accounts: {key: [aid]}, pgbench_history: {}, mix_orders: {key: [order_id]}}
datasets: {b: {of: pgbench_branches}, t: {of: pgbench_tellers}, a: {of: pgbench_accounts}, h: {of: pgbench_history}, o: {of: mix_orders}}
pipelines:
  once: {batch: {produces: [b, t, a, h, o], into: copy, at: 40s, rate: 10M/s, freshness: 60s, extract: )" +
                                             extract + "}}\n",
                                         std::string(REHEARSE_SOURCE_DIR) + "/scenarios/one_load.yaml");
  return with_inputs(std::move(result));
}

BOOST_AUTO_TEST_CASE(a_batch_snapshot_by_the_list_of_transaction_ids_reproduces_the_tables_dumped_in_mid_stream) {
  const Loaded loaded = one_load("{visible: \"25443:25677:25443,25674\"}");
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(Time{loaded.scenario.proto.duration_ns()});
  require_equal_to_witness(run.world, 1, "mid");
}

BOOST_AUTO_TEST_CASE(
    a_batch_snapshot_cut_by_the_lsn_is_wrong_in_exactly_the_transactions_that_committed_early_and_became_visible_late) {
  const Loaded by_xids = one_load("{visible: \"25443:25677:25443,25674\"}");
  const Loaded by_lsn = one_load("{up_to_lsn: \"0/124B1180\"}");
  Run right(assemble(by_xids.scenario, by_xids.inputs), {});
  Run wrong(assemble(by_lsn.scenario, by_lsn.inputs), {});
  for (Run* run : {&right, &wrong}) run->until(Time{minute.ns});
  // Independently: the transactions that one rule shows and the other does not, and every row they touched last.
  const CapturedStream& stream = *by_xids.inputs.capture;
  std::set<std::uint64_t> transactions;
  std::set<std::pair<TableId, RowId>> touched;
  for (const CapturedTransaction& t : stream.transactions) {
    const bool seen_by_xid = t.xid < 25677 && t.xid != 25443 && t.xid != 25674;
    const bool seen_by_lsn = t.commit_lsn <= *parse_lsn("0/124B1180");
    if (seen_by_xid == seen_by_lsn) continue;
    transactions.insert(t.xid);
    for (std::uint64_t i = t.begin; i < t.end; ++i)
      for (const std::uint32_t row : {stream.changes[i].old_row, stream.changes[i].new_row})
        if (row != no_row) touched.emplace(stream.changes[i].table, row);
  }
  const std::set<std::uint64_t> expected{25674, 25677, 25678, 25679, 25680, 25681, 25682, 25685};
  BOOST_TEST(transactions == expected, boost::test_tools::per_element());
  std::set<std::pair<TableId, RowId>> different;
  for (TableId table = 0; table < stream.tables.size(); ++table) {
    const auto a = images_of(right.world, 1, table), b = images_of(wrong.world, 1, table);
    for (RowId row = 0; row < a.size(); ++row)
      if (a[row] != b[row]) different.emplace(table, row);
  }
  BOOST_TEST(!different.empty());
  for (const auto& row : different) BOOST_TEST(touched.count(row) == 1U);
}

BOOST_AUTO_TEST_CASE(
    an_incremental_extract_by_updated_at_misses_exactly_the_rows_that_the_stream_itself_says_it_must_miss) {
  const Loaded loaded = shipped("pgbench.yaml");
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(Time{second.ns * 30},
            [] { return false; });  // loads at 0, 5, … 30 s; the load of 30 s is over within the instant below
  run.until(Time{second.ns * 32});
  const CapturedStream& stream = *loaded.inputs.capture;
  const TableId orders = static_cast<TableId>(*stream.find_table("public", "mix_orders"));
  const auto column =
      static_cast<std::size_t>(std::find_if(stream.tables[orders].columns.begin(), stream.tables[orders].columns.end(),
                                            [](const CapturedColumn& c) { return c.name == "updated_at"; }) -
                               stream.tables[orders].columns.begin());
  const auto updated_at = [&](ImageId image) {
    return *parse_timestamp(stream.values.text(stream.images[image][column]));
  };

  // Independently: replay the stream, and at each load merge what lies past the highest value seen.
  std::vector<ImageId> source(stream.tables[orders].slots(), no_image);
  for (const CapturedRow& row : stream.tables[orders].initial) source[row.slot] = row.image;
  std::vector<ImageId> copy = source;
  std::int64_t cursor = 0;
  for (const ImageId image : source)
    if (image != no_image) cursor = std::max(cursor, updated_at(image));
  const std::int64_t start = loaded.scenario.proto.start_unix_ns();
  std::size_t next = 0;
  std::int64_t latest = 0;
  for (std::int64_t load = 0; load <= 30; load += 5) {
    for (; next < stream.transactions.size(); ++next) {
      latest = std::max(latest, stream.transactions[next].commit_time_unix_ns);
      if (latest > start + load * second.ns) break;
      for (std::uint64_t i = stream.transactions[next].begin; i < stream.transactions[next].end; ++i) {
        const CapturedChange& change = stream.changes[i];
        if (change.table != orders) continue;
        if (change.old_row != no_row) source[change.old_row] = no_image;
        if (change.new_row != no_row) source[change.new_row] = change.image;
      }
    }
    std::int64_t highest = cursor;
    for (std::size_t row = 0; row < source.size(); ++row)
      if (source[row] != no_image && updated_at(source[row]) > cursor) {
        copy[row] = source[row];
        highest = std::max(highest, updated_at(source[row]));
      }
    cursor = highest;
  }
  const auto held = images_of(run.world, *ReadView(run.world).store("orders_by_cursor"), orders);
  std::size_t missed = 0;
  for (std::size_t row = 0; row < copy.size(); ++row) {
    BOOST_TEST(held[row] == copy[row]);
    missed += copy[row] != source[row];
  }
  BOOST_TEST(missed > 0U);
}

BOOST_AUTO_TEST_CASE(the_schema_change_capture_is_equal_but_for_what_its_log_cannot_carry) {
  const Loaded loaded = shipped("schema_change.yaml");
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(r.verdict() == result::Result::pass);
  std::map<std::string, std::uint64_t> lossy;
  for (const auto& loss : r.source_log_incomplete()) {
    lossy[loss.table()] += loss.rows();
    BOOST_TEST(!loss.evidence().empty());
  }
  const std::map<std::string, std::uint64_t> expected{{"devices", 30}, {"edge_numbers", 2}, {"nopk_lossy", 15}};
  BOOST_TEST((lossy == expected));
  for (const result::Store& store : r.stores()) BOOST_TEST(store.divergent_intervals() == 0U);
}

}  // namespace
}  // namespace rehearse
