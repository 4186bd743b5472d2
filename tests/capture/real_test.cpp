// The two shipped captures of real databases, against the tables as the databases themselves printed them.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

const std::string folder = std::string(REHEARSE_SOURCE_DIR) + "/scenarios/captures/";
const std::vector<std::string> bench_tables = {"pgbench_branches", "pgbench_tellers", "pgbench_accounts", "mix_orders",
                                               "pgbench_history"};

TableFile table_file(const std::string& capture, const std::string& moment, const std::string& table) {
  return {"public", table, folder + capture + "/" + moment + "." + table + ".csv.zst", {}};
}

const CapturedStream& pgbench() {
  static const CapturedStream stream = [] {
    CaptureOptions options;
    options.stream_path = folder + "pgbench/stream.jsonl.zst";
    for (const std::string& table : bench_tables) options.initial.push_back(table_file("pgbench", "initial", table));
    auto loaded = load_capture(options);
    BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
    return std::move(*loaded.value);
  }();
  return stream;
}

std::uint64_t lsn(const char* text) {
  const auto parsed = parse_lsn(text);
  BOOST_REQUIRE(parsed);
  return *parsed;
}

DeclaredSchemaChange declared(const char* table, const char* at, SchemaChangeKind kind) {
  DeclaredSchemaChange change;
  change.table = table;
  change.lsn = lsn(at);
  change.kind = kind;
  return change;
}

// The statements of 04_ddl.sql that change a table; positions are those of the audit rows which the stream carries.
std::vector<DeclaredSchemaChange> schema_change_declarations() {
  std::vector<DeclaredSchemaChange> changes;
  const auto add = [&](const char* table, const char* at, AddColumn column) {
    changes.push_back(declared(table, at, SchemaChangeKind::add_column));
    changes.back().add = std::move(column);
  };
  add("customers", "0/14725030", {"country", "text", "DE", false});
  add("orders", "0/14727F50", {"channel", "text", std::nullopt, false});
  changes.push_back(declared("orders", "0/14754F20", SchemaChangeKind::retype_column));
  changes.back().retype = {"order_id", "bigint", false};
  changes.push_back(declared("customers", "0/14756818", SchemaChangeKind::drop_column));
  changes.back().drop = {"legacy_code"};
  changes.push_back(declared("customers", "0/14759B08", SchemaChangeKind::rename_column));
  changes.back().rename = {"email", "email_address"};
  add("orders", "0/1475B960", {"discount", "numeric(5,2)", "0.00", false});
  add("devices", "0/14764AB8", {"token", "uuid", std::nullopt, true});
  changes.push_back(declared("order_items", "0/147661E8", SchemaChangeKind::rename_table));
  changes.back().rename_table = {"order_lines"};
  changes.push_back(declared("order_lines", "0/14767898", SchemaChangeKind::rename_table));
  changes.back().rename_table = {"order_items"};
  return changes;
}

CaptureOptions schema_change_options() {
  CaptureOptions options;
  options.stream_path = folder + "schema_change/stream.jsonl.zst";
  options.schema_changes = schema_change_declarations();
  return options;
}

const CapturedStream& schema_change() {
  static const CapturedStream stream = [] {
    auto loaded = load_capture(schema_change_options());
    BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
    return std::move(*loaded.value);
  }();
  return stream;
}

WitnessComparison compare(const CapturedStream& stream, const CapturedState& state, const TableFile& file) {
  const auto witness = read_csv_table(file);
  BOOST_REQUIRE_MESSAGE(witness, witness.error.text());
  auto comparison = compare_with_witness(stream, state, *witness.value, 100);
  BOOST_REQUIRE_MESSAGE(comparison, comparison.error.text());
  return std::move(*comparison.value);
}

PgSnapshot mid_snapshot() {
  const std::string meta = read_file(folder + "pgbench/mid.meta");
  const std::size_t bar = meta.find('|');
  const auto snapshot = parse_snapshot(meta.substr(bar + 1, meta.find('\n') - bar - 1));
  BOOST_REQUIRE(snapshot);
  return *snapshot;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_pgbench_stream_has_the_counts_of_its_capture) {
  const CapturedStream& stream = pgbench();
  BOOST_TEST(stream.lines == 271033U);
  BOOST_TEST(stream.transactions.size() == 55216U);
  BOOST_TEST(stream.empty_transactions == 0U);
  std::map<std::pair<std::string, ChangeKind>, int> counts;
  for (const CapturedChange& change : stream.changes) ++counts[{stream.tables[change.table].name, change.kind}];
  using Counts = decltype(counts);
  const Counts expected = {
      {{"pgbench_accounts", ChangeKind::update}, 38505}, {{"pgbench_tellers", ChangeKind::update}, 30473},
      {{"pgbench_branches", ChangeKind::update}, 30473}, {{"pgbench_history", ChangeKind::insert}, 38505},
      {{"mix_orders", ChangeKind::insert}, 2598},        {{"mix_orders", ChangeKind::update}, 17247},
      {{"mix_orders", ChangeKind::remove}, 2800}};
  BOOST_TEST((counts == expected));
}

BOOST_AUTO_TEST_CASE(pgbench_initial_rows_and_stream_give_the_final_tables_row_by_row) {
  const std::map<std::string, std::uint64_t> rows = {{"pgbench_branches", 10},
                                                     {"pgbench_tellers", 100},
                                                     {"pgbench_accounts", 1000000},
                                                     {"mix_orders", 7798},
                                                     {"pgbench_history", 38505}};
  for (const auto& [table, expected] : rows) {
    const auto comparison = compare(pgbench(), final_state(pgbench()), table_file("pgbench", "final", table));
    BOOST_TEST(comparison.equal(), table);
    BOOST_TEST(comparison.rows_equal == expected, table);
  }
}

BOOST_AUTO_TEST_CASE(replaying_every_transaction_gives_the_state_that_loading_left) {
  BOOST_TEST((replay_capture(pgbench(), [](const auto&) { return true; }) == final_state(pgbench())));
  BOOST_TEST((replay_capture(schema_change(), [](const auto&) { return true; }) == final_state(schema_change())));
}

BOOST_AUTO_TEST_CASE(the_mid_tables_are_exactly_the_transactions_that_their_snapshot_sees) {
  const PgSnapshot snapshot = mid_snapshot();
  const CapturedState state = replay_capture(pgbench(), [&](const auto& tx) { return snapshot.visible(tx.xid); });
  for (const std::string& table : bench_tables) {
    const auto comparison = compare(pgbench(), state, table_file("pgbench", "mid", table));
    BOOST_TEST(comparison.equal(), table);
    BOOST_TEST(comparison.rows_equal > 0U, table);
  }
}

BOOST_AUTO_TEST_CASE(the_mid_tables_cut_at_the_log_position_of_the_dump_are_wrong_in_eight_transactions) {
  const PgSnapshot snapshot = mid_snapshot();
  const std::uint64_t cut = lsn("0/124B1180");
  std::vector<std::uint64_t> late, early;
  for (const CapturedTransaction& tx : pgbench().transactions) {
    if (snapshot.visible(tx.xid) && tx.commit_lsn >= cut) late.push_back(tx.xid);
    if (!snapshot.visible(tx.xid) && tx.commit_lsn < cut) early.push_back(tx.xid);
  }
  // Found apart from this code, by reading the B lines.
  const std::vector<std::uint64_t> expected = {25677, 25680, 25679, 25678, 25682, 25681, 25674, 25685};
  BOOST_TEST(late.empty());
  BOOST_TEST(early == expected, boost::test_tools::per_element());
  const CapturedState state = replay_capture(pgbench(), [&](const auto& tx) { return tx.commit_lsn < cut; });
  std::uint64_t wrong = 0;
  for (const std::string& table : bench_tables) {
    const auto comparison = compare(pgbench(), state, table_file("pgbench", "mid", table));
    wrong += comparison.rows_different + comparison.rows_missing + comparison.rows_extra;
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> touched;  // rows that the eight transactions wrote
  for (const CapturedTransaction& tx : pgbench().transactions) {
    if (std::ranges::find(expected, tx.xid) == expected.end()) continue;
    for (std::uint64_t at = tx.begin; at < tx.end; ++at) {
      const CapturedChange& change = pgbench().changes[at];
      touched[{change.table, change.new_row != no_row ? change.new_row : change.old_row}] = 1;
    }
  }
  BOOST_TEST(wrong == touched.size());
}

BOOST_AUTO_TEST_CASE(pgbench_holds_the_known_inversions) {
  const CapturedStream& stream = pgbench();
  std::uint64_t xids = 0, times = 0;
  for (std::size_t i = 1; i < stream.transactions.size(); ++i) {
    xids += stream.transactions[i].xid < stream.transactions[i - 1].xid ? 1 : 0;
    times += stream.transactions[i].commit_time_unix_ns < stream.transactions[i - 1].commit_time_unix_ns ? 1 : 0;
    BOOST_REQUIRE(stream.transactions[i].commit_lsn > stream.transactions[i - 1].commit_lsn);
  }
  BOOST_TEST(xids == 15939U);
  BOOST_TEST(times == 21U);
  const std::uint32_t orders = stream.find_table("public", "mix_orders").value();
  const auto& columns = stream.tables[orders].columns;
  const auto updated_at =
      static_cast<std::size_t>(std::ranges::find(columns, "updated_at", &CapturedColumn::name) - columns.begin());
  std::int64_t newest = 0;
  std::uint64_t late = 0;
  for (const CapturedChange& change : stream.changes) {
    if (change.table != orders || change.image == no_image) continue;
    const auto at = parse_timestamp(stream.values.text(stream.images[change.image][updated_at]));
    BOOST_REQUIRE(at);
    late += *at < newest ? 1 : 0;
    newest = std::max(newest, *at);
  }
  BOOST_TEST(late == 2970U);
}

BOOST_AUTO_TEST_CASE(an_insert_only_table_without_a_key_is_named_as_one_whose_log_cannot_be_complete) {
  BOOST_TEST(find_evidence(pgbench(), EvidenceKind::inserts_only, "pgbench_history") != nullptr);
  BOOST_TEST(pgbench().evidence.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_schema_change_stream_has_the_counts_of_its_capture) {
  const CapturedStream& stream = schema_change();
  BOOST_TEST(stream.lines == 5047U);
  BOOST_TEST(stream.transactions.size() == 828U);
  BOOST_TEST(stream.empty_transactions == 24U);
  BOOST_TEST(stream.changes.size() == 3389U);
  std::map<ChangeKind, int> kinds;
  int moved = 0;
  int unchanged = 0;
  for (const CapturedChange& change : stream.changes) {
    ++kinds[change.kind];
    moved += change.key_changed ? 1 : 0;
    unchanged += change.unchanged != 0 ? 1 : 0;
    BOOST_TEST(change.key_changed == (change.kind == ChangeKind::update && change.old_row != change.new_row));
  }
  BOOST_TEST(kinds[ChangeKind::insert] == 2457);
  BOOST_TEST(kinds[ChangeKind::update] == 812);
  BOOST_TEST(kinds[ChangeKind::remove] == 117);
  BOOST_TEST(kinds[ChangeKind::truncate] == 3);
  BOOST_TEST(unchanged == 35);
  BOOST_TEST(moved == 7);  // one, three of a swap, two lines of order 7, one with an unchanged TOAST column
  BOOST_REQUIRE(stream.messages.size() == 2U);
  BOOST_TEST(stream.messages[0].transactional);
  BOOST_TEST(stream.messages[0].content == "low:1");
  BOOST_TEST(!stream.messages[1].transactional);
  BOOST_TEST(stream.messages[1].prefix == "watermark");
}

BOOST_AUTO_TEST_CASE(seven_tables_of_the_schema_change_capture_equal_their_witness) {
  const std::map<std::string, std::uint64_t> rows = {{"customers", 290}, {"orders", 622},       {"order_items", 1212},
                                                     {"audit_log", 54},  {"staging_events", 3}, {"staging_children", 2},
                                                     {"ddl_audit", 10}};
  for (const auto& [table, expected] : rows) {
    const auto comparison =
        compare(schema_change(), final_state(schema_change()), table_file("schema_change", "final", table));
    BOOST_TEST(comparison.equal(), table);
    BOOST_TEST(comparison.rows_equal == expected, table);
  }
}

BOOST_AUTO_TEST_CASE(the_second_witness_shows_what_the_log_could_not_carry) {
  const CapturedStream& stream = schema_change();
  const CapturedState state = final_state(stream);
  // Five updates and five deletes without a replica identity: five rows stale (missing new, extra old) and five extra.
  const auto lossy = compare(stream, state, table_file("schema_change", "final", "nopk_lossy"));
  BOOST_TEST(lossy.rows_replayed == 21U);
  BOOST_TEST(lossy.rows_witness == 16U);
  BOOST_TEST(lossy.rows_equal == 11U);
  BOOST_TEST(lossy.rows_missing == 5U);
  BOOST_TEST(lossy.rows_extra == 5U + 5U);
  BOOST_TEST(find_evidence(stream, EvidenceKind::inserts_only, "nopk_lossy") != nullptr);
  // A volatile default: unknown for the rows that no later update showed.
  const auto devices = compare(stream, state, table_file("schema_change", "final", "devices"));
  BOOST_TEST(devices.rows_equal == 10U);
  BOOST_TEST(devices.rows_unknown == 30U);
  BOOST_TEST(devices.rows_different + devices.rows_missing + devices.rows_extra == 0U);
  // NaN and the infinities became JSON null.
  const auto numbers = compare(stream, state, table_file("schema_change", "final", "edge_numbers"));
  BOOST_TEST(numbers.rows_equal == 7U);
  BOOST_TEST(numbers.rows_different == 2U);
  BOOST_REQUIRE(numbers.differences.size() == 4U);
  const auto is = [&](std::size_t i, const char* row, const char* column, const char* witness) {
    const CellDifference& difference = numbers.differences[i];
    return difference.row == row && difference.column == column && !difference.replayed &&
           difference.witness == witness;
  };
  BOOST_TEST(is(0, "6", "n", "NaN"));
  BOOST_TEST(is(1, "6", "f", "NaN"));
  BOOST_TEST(is(2, "7", "n", "Infinity"));
  BOOST_TEST(is(3, "7", "f", "-Infinity"));
  for (const char* column : {"n", "f"}) {
    const auto* nulls = find_evidence(stream, EvidenceKind::null_may_be_not_a_number, "edge_numbers", column);
    BOOST_REQUIRE(nulls != nullptr);
    BOOST_TEST(nulls->count == 6U);  // rows 6, 7 and the true NULL of row 9, inserted and updated
    BOOST_TEST(nulls->first_line == 2324U);
  }
}

BOOST_AUTO_TEST_CASE(the_full_replica_identity_table_is_known_as_one) {
  const CapturedStream& stream = schema_change();
  const CapturedTable& audit = stream.tables[stream.find_table("public", "audit_log").value()];
  BOOST_TEST((audit.replica_identity == ReplicaIdentity::full));
  BOOST_TEST(audit.key.empty());
  const CapturedTable& items = stream.tables[stream.find_table("public", "order_items").value()];
  BOOST_TEST((items.replica_identity == ReplicaIdentity::key));
  BOOST_TEST(items.key.size() == 2U);
  BOOST_TEST(items.versions.size() == 3U);  // renamed and back
}

BOOST_AUTO_TEST_CASE(each_declared_change_that_is_left_out_is_missed_with_its_line) {
  // By index: the first line that does not fit.
  const std::map<std::size_t, std::pair<std::uint64_t, std::string>> expected = {
      {0, {3367, "has a column country"}},     {1, {3414, "has a column channel"}},
      {2, {3477, "order_id has type bigint"}}, {4, {3542, "has a column email_address"}},
      {5, {3566, "has a column discount"}},    {6, {3586, "has a column token"}}};
  for (const auto& [left_out, place] : expected) {
    CaptureOptions options = schema_change_options();
    options.schema_changes.erase(options.schema_changes.begin() + static_cast<std::ptrdiff_t>(left_out));
    const auto loaded = load_capture(options);
    BOOST_REQUIRE(!loaded);
    BOOST_TEST(loaded.error.message.find(place.second) != std::string::npos, loaded.error.text());
    BOOST_TEST(loaded.error.line == place.first, loaded.error.text());
  }
}

BOOST_AUTO_TEST_CASE(a_drop_or_rename_that_is_not_declared_shows_in_witness_and_evidence) {
  CaptureOptions options = schema_change_options();
  options.schema_changes.erase(options.schema_changes.begin() + 3);
  // Updates without the dropped char(6) column look like those that leave out an unchanged long value.
  const auto kept = load_capture(options);
  BOOST_REQUIRE_MESSAGE(kept, kept.error.text());
  const auto witness = read_csv_table(table_file("schema_change", "final", "customers"));
  BOOST_REQUIRE(witness);
  const auto comparison = compare_with_witness(*kept.value, final_state(*kept.value), *witness.value);
  BOOST_REQUIRE(!comparison);
  BOOST_TEST(comparison.error.message.find("legacy_code") != std::string::npos);

  options = schema_change_options();
  options.schema_changes.resize(7);  // without the two renames of order_items
  const auto renamed = load_capture(options);
  BOOST_REQUIRE_MESSAGE(renamed, renamed.error.text());
  const auto* evidence = find_evidence(*renamed.value, EvidenceKind::update_of_unknown_row, "order_lines");
  BOOST_REQUIRE(evidence != nullptr);
  BOOST_TEST(evidence->count == 20U);
}

BOOST_AUTO_TEST_CASE(each_schema_change_becomes_visible_with_the_transaction_of_its_statement) {
  // The audit row of each statement names the transaction that made it.
  const CapturedStream& stream = schema_change();
  const std::vector<std::uint64_t> expected = {56614, 56617, 56619, 56625, 56627, 56632, 56637, 56641, 56643};
  std::vector<std::uint64_t> xids;
  for (const CapturedSchemaChange& change : stream.schema_changes) {
    BOOST_REQUIRE(change.transaction < stream.transactions.size());
    xids.push_back(stream.transactions[change.transaction].xid);
  }
  BOOST_TEST(xids == expected, boost::test_tools::per_element());
}

}  // namespace rehearse::test
