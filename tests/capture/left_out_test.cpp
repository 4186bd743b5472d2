// What a stream cannot tell is counted with its first line or refused with it; and of the tables that are not chosen
// nothing is replayed, counted or held to an order.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

using Texts = std::vector<std::string>;

CaptureResult<CapturedStream> read(const std::string& text, CaptureOptions options = {}) {
  const Folder folder;
  options.stream_path = folder.file("stream.jsonl", text);
  return load_capture(options);
}
CapturedStream load(const std::string& text, const CaptureOptions& options = {}) {
  auto loaded = read(text, options);
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
  return std::move(*loaded.value);
}
void must_fail(const std::string& text, std::uint64_t line, const std::string& message,
               const CaptureOptions& options = {}) {
  const auto loaded = read(text, options);
  BOOST_REQUIRE_MESSAGE(!loaded, "accepted, though: " + message);
  BOOST_TEST(loaded.error.message.find(message) != std::string::npos, loaded.error.text() + " instead of " + message);
  BOOST_TEST(loaded.error.line == line, loaded.error.text());
}
CaptureOptions keyed(const std::string& schema, const std::string& column = "id") {
  CaptureOptions options;
  options.keys = {{schema, "t", {column}}};
  return options;
}
CaptureOptions chosen(std::vector<std::pair<std::string, std::string>> tables) {
  CaptureOptions options;
  options.tables = std::move(tables);
  for (const auto& [schema, table] : options.tables) options.keys.push_back({schema, table, {"id"}});
  return options;
}
std::vector<Texts> live_rows(const CapturedStream& stream) {
  std::vector<Texts> rows;
  for (const CapturedTable& table : stream.tables)
    for (const ImageId image : table.final_images)
      if (image != no_image) rows.push_back(cells_of(stream, image));
  return rows;
}
std::uint64_t counted(const CapturedStream& stream, EvidenceKind kind) {
  std::uint64_t count = 0;
  for (const CaptureEvidence& evidence : stream.evidence) count += evidence.kind == kind ? evidence.count : 0;
  return count;
}

// ---- lines

std::string debezium(const std::string& op, const std::string& before, const std::string& after,
                     const std::string& source, const std::string& schema = "public", const std::string& rest = "") {
  return fmt::format(
      R"({{"before":{},"after":{},"source":{{"ts_ms":1772413200000,"schema":"{}","table":"t",{}}},"op":"{}"{}}})"
      "\n",
      before, after, schema, source, op, rest);
}
std::string sql_server(int id, const std::string& commit_lsn) {
  return debezium("c", "null", fmt::format(R"({{"id":{}}})", id), fmt::format(R"("commit_lsn":"{}")", commit_lsn));
}
std::string postgres(const std::string& op, const std::string& row, int transaction) {
  return debezium(op, "null", row, fmt::format(R"("txId":{},"lsn":{})", transaction, transaction * 100));
}
std::string maxwell(int xid, const std::string& type, const std::string& rest, int ts = 1772413200) {
  return fmt::format(R"({{"database":"shop","table":"t","type":"{}","ts":{},"xid":{},"commit":true,{}}})"
                     "\n",
                     type, ts, xid, rest);
}
std::string maxwell_ddl(const std::string& type, const std::string& table) {
  return fmt::format(R"({{"type":"{}","database":"shop",{}"ts":1772413201000,"sql":"…"}})"
                     "\n",
                     type, table.empty() ? "" : fmt::format(R"("table":"{}",)", table));
}
std::string canal(int id, const std::string& type, const std::string& rest, const std::string& ddl = "false") {
  return fmt::format(
      R"({{"id":{},"database":"shop","table":"t","es":1772413200123,"isDdl":{},"pkNames":["id"],"type":"{}",{}}})"
      "\n",
      id, ddl, type, rest);
}
RowLine row_of(const std::string& table, int id) {
  return {.action = "I", .table = table, .columns = {number_cell("id", id)}, .identity = {}};
}

}  // namespace

// ---- which tables

BOOST_AUTO_TEST_CASE(a_table_of_the_same_name_in_another_schema_is_another_table) {
  const std::string lines = debezium("c", "null", R"({"id":1,"v":"a"})", R"("txId":1,"lsn":10)", "tenant1") +
                            debezium("c", "null", R"({"id":1,"v":"b"})", R"("txId":2,"lsn":20)", "tenant2") +
                            debezium("u", "null", R"({"id":9,"v":"c"})", R"("txId":3,"lsn":30)", "tenant2") +
                            debezium("c", "null", R"({"id":2,"v":"d"})", R"("txId":4,"lsn":40)", "tenant3");
  const CapturedStream one = load(lines, chosen({{"tenant1", "t"}}));
  BOOST_TEST((live_rows(one) == std::vector<Texts>{{"1", "a"}}));
  BOOST_TEST(one.tables.size() == 1U);
  BOOST_TEST(one.transactions.size() == 1U);
  BOOST_TEST(one.row_events == 1U);
  BOOST_TEST(one.evidence.empty());
  BOOST_REQUIRE(one.other_tables.named.size() == 2U);
  BOOST_TEST(one.other_tables.named[0].schema == "tenant2");
  BOOST_TEST(one.other_tables.named[0].rows == 2U);
  BOOST_TEST(one.other_tables.named[0].first_line == 2U);
  BOOST_TEST(one.other_tables.named[1].schema == "tenant3");
  BOOST_TEST(load(lines, chosen({{"tenant3", "t"}})).changes.size() == 1U);
  must_fail(lines, 0,
            "the file holds no transaction of the tables that are listed, but of tenant1.t, tenant2.t, tenant3.t",
            chosen({{"tenant4", "t"}}));
}

BOOST_AUTO_TEST_CASE(transactions_of_other_tables_alone_are_none_and_their_order_and_forms_do_not_matter) {
  StreamText text;
  text.transaction({row_of("u", 1), row_of("t", 1), row_of("u", 2)});
  text.transaction({row_of("u", 3)});
  text.transaction({});  // as DDL alone leaves it
  text.transaction({row_of("t", 2)});
  RowLine late = row_of("u", 4);
  late.lsn = 0x10;
  late.xid = 7;
  late.columns = {number_cell("id", 4), number_cell("another", 1)};
  const std::string back = begin_line(7, 0x20) + row_line(late) + commit_line(7, 0x20);
  const CapturedStream stream = load(text.text + back, chosen({{"public", "t"}}));
  BOOST_TEST(stream.transactions.size() == 3U);
  BOOST_TEST(stream.empty_transactions == 1U);
  BOOST_TEST(stream.changes.size() == 2U);
  BOOST_TEST(stream.tables.size() == 1U);
  BOOST_TEST(stream.other_tables.named[0].rows == 4U);
  late.table = "t";
  must_fail(text.text + begin_line(7, 0x20) + row_line(late) + commit_line(7, 0x20), 14, "does not follow",
            chosen({{"public", "t"}}));
}

BOOST_AUTO_TEST_CASE(a_transaction_may_end_with_a_row_of_another_table) {
  const std::string lines =
      R"({"database":"shop","table":"t","type":"insert","ts":1772413200,"xid":1,"xoffset":0,"data":{"id":1}})"
      "\n"
      R"({"database":"shop","table":"u","type":"insert","ts":1772413200,"xid":1,"commit":true,"data":{"id":1}})"
      "\n" +
      maxwell(2, "insert", R"("data":{"id":2})");
  const CapturedStream stream = load(lines, chosen({{"shop", "t"}}));
  BOOST_TEST(stream.transactions.size() == 2U);
  BOOST_TEST(stream.changes.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_chosen_table_is_known_by_each_of_its_names) {
  StreamText text;
  text.transaction({row_of("t", 1)});
  const std::uint64_t renamed = text.transaction({row_of("later", 2)});
  text.transaction({row_of("u", 3)});
  for (const char* name : {"t", "later"}) {
    CaptureOptions options = chosen({{"public", name}});
    DeclaredSchemaChange change;
    change.table = "t";
    change.lsn = renamed;
    change.kind = SchemaChangeKind::rename_table;
    change.rename_table.to = "later";
    options.schema_changes = {change};
    BOOST_TEST(load(text.text, options).changes.size() == 2U, name);
  }
}

BOOST_AUTO_TEST_CASE(names_of_other_tables_are_bounded) {
  StreamText text;
  text.transaction({row_of("t", 1)});
  for (int i = 0; i < 100; ++i) text.transaction({row_of(fmt::format("other{}", i), 1)});
  const CapturedStream stream = load(text.text, chosen({{"public", "t"}}));
  BOOST_TEST(stream.other_tables.named.size() == 64U);
  BOOST_TEST(stream.other_tables.rows_of_more == 36U);
}

// ---- transactions and their order

BOOST_AUTO_TEST_CASE(rows_of_one_commit_position_are_one_transaction_and_the_position_does_not_go_back) {
  const std::string a = "00000031:00000100:0005", b = "00000031:00000200:0002", c = "0000003A:00000001:0001";
  const CapturedStream stream =
      load(sql_server(1, a) + sql_server(2, a) + sql_server(3, b) + sql_server(4, c), keyed("public"));
  BOOST_TEST(stream.transactions.size() == 3U);
  BOOST_TEST(stream.transactions[0].end == 2U);
  must_fail(sql_server(1, a) + sql_server(2, b) + sql_server(3, a), 3, "goes back behind 00000031:00000200:0002",
            keyed("public"));
  must_fail(sql_server(1, "xyz"), 1, "\"commit_lsn\" is xyz", keyed("public"));
  const auto oracle = [](int id, const std::string& tx, int scn) {
    return debezium("c", "null", fmt::format(R"({{"id":{}}})", id),
                    fmt::format(R"("txId":"{}","commit_scn":"{}")", tx, scn));
  };
  BOOST_TEST(load(oracle(1, "a", 9) + oracle(2, "b", 10), keyed("public")).transactions.size() == 2U);
  must_fail(oracle(1, "a", 10) + oracle(2, "b", 9), 2, "position goes back", keyed("public"));
}

BOOST_AUTO_TEST_CASE(the_position_behind_postgresqls_transaction_id_is_the_rows) {
  const auto row = [](int id, const std::string& transaction) {
    return debezium("c", "null", fmt::format(R"({{"id":{}}})", id), fmt::format(R"("lsn":{})", 100 + id), "public",
                    fmt::format(R"(,"transaction":{{"id":"{}","total_order":{}}})", transaction, id));
  };
  BOOST_TEST(load(row(1, "701:101") + row(2, "701:102") + row(3, "702:103"), keyed("public")).transactions.size() ==
             2U);
  // What stands before the colon of MySQL's is the server's.
  BOOST_TEST(load(row(1, "3e11fa47-71ca:1") + row(2, "3e11fa47-71ca:2"), keyed("public")).transactions.size() == 2U);
}

BOOST_AUTO_TEST_CASE(commit_times_that_go_back_are_counted_and_a_commit_time_of_zero_is_refused) {
  const auto insert = [](int id, int ts) {
    return maxwell(id, "insert", fmt::format(R"("data":{{"id":{}}})", id), ts);
  };
  const CapturedStream stream =
      load(insert(1, 1005) + insert(2, 1001) + insert(3, 1003) + insert(4, 1005) + insert(5, 1009), keyed("shop"));
  BOOST_TEST(stream.times_going_back.count == 2U);
  BOOST_TEST(stream.times_going_back.first_line == 2U);
  BOOST_TEST(stream.times_going_back.most_ns == 4'000'000'000);
  must_fail(insert(1, 1000) + insert(2, 0), 2, "the commit time is 0", keyed("shop"));
}

// ---- rows

BOOST_AUTO_TEST_CASE(a_column_that_a_whole_row_lacks_is_gone_and_its_end_has_to_be_declared) {
  const std::string made = canal(1, "INSERT", R"("data":[{"id":"1","v":"a","note":"n"}],"old":null)");
  const std::string without = canal(3, "UPDATE", R"("data":[{"id":"1","v":"b"}],"old":[{"v":"a"}])");
  must_fail(made + without, 2, "table shop.t: the updated row has no column note");
  const auto refused = read(made + without);
  BOOST_TEST(refused.error.expected.find("at_lsn: \"0/2\"") != std::string::npos, refused.error.expected);
  DeclaredSchemaChange drop;
  drop.schema = "shop";
  drop.table = "t";
  drop.lsn = 2;
  drop.kind = SchemaChangeKind::drop_column;
  drop.drop.column = "note";
  CaptureOptions options;
  options.schema_changes = {drop};
  const CapturedStream stream = load(made + without, options);
  BOOST_TEST(stream.tables[0].columns[2].dropped);
  BOOST_TEST(stream.evidence.empty());
  must_fail(maxwell(1, "insert", R"("data":{"id":1,"v":"a"})") + maxwell(2, "update", R"("data":{"id":1},"old":{})"), 2,
            "the updated row has no column v", keyed("shop"));
  must_fail(postgres("c", R"({"id":1,"v":"a"})", 1) + postgres("u", R"({"id":1})", 2), 2,
            "the updated row has no column v", keyed("public"));
}

BOOST_AUTO_TEST_CASE(placeholders_are_found_in_arrays_maps_and_other_forms) {
  const std::string numbers =
      "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]";
  const std::string word = "\"__debezium_unavailable_value\"";
  for (const std::string& placeholder :
       {word, "[" + word + "]", "{" + word + ":" + word + "}", numbers,
        std::string(R"(["b68a35a7-17ad-35b3-af2a-ae46edb4545a"])"),
        std::string(R"("{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}")"),
        std::string(R"("5f5f646562657a69756d5f756e617661696c61626c655f76616c7565")")}) {
    const CapturedStream stream = load(postgres("c", R"({"id":1,"tags":["x"]})", 1) +
                                           postgres("u", fmt::format(R"({{"id":1,"tags":{}}})", placeholder), 2),
                                       keyed("public"));
    BOOST_TEST(stream.changes[1].unchanged == 2U, placeholder);
    BOOST_TEST(cells_of(stream, stream.changes[1].image)[1] == "[\"x\"]", placeholder);
  }
  for (const char* value : {"[]", "{}", R"(["__debezium_unavailable_value","y"])", "[95,95]"}) {
    const CapturedStream stream =
        load(postgres("c", fmt::format(R"({{"id":1,"tags":{}}})", value), 1), keyed("public"));
    BOOST_TEST(cells_of(stream, stream.changes[0].image)[1] == value);
  }
  // A key that moves comes as a delete and an insert, and the insert lacks what did not change.
  const CapturedStream moved =
      load(postgres("c", R"({"id":2,"tags":["__debezium_unavailable_value"]})", 1), keyed("public"));
  BOOST_TEST(counted(moved, EvidenceKind::unchanged_value_unknown) == 1U);
}

BOOST_AUTO_TEST_CASE(a_key_or_column_twice_is_refused) {
  must_fail(postgres("c", R"({"id":1,"v":"a","v":"b"})", 1), 1, "the object has \"v\" twice", keyed("public"));
  must_fail(maxwell(1, "insert", R"("data":{"id":1},"data":{"id":2})"), 1, "the object has \"data\" twice",
            keyed("shop"));
  must_fail(canal(1, "INSERT", R"("data":[{"id":"1","id":"2"}],"old":null)"), 1, "the object has \"id\" twice");
  StreamText text;
  RowLine twice = row_of("t", 1);
  twice.columns = {number_cell("id", 1), text_cell("v", "a"), text_cell("v", "b")};
  text.transaction({twice});
  must_fail(text.text, 2, "names column v twice");
  StreamText again;
  again.transaction({row_of("t", 1)});
  const std::string position = R"("nextlsn":)";
  again.text.insert(again.text.find(position), R"("nextlsn":"0/1",)");
  must_fail(again.text, 1, "the line has \"nextlsn\" twice");
}

BOOST_AUTO_TEST_CASE(envelopes_with_and_without_a_schema_are_not_mixed) {
  const std::string plain = postgres("c", R"({"id":1,"p":"BOI="})", 1);
  const auto wrapped = [](const std::string& line) {
    return fmt::format(
        R"({{"schema":{{"fields":[{{"field":"after","fields":[{{"type":"int32","field":"id"}},{{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{{"scale":"2"}},"field":"p"}}]}}]}},"payload":{}}})"
        "\n",
        line.substr(0, line.size() - 1));
  };
  must_fail(wrapped(plain) + postgres("u", R"({"id":1,"p":"BOI="})", 2), 2,
            "the envelope has no schema, and that of line 1 has one", keyed("public"));
  must_fail(plain + wrapped(postgres("u", R"({"id":1,"p":"BOI="})", 2)), 2,
            "the envelope has a schema, and that of line 1 has none", keyed("public"));
  const CapturedStream stream = load(wrapped(plain), keyed("public"));
  BOOST_TEST(cells_of(stream, stream.changes[0].image)[1] == "12.50");
}

BOOST_AUTO_TEST_CASE(a_declared_key_may_not_contradict_the_streams_and_stands_where_the_stream_has_none) {
  StreamText text;
  RowLine row = row_of("t", 1);
  row.columns = {number_cell("id", 1), text_cell("code", "a")};
  text.transaction({row});
  must_fail(text.text, 2, "the stream says that its key is (id), the scenario that it is (code)",
            keyed("public", "code"));
  CaptureOptions both = keyed("public");
  BOOST_TEST(load(text.text, both).tables[0].key.size() == 1U);

  StreamText none;
  row.pk = {};
  RowLine changed = row;
  changed.action = "U";
  changed.columns = {number_cell("id", 1), text_cell("code", "b")};
  changed.identity = row.columns;  // a full replica identity
  none.transaction({row});
  none.transaction({changed});
  const CapturedStream stream = load(none.text, keyed("public"));
  BOOST_TEST((stream.tables[0].key == std::vector<std::uint16_t>{0}));
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1", "b"}}));
  const std::string key = R"({"id": 1})";
  must_fail(key + "\t" + postgres("c", R"({"id":1,"code":"a"})", 1), 1, "the stream says that its key is (id)",
            keyed("public", "code"));
}

BOOST_AUTO_TEST_CASE(updates_and_deletes_without_any_key_are_counted) {
  const CapturedStream stream = load(postgres("c", R"({"id":1,"v":"a"})", 1) + postgres("c", R"({"id":2,"v":"b"})", 2) +
                                     debezium("d", R"({"id":1,"v":null})", "null", R"("txId":3,"lsn":300)") +
                                     postgres("u", R"({"id":2,"v":"b2"})", 4));
  BOOST_TEST(counted(stream, EvidenceKind::delete_without_identity) == 1U);
  BOOST_TEST(counted(stream, EvidenceKind::update_without_identity) == 1U);
  BOOST_TEST(find_evidence(stream, EvidenceKind::update_without_identity, "t")->first_line == 4U);
  BOOST_TEST(stream.row_events == 4U);
}

// ---- statements

BOOST_AUTO_TEST_CASE(the_rows_of_a_dropped_table_are_gone) {
  const std::string first = maxwell(1, "insert", R"("data":{"id":1})"),
                    second = maxwell(3, "insert", R"("data":{"id":2})");
  for (const std::string& table : {std::string("t"), std::string()}) {
    const CapturedStream stream = load(first + maxwell_ddl(table.empty() ? "database-drop" : "table-drop", table) +
                                           (table.empty() ? "" : maxwell_ddl("table-create", table)) + second,
                                       keyed("shop"));
    BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"2"}}));
    BOOST_TEST(stream.transactions.size() == 3U);
    BOOST_TEST(stream.transactions[1].commit_time_unix_ns == 1'772'413'201'000'000'000);
    BOOST_TEST(counted(stream, EvidenceKind::table_dropped) == 1U);
    BOOST_TEST(find_evidence(stream, EvidenceKind::table_dropped, "t")->first_line == 2U);
  }
  const CapturedStream erased = load(canal(1, "INSERT", R"("data":[{"id":"1"}],"old":null)") +
                                     canal(2, "ERASE", R"("data":null,"old":null)", "true") +
                                     canal(3, "INSERT", R"("data":[{"id":"2"}],"old":null)"));
  BOOST_TEST((live_rows(erased) == std::vector<Texts>{{"2"}}));
  BOOST_TEST(counted(erased, EvidenceKind::table_dropped) == 1U);
  // Another table's end is nothing to this one, nor is a statement before its first row.
  const CapturedStream other = load(maxwell_ddl("table-drop", "t") + maxwell_ddl("table-create", "t") + first +
                                        maxwell_ddl("table-drop", "u") + second,
                                    chosen({{"shop", "t"}}));
  BOOST_TEST(live_rows(other).size() == 2U);
  BOOST_TEST(other.transactions.size() == 2U);
  BOOST_TEST(counted(other, EvidenceKind::table_dropped) + counted(other, EvidenceKind::ddl_passed_over) == 0U);
}

BOOST_AUTO_TEST_CASE(statements_passed_over_are_counted) {
  const std::string row = maxwell(1, "insert", R"("data":{"id":1})");
  const CapturedStream stream =
      load(row + maxwell_ddl("table-alter", "t") + maxwell_ddl("table-alter", "u") + maxwell_ddl("table-alter", "t"),
           keyed("shop"));
  BOOST_TEST(counted(stream, EvidenceKind::ddl_passed_over) == 2U);
  BOOST_TEST(find_evidence(stream, EvidenceKind::ddl_passed_over, "t")->first_line == 2U);
  for (const char* sql : {"DROP DATABASE shop", "drop  schema if exists shop"}) {
    const CapturedStream gone =
        load(canal(1, "INSERT", R"("data":[{"id":"1"}],"old":null)") +
             canal(2, "QUERY", fmt::format(R"("data":null,"old":null,"sql":"{}")", sql), "true") +
             canal(3, "INSERT", R"("data":[{"id":"2"}],"old":null)"));
    BOOST_TEST((live_rows(gone) == std::vector<Texts>{{"2"}}), sql);
    BOOST_TEST(counted(gone, EvidenceKind::table_dropped) == 1U, sql);
  }
  const CapturedStream canals = load(canal(1, "INSERT", R"("data":[{"id":"1"}],"old":null)") +
                                     canal(2, "ALTER", R"("data":null,"old":null)", "true"));
  BOOST_TEST(counted(canals, EvidenceKind::ddl_passed_over) == 1U);
}

}  // namespace rehearse::test
