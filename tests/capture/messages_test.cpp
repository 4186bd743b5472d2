// What stands around changes in a file, what is no change of a row, and orders and types that only look wrong.
#include "sim/capture/type_names.h"
#include "tests/capture/stream_lines.h"

namespace rehearse::test {
namespace {

std::string without_end(std::string line) {
  line.pop_back();
  return line;
}

const std::string first = postgres("c", "null", R"({"id":1,"v":"a"})", 1);
const std::string second = postgres("c", "null", R"({"id":2,"v":"b"})", 2);
const std::vector<Texts> both = {{"1", "a"}, {"2", "b"}};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

// ---- what a consumer prints around a message

BOOST_AUTO_TEST_CASE(what_a_console_consumer_prints_before_a_message_is_taken_off) {
  for (const std::string& prefix : std::vector<std::string>{
           "null\t", "{\"id\":1}\t", "CreateTime:1772413200000\t", "CreateTime:1772413200000\t{\"id\":1}\t",
           "LogAppendTime:1772413200000\tPartition:3\tOffset:17\tNO_HEADERS\tnull\t", "NO_TIMESTAMP\tPartition:0\t",
           "CreateTime:5\ttrace:abc,source:x\t{\"id\":1}\t", "17\t", "\"orders-1\"\t", "Partition:0\tOffset:1\t"}) {
    BOOST_TEST_CONTEXT(prefix)
    BOOST_TEST((live_rows(load(prefix + first + prefix + second, keyed("public"))) == both));
  }
}

BOOST_AUTO_TEST_CASE(prefixes_stand_before_every_format) {
  const std::string prefix = "CreateTime:1\tPartition:0\tnull\t";
  const auto rows = std::vector<Texts>{{"1"}};
  BOOST_TEST((live_rows(load(prefix + maxwell(R"("type":"insert","xid":1,"commit":true,"data":{"id":1})"),
                             keyed("shop"))) == rows));
  BOOST_TEST((live_rows(load(prefix + canal(1, 1772413200000, "INSERT", R"([{"id":"1"}])"), keyed("shop"))) == rows));
  StreamText stream;
  stream.transaction({{.columns = {number_cell("id", 1)}, .identity = {}}});
  std::string text;
  std::istringstream lines(stream.text);
  for (std::string line; std::getline(lines, line);) text += prefix + line + "\n";
  BOOST_TEST((live_rows(load(text)) == rows));
}

BOOST_AUTO_TEST_CASE(envelopes_of_kcat_are_opened_with_their_keys) {
  const auto envelope = [](int offset, const std::string& key, const std::string& payload) {
    return fmt::format(
        R"({{"topic":"t","partition":0,"offset":{},"tstype":"create","ts":1,"broker":0,"key":{},"payload":{}}})"
        "\n",
        offset, key, payload);
  };
  const auto quoted = [](const std::string& text) { return "\"" + escaped(text) + "\""; };
  const std::string one = envelope(1, quoted(R"({"id":1})"), quoted(without_end(first)));
  const std::string two = envelope(2, quoted(R"({"id":2})"), quoted(without_end(second)));
  const CapturedStream stream = load(one + two + envelope(3, quoted(R"({"id":2})"), "null"));
  BOOST_TEST((live_rows(stream) == both));
  BOOST_TEST(stream.tables[0].key == std::vector<std::uint16_t>{0}, boost::test_tools::per_element());
  // A payload that is an object already.
  BOOST_TEST(
      (live_rows(load(envelope(1, "null", without_end(first)), keyed("public"))) == std::vector<Texts>{{"1", "a"}}));
  must_fail(envelope(1, "null", R"("plain text")"), 1, "the envelope's payload is no JSON object");
}

BOOST_AUTO_TEST_CASE(what_a_consumer_says_of_the_topic_is_passed_over_and_counted) {
  const CapturedStream stream =
      load(first + second + "% Reached end of topic t [0] at offset 2\n" + "Processed a total of 2 messages\n",
           keyed("public"));
  BOOST_TEST((live_rows(stream) == both));
  BOOST_REQUIRE(stream.passed_over.size() == 1U);
  BOOST_TEST(stream.passed_over[0].count == 2U);
  BOOST_TEST(stream.passed_over[0].first_line == 3U);
}

BOOST_AUTO_TEST_CASE(the_column_of_a_mistake_counts_what_stands_before_the_message) {
  const std::string prefix = "CreateTime:1\t";
  std::string wrong = first;
  wrong.replace(wrong.find(R"("op":"c")"), 8, R"("op":"x")");
  const auto plain = read(wrong);
  const auto prefixed = read(prefix + wrong);
  BOOST_REQUIRE(!plain);
  BOOST_REQUIRE(!prefixed);
  BOOST_TEST(plain.error.column > 0U);
  BOOST_TEST(prefixed.error.column == plain.error.column + prefix.size());
}

BOOST_AUTO_TEST_CASE(a_mark_of_utf_8_is_no_text_and_utf_16_is_named) {
  BOOST_TEST((live_rows(load("\xEF\xBB\xBF" + first + second, keyed("public"))) == both));
  must_fail(std::string("\xFF\xFE{\0\"\0", 6), 1, "the file is UTF-16 text");
}

BOOST_AUTO_TEST_CASE(what_is_unknown_is_described_by_what_it_looks_like) {
  must_fail(R"({"id":1,"v":"a","__op":"c","__deleted":"false"})"
            "\n",
            1, "a Debezium message that a transform has flattened");
  must_fail(R"({"encrypted":{"iv":"x","bytes":"y"}})"
            "\n",
            1, "an encrypted Maxwell message");
}

// ---- messages that are no rows

BOOST_AUTO_TEST_CASE(messages_of_connectors_that_are_no_rows_are_passed_over_and_counted) {
  const std::string schema_change =
      R"({"source":{"connector":"mysql","db":"shop","table":"other","file":"bin.000004","pos":10},"ts_ms":1,"databaseName":"shop","schemaName":null,"ddl":"CREATE TABLE other","tableChanges":[]})"
      "\n";
  const std::string heartbeat = R"({"ts_ms":1772413200000})"
                                "\n";
  const std::string row = mysql("c", "null", R"({"id":1})", 100);
  for (const std::string& text :
       Texts{heartbeat + schema_change + row + heartbeat, row + schema_change + heartbeat + heartbeat}) {
    CaptureOptions options = keyed("shop");
    options.tables = {{"shop", "t"}};
    const CapturedStream stream = load(text, options);
    BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1"}}));
    BOOST_REQUIRE(stream.passed_over.size() == 2U);
    for (const PassedOver& passed : stream.passed_over)
      BOOST_TEST(passed.count == (passed.what == "heartbeat" ? 2U : 1U), passed.what);
  }
}

BOOST_AUTO_TEST_CASE(watermarks_and_statements_under_any_flag_are_passed_over_and_counted) {
  const std::string row = canal(1, 1772413200000, "INSERT", R"([{"id":"1"}])");
  const std::string watermark =
      R"({"data":null,"database":"","es":1772413200001,"id":0,"isDdl":false,"sql":"","table":"","type":"TIDB_WATERMARK"})"
      "\n";
  const auto statement = [](const std::string& type, const std::string& is_ddl, const std::string& table) {
    return fmt::format(
        R"({{"data":null,"database":"shop","es":1772413200002,"id":2,"isDdl":{},"sql":"x","table":"{}","type":"{}"}})"
        "\n",
        is_ddl, table, type);
  };
  CaptureOptions options;
  options.tables = {{"shop", "t"}};
  const CapturedStream stream = load(row + watermark + statement("ALTER", "false", "other") +
                                         statement("CINDEX", "true", "other") + statement("QUERY", "false", "t"),
                                     options);
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1"}}));
  BOOST_REQUIRE(stream.passed_over.size() == 2U);
  BOOST_TEST(stream.passed_over[0].what == "watermark");
  BOOST_TEST(stream.passed_over[1].count == 2U);
  BOOST_TEST(counted(stream, EvidenceKind::ddl_passed_over) == 1U);
  must_fail(
      row + R"({"data":[{"id":"1"}],"database":"shop","es":1,"id":2,"isDdl":false,"table":"t","type":"MERGE"})" + "\n",
      2, "unknown type MERGE");
}

// ---- orders, numbers and keys

BOOST_AUTO_TEST_CASE(a_canal_servers_ids_may_begin_again_as_long_as_time_goes_on) {
  const std::string one = canal(97, 1772413200000, "INSERT", R"([{"id":"1","v":"a"}])");
  const std::string two = canal(1, 1772413250000, "UPDATE", R"([{"id":"1","v":"b"}])", R"([{"v":"a"}])");
  BOOST_TEST((live_rows(load(one + two)) == std::vector<Texts>{{"1", "b"}}));
  must_fail(canal(98, 1772413200001, "INSERT", R"([{"id":"2","v":"a"}])") + one, 2, "its \"es\" goes back");
}

BOOST_AUTO_TEST_CASE(a_canal_update_without_old_values_is_found_by_its_key) {
  const std::string insert = canal(1, 1772413200000, "INSERT", R"([{"id":"1","v":"a"},{"id":"2","v":"a"}])");
  for (const char* old : {"null", "[null]"}) {
    const CapturedStream stream = load(insert + canal(2, 1772413201000, "UPDATE", R"([{"id":"2","v":"b"}])", old));
    BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1", "a"}, {"2", "b"}}));
    BOOST_TEST(stream.evidence.empty());
  }
}

BOOST_AUTO_TEST_CASE(with_gtids_the_order_is_each_servers_own_and_files_may_go_back) {
  const auto row = [](int id, const std::string& gtid, int file) {
    return debezium(
        "c", "null", fmt::format(R"({{"id":{}}})", id),
        fmt::format(R"("connector":"mysql","db":"shop","gtid":"{}","file":"bin.{:06}","pos":400)", gtid, file));
  };
  const CapturedStream stream = load(row(1, "a:7", 9) + row(2, "b:1", 2) + row(3, "b:2", 2), keyed("shop"));
  BOOST_TEST(stream.transactions.size() == 3U);
  BOOST_TEST(stream.transactions[2].commit_lsn > stream.transactions[1].commit_lsn);
  must_fail(row(1, "a:7", 9) + row(2, "b:2", 2) + row(3, "a:6", 2), 3, "transaction a:6 comes after number 7");
  BOOST_TEST(load(row(1, "0-1-5", 9) + row(2, "0-2-6", 2), keyed("shop")).transactions.size() == 2U);
  must_fail(row(1, "0-1-5", 9) + row(2, "0-2-4", 2), 2, "comes after number 5");
  must_fail(mysql("c", "null", R"({"id":1})", 500) + mysql("c", "null", R"({"id":2})", 400), 2, "position goes back");
}

BOOST_AUTO_TEST_CASE(a_binary_log_may_grow_beyond_4_gib) {
  const CapturedStream stream =
      load(mysql("c", "null", R"({"id":1})", 4'294'960'000) + mysql("c", "null", R"({"id":2})", 4'300'000'000) +
               mysql("c", "null", R"({"id":3})", 4'400'000'000),
           keyed("shop"));
  BOOST_TEST(stream.transactions.size() == 3U);
  BOOST_TEST(live_rows(stream).size() == 3U);
  const auto at = [](const std::string& place, int id) {
    return maxwell(
        fmt::format(R"("type":"insert","xid":{0},"commit":true,"position":"bin.{1}","data":{{"id":{0}}})", id, place));
  };
  BOOST_TEST(load(at("000004:4294960000", 1) + at("000004:4300000000", 2) + at("000005:4", 3), keyed("shop"))
                 .transactions.size() == 3U);
}

BOOST_AUTO_TEST_CASE(maxwell_rows_without_a_transaction_are_one_each) {
  const auto row = [](int id, const std::string& of) {
    return maxwell(fmt::format(R"("type":"insert",{}"data":{{"id":{}}})", of, id));
  };
  const CapturedStream stream = load(row(1, R"("xid":5,"commit":true,)") + row(2, "") + row(3, "") +
                                         row(4, R"("xid":6,)") + row(5, R"("xid":6,"commit":true,)"),
                                     keyed("shop"));
  BOOST_TEST(stream.transactions.size() == 4U);
  BOOST_TEST(live_rows(stream).size() == 5U);
  must_fail(row(1, R"("xid":5,)") + row(2, ""), 2, "a row of no transaction inside transaction 5", keyed("shop"));
}

BOOST_AUTO_TEST_CASE(maxwells_option_that_leaves_nulls_out_is_named) {
  must_fail(maxwell(R"("type":"insert","xid":1,"commit":true,"data":{"id":1,"v":"a"})") +
                maxwell(R"("type":"insert","xid":2,"commit":true,"data":{"id":2})"),
            2, "output_nulls=false", keyed("shop"));
}

BOOST_AUTO_TEST_CASE(what_a_router_adds_to_a_messages_key_is_no_column_of_it) {
  const std::string key = R"({"id":1,"__dbz__physicalTableIdentifier":"a.b.t_1"})";
  const CapturedStream stream =
      load(key + "\t" + first + key + "\t" + postgres("u", "null", R"({"id":1,"v":"b"})", 2), keyed("public"));
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1", "b"}}));
  BOOST_TEST(stream.tables[0].key == std::vector<std::uint16_t>{0}, boost::test_tools::per_element());
}

// ---- types

BOOST_AUTO_TEST_CASE(names_of_types_are_compared_by_what_they_mean) {
  const std::pair<const char*, const char*> same[] = {{"int", "INT"},
                                                      {"int", "integer"},
                                                      {"int(11)", "integer"},
                                                      {"int4", "INT"},
                                                      {"varchar(10)", "VARCHAR"},
                                                      {"varchar(10)", "character varying(20)"},
                                                      {"decimal(10,2)", "numeric(10, 2)"},
                                                      {"decimal(10)", "numeric(10,0)"},
                                                      {"decimal", "numeric(10,2)"},
                                                      {"bigint(20) unsigned", "BIGINT UNSIGNED"},
                                                      {"tinyint(1)", "boolean"},
                                                      {"", "jsonb"},
                                                      {"timestamptz", "timestamp with time zone"},
                                                      {"double", "double precision"}};
  for (const auto& [a, b] : same) BOOST_TEST(same_type(a, b), a << " and " << b);
  const std::pair<const char*, const char*> different[] = {{"int", "bigint"},
                                                           {"decimal(10,2)", "decimal(10,4)"},
                                                           {"bigint", "bigint unsigned"},
                                                           {"bit(8)", "bit(16)"},
                                                           {"date", "timestamp"},
                                                           {"text", "bytea"},
                                                           {"timestamp(3)", "timestamp(6)"}};
  for (const auto& [a, b] : different) BOOST_TEST(!same_type(a, b), a << " and " << b);
}

BOOST_AUTO_TEST_CASE(a_columns_type_may_be_written_otherwise_and_a_declared_one_in_other_words) {
  const auto row = [](int id, const std::string& type, std::int64_t es) {
    return canal(id, es, "INSERT", fmt::format(R"([{{"id":"{}"}}])", id), "null",
                 fmt::format(R"({{"id":"{}"}})", type));
  };
  BOOST_TEST(load(row(1, "INT(11)", 1772413200000) + row(2, "int", 1772413201000)).changes.size() == 2U);
  must_fail(row(1, "int", 1772413200000) + row(2, "bigint", 1772413201000), 2, "column id has type bigint here");
  CaptureOptions options;
  DeclaredSchemaChange added;
  added.schema = "shop";
  added.table = "t";
  added.lsn = 2;
  added.add = {"w", "integer", {}};
  options.schema_changes.push_back(added);
  const std::string wider =
      canal(2, 1772413201000, "INSERT", R"([{"id":"2","w":"5"}])", "null", R"({"id":"int","w":"INT"})");
  BOOST_TEST((live_rows(load(row(1, "int", 1772413200000) + wider, options)) ==
              std::vector<Texts>{{"1", "NULL"}, {"2", "5"}}));
}

}  // namespace rehearse::test
