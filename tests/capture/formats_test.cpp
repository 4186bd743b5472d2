// The same stream in every format: written, read again, and the same rows, transactions and keys come out; what each
// format's own lines mean; and damage to each is named with its place.
#include <boost/test/unit_test.hpp>
#include <map>

#include "sim/capture/change_writer.h"
#include "sim/kernel/draw.h"
#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

constexpr ChangeFormat formats[] = {ChangeFormat::wal2json2, ChangeFormat::wal2json1, ChangeFormat::debezium,
                                    ChangeFormat::maxwell,   ChangeFormat::canal,     ChangeFormat::goldengate,
                                    ChangeFormat::dms};

struct Row {
  EventKind kind = EventKind::insert;
  std::vector<EventColumn> columns;
  std::vector<EventColumn> old_columns;
  std::string_view table = "t";
};

std::vector<EventColumn> row_of(std::string_view id, std::string_view amount, std::optional<std::string_view> note) {
  return {{"id", "bigint", false, id},
          {"amount", "numeric(38,2)", false, amount},
          {"note", "text", !note, note.value_or("")},
          {"ok", "boolean", false, "t"},
          {"day", "date", false, "2026-03-02"},
          {"at", "timestamp without time zone", false, "2026-03-02 01:35:10.368375"},
          {"seen", "timestamp with time zone", false, "2026-03-02 01:35:10.5+00"},
          {"raw", "bytea", false, "\\x00ff7f"}};
}

// Commit times are whole seconds, so that every format can carry them.
void write_transaction(ChangeWriter& writer, std::uint64_t number, const std::vector<Row>& rows, std::string& out) {
  ChangeEvent event;
  event.xid = 700 + number;
  event.lsn = 0x1000 * (number + 1) + 0x800;
  event.time_unix_ns = (1'772'413'200 + static_cast<std::int64_t>(number)) * 1'000'000'000;
  event.kind = EventKind::begin;
  writer.write(event, out);
  ChangeEvent change;
  change.xid = event.xid;
  change.lsn = 0x1000 * (number + 1);
  for (const Row& row : rows) {
    change.kind = row.kind;
    change.columns = row.columns;
    change.old_columns = row.old_columns;
    change.schema = "public";
    change.table = row.table;
    change.names_key = true;
    change.key = {"id"};
    change.lsn += 16;
    writer.write(change, out);
  }
  event.kind = EventKind::commit;
  writer.write(event, out);
}

std::string written(ChangeFormat format) {
  const auto writer = make_change_writer(format);
  std::string out;
  const auto a = row_of("9223372036854775807", "123456789012345678901234567890123456.70", "tab\t quote\" \u00e9\\");
  const auto b = row_of("2", "0.00", "");
  const auto b2 = row_of("2", "-1.10", std::nullopt);
  const auto other = row_of("1", "5.00", "null");
  write_transaction(*writer, 0, {{EventKind::insert, a, {}}, {EventKind::insert, b, {}}}, out);
  write_transaction(*writer, 1, {{EventKind::update, b2, b}, {EventKind::insert, other, {}, "u"}}, out);
  write_transaction(*writer, 2, {{EventKind::remove, {}, a}, {EventKind::insert, row_of("3", "7.00", "x"), {}}}, out);
  write_transaction(*writer, 3, {{EventKind::insert, a, {}}}, out);
  return out;
}

CaptureResult<CapturedStream> load_text(const Folder& folder, const std::string& text) {
  CaptureOptions options;
  options.stream_path = folder.file("stream", text);
  options.keys = {{"public", "t", {"id"}}, {"public", "u", {"id"}}, {"shop", "t", {"id"}}};
  return load_capture(options);
}
CapturedStream loaded_text(const std::string& text) {
  const Folder folder;
  auto loaded = load_text(folder, text);
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
  return std::move(*loaded.value);
}

// Everything that a format carries, as text: transactions with their times, and each change with both rows.
std::vector<std::string> facts_of(const CapturedStream& stream) {
  std::vector<std::string> facts;
  for (const CapturedTransaction& transaction : stream.transactions) {
    facts.push_back(fmt::format("at {}", transaction.commit_time_unix_ns));
    for (std::uint64_t i = transaction.begin; i < transaction.end; ++i) {
      const CapturedChange& change = stream.changes[i];
      facts.push_back(fmt::format(
          "{} {} {} {} {}", stream.tables[change.table].name, static_cast<int>(change.kind), change.old_row,
          change.new_row,
          change.image == no_image ? "" : fmt::format("{}", fmt::join(cells_of(stream, change.image), "|"))));
    }
  }
  return facts;
}

// One kind of damage or another, chosen by the number alone.
std::string damaged(std::string text, std::uint64_t number) {
  static const Stream where = stream(2, "test.capture.formats");
  const auto draw = [&](std::uint32_t what) { return bits(where, number, what); };
  const std::size_t at = below(draw(0), text.size());
  const std::size_t length = 1 + below(draw(1), 60);
  switch (below(draw(2), 6)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = static_cast<char>(text[at] ^ (1 << below(draw(3), 8)));
      break;
    case 2:
      text.erase(at, length);
      break;
    case 3:
      text.insert(at, text.substr(below(draw(3), text.size()), length));
      break;
    case 4:
      text[at] = "{}[]\",:\\\n0-.eEtfn"[below(draw(3), 17)];
      break;
    default:
      text.insert(at, std::string(1 + below(draw(3), 300), "[{\"\\0"[below(draw(4), 5)]));
  }
  return text;
}

void must_fail(const std::string& text, std::uint64_t line, const std::string& message) {
  const Folder folder;
  const auto loaded = load_text(folder, text);
  BOOST_REQUIRE_MESSAGE(!loaded, "accepted, though: " + message);
  BOOST_TEST(loaded.error.message.find(message) != std::string::npos, loaded.error.text() + " instead of " + message);
  BOOST_TEST(loaded.error.line == line, loaded.error.text());
}

std::string debezium(const std::string& op, const std::string& before, const std::string& after,
                     const std::string& source) {
  return fmt::format(
      R"({{"before":{},"after":{},"source":{{"ts_ms":1772413200000,"schema":"public","table":"t",{}}},"op":"{}"}})"
      "\n",
      before, after, source, op);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_format_carries_the_same_rows_transactions_and_times) {
  const std::vector<std::string> expected = facts_of(loaded_text(written(ChangeFormat::wal2json2)));
  BOOST_TEST(expected.size() == 11U);
  BOOST_TEST(expected[1] ==
             "t 0 4294967295 0 9223372036854775807|123456789012345678901234567890123456.70|tab\t quote\" \u00e9\\|t|"
             "2026-03-02|2026-03-02 01:35:10.368375|2026-03-02 01:35:10.5+00|\\x00ff7f");
  for (const ChangeFormat format : formats) {
    BOOST_TEST_CONTEXT(format_name(format)) {
      const CapturedStream stream = loaded_text(written(format));
      BOOST_TEST(facts_of(stream) == expected, boost::test_tools::per_element());
      BOOST_TEST(stream.evidence.empty());
      for (const CapturedTable& table : stream.tables) BOOST_TEST(table.key == std::vector<std::uint16_t>{0});
      // NULL, '' and the text "null" are three values.
      BOOST_TEST(cells_of(stream, stream.changes[1].image)[2].empty());
      BOOST_TEST(stream.images[stream.changes[2].image][2] == null_value);
      BOOST_TEST(cells_of(stream, stream.changes[3].image)[2] == "null");
    }
  }
}

BOOST_AUTO_TEST_CASE(formats_and_compressions_are_recognised_by_content) {
  const Folder folder;
  for (const ChangeFormat format : formats) {
    const std::string text = written(format);
    for (const std::string& content : {text, gzipped(text), zstandard(text), "\n \n" + text}) {
      ChangeReader reader(folder.file("stream.txt", content));
      BOOST_REQUIRE(reader.next() != nullptr);
      BOOST_TEST((reader.format() == format));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_two_formats_is_refused_at_the_first_line_of_the_second) {
  for (const ChangeFormat first : formats)
    for (const ChangeFormat second : formats) {
      if (first == second) continue;
      const std::string text = written(first);
      const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
      must_fail(
          text + written(second), lines + 1,
          fmt::format("this is {}, but the file begins as {} in line 1", format_name(second), format_name(first)));
    }
  must_fail(written(ChangeFormat::maxwell) + "INSERT INTO t VALUES (1);\n", 8, "this is SQL");
}

BOOST_AUTO_TEST_CASE(every_cut_is_refused_or_leaves_a_beginning_of_the_stream) {
  const Folder folder;
  for (const ChangeFormat format : formats) {
    const std::string text = written(format);
    const std::vector<std::string> whole = facts_of(loaded_text(text));
    int accepted = 0;
    for (std::size_t cut = 0; cut < text.size(); cut += 1 + cut % 3) {
      const auto loaded = load_text(folder, text.substr(0, cut));
      if (!loaded) {
        BOOST_TEST(!loaded.error.message.empty());
        continue;
      }
      ++accepted;
      const std::vector<std::string> facts = facts_of(*loaded.value);
      BOOST_TEST(std::equal(facts.begin(), facts.end(), whole.begin()), format_name(format));
    }
    BOOST_TEST(accepted < 20, format_name(format));
  }
}

BOOST_AUTO_TEST_CASE(thousands_of_damaged_files_of_every_format_never_crash_hang_or_grow) {
  const Folder folder;
  for (const ChangeFormat format : formats) {
    const std::string text = written(format);
    int refused = 0;
    for (std::uint64_t i = 0; i < 1500; ++i) {
      const auto loaded = load_text(folder, damaged(text, i));
      if (loaded) {
        BOOST_TEST((replay_capture(*loaded.value, [](const auto&) { return true; }) == final_state(*loaded.value)));
      } else {
        ++refused;
        BOOST_TEST(!loaded.error.message.empty());
        BOOST_TEST(!loaded.error.file.empty());
      }
    }
    BOOST_TEST(refused > 500, format_name(format));
    BOOST_TEST(refused < 1500, format_name(format));
  }
}

BOOST_AUTO_TEST_CASE(values_that_lie_too_deep_are_refused) {
  std::string deep = R"({"database":"d","table":"t","type":"insert","ts":1,"xid":2,"commit":true,"data":)";
  for (int i = 0; i < 100'000; ++i) deep += R"({"a":)";
  must_fail(deep + "\n", 1, "levels deep");
}

// ---- Debezium

BOOST_AUTO_TEST_CASE(debezium_lines_may_be_values_or_keys_and_values_and_tombstones_are_passed_over) {
  const std::string insert = debezium("c", "null", R"({"id":1,"v":"a"})", R"("txId":5,"lsn":100)");
  const std::string update = debezium("u", "null", R"({"id":1,"v":"b"})", R"("txId":6,"lsn":200)");
  const std::string gone = debezium("d", R"({"id":1,"v":""})", "null", R"("txId":7,"lsn":300)");
  const auto framed = [](const std::string& value) {
    return R"({"key":{"id":1},"value":)" + value.substr(0, value.size() - 1) + "}\n";
  };
  const auto tabbed = [](const std::string& value) { return "{\"id\":1}\t" + value; };
  const std::string plain = insert + update + gone + "null\n";
  const std::string pairs = framed(insert) + framed(update) + framed(gone) + "{\"key\":{\"id\":1},\"value\":null}\n";
  const std::string console = tabbed(insert) + tabbed(update) + tabbed(gone) + "{\"id\":1}\tnull\n";
  const std::vector<std::string> expected = facts_of(loaded_text(plain));
  BOOST_TEST(expected.size() == 6U);
  BOOST_TEST(facts_of(loaded_text(pairs)) == expected, boost::test_tools::per_element());
  BOOST_TEST(facts_of(loaded_text(console)) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_debezium_snapshot_is_there_before_the_stream) {
  const std::string mysql = R"("db":"d","file":"binlog.000003","pos":154)";
  const std::string snapshot = debezium("r", "null", R"({"id":1,"v":"a"})", R"("snapshot":true,)" + mysql) +
                               debezium("r", "null", R"({"id":2,"v":"b"})", R"("snapshot":"last",)" + mysql);
  const CapturedStream stream =
      loaded_text(snapshot + debezium("u", R"({"id":2,"v":"b"})", R"({"id":2,"v":"c"})", mysql));
  BOOST_TEST(stream.tables[0].initial.size() == 2U);
  BOOST_TEST(stream.changes.size() == 1U);
  BOOST_TEST(stream.evidence.empty());
  BOOST_TEST(stream.transactions[0].commit_lsn == (std::uint64_t{3} << 32 | 154));
  // A snapshot that runs beside the stream reads rows that the stream has written.
  const std::string late = debezium("c", "null", R"({"id":1,"v":"x"})", mysql) +
                           debezium("r", "null", R"({"id":1,"v":"x"})", R"("snapshot":"incremental",)" + mysql);
  BOOST_TEST(loaded_text(late).evidence.empty());
  const std::string other = late + debezium("r", "null", R"({"id":1,"v":"y"})", R"("snapshot":"incremental",)" + mysql);
  BOOST_TEST(find_evidence(loaded_text(other), EvidenceKind::snapshot_contradicts_stream, "t") != nullptr);
}

BOOST_AUTO_TEST_CASE(an_unavailable_value_is_a_column_that_did_not_change) {
  const CapturedStream stream =
      loaded_text(debezium("c", "null", R"({"id":1,"v":"long"})", R"("txId":5,"lsn":100)") +
                  debezium("u", "null", R"({"id":1,"v":"__debezium_unavailable_value"})", R"("txId":6,"lsn":200)"));
  BOOST_TEST(stream.changes[1].unchanged == 2U);
  BOOST_TEST(cells_of(stream, stream.changes[1].image)[1] == "long");
}

BOOST_AUTO_TEST_CASE(debezium_decimals_sent_as_bytes_keep_every_digit) {
  const auto value = [](const std::string& base64, const std::string& scale) {
    const std::string line = fmt::format(
        R"({{"schema":{{"fields":[{{"field":"after","fields":[{{"type":"int32","field":"id"}},{{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{{"scale":"{}"}},"field":"n"}}]}}]}},"payload":{{"before":null,"after":{{"id":1,"n":"{}"}},"op":"c","source":{{"ts_ms":1,"schema":"public","table":"t","txId":1,"lsn":1}}}}}})"
        "\n",
        scale, base64);
    const CapturedStream stream = loaded_text(line);
    return cells_of(stream, stream.changes[0].image)[1];
  };
  BOOST_TEST(value("AA==", "0") == "0");
  BOOST_TEST(value("AA==", "2") == "0.00");
  BOOST_TEST(value("fw==", "0") == "127");
  BOOST_TEST(value("/w==", "3") == "-0.001");
  BOOST_TEST(value("gA==", "0") == "-128");
  BOOST_TEST(value("ASNFZ4mrze8BI0Vnias=", "4") == "2307687492682145582656223074.9611");
}

BOOST_AUTO_TEST_CASE(debezium_transactions_are_checked_against_their_markers) {
  const std::string good = written(ChangeFormat::debezium);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
    return text.replace(at, from.size(), to);
  };
  const auto without_line = [&](int line) {
    std::string text = good;
    std::size_t at = 0;
    for (int i = 1; i < line; ++i) at = text.find('\n', at) + 1;
    return text.erase(at, text.find('\n', at) + 1 - at);
  };
  must_fail(without_line(2), 2, "comes after event 0");  // the first row of the first transaction
  must_fail(without_line(3), 3, "has 2 events of table public.t, 1 of them are here");
  must_fail(without_line(4), 4, "begins inside transaction");
  must_fail(good + good, 18, "position goes back");
  must_fail(replaced(R"("op":"c")", R"("op":"x")"), 2, "unknown op x");
  must_fail(replaced(R"("status":"BEGIN")", R"("status":"MAYBE")"), 1, "unknown status MAYBE");
  must_fail(replaced(R"("total_order":2)", R"("total_order":1)"), 3, "event 1 of the transaction comes after event 1");
  must_fail(replaced(R"("ts_ns":1772413200000000000)", R"("ts_ns":-5)"), 2, "\"ts_ns\" is -5");
}

// ---- Maxwell, Canal, wal2json format 1

BOOST_AUTO_TEST_CASE(maxwell_lines_out_of_place_are_named) {
  const auto line = [](const std::string& rest) {
    return R"({"database":"shop","table":"t","ts":1772413200,)" + rest + "}\n";
  };
  const std::string first = line(R"("type":"insert","xid":1,"xoffset":0,"data":{"id":1,"v":"a"})");
  const std::string last = line(R"("type":"update","xid":1,"commit":true,"data":{"id":1,"v":null},"old":{"v":"a"})");
  const CapturedStream stream = loaded_text(first + last);
  BOOST_TEST(stream.transactions.size() == 1U);
  BOOST_TEST(stream.tables[0].schema == "shop");
  must_fail(first, 1, "the file ends at line 1 inside transaction 1");
  must_fail(first + line(R"("type":"insert","xid":2,"commit":true,"data":{"id":2,"v":"a"})"), 2,
            "a row of transaction 2 inside transaction 1 of line 1");
  must_fail(first + first, 2, "row 0 of the transaction comes after row 0");
  must_fail(first + last + last, 3, "transaction 1 comes a second time");
  must_fail(line(R"("type":"upsert","xid":1,"data":{"id":1})"), 1, "unknown type upsert");
  must_fail(line(R"("type":"update","xid":1,"data":{"id":1},"old":{"w":2})"), 1, "\"old\" has a column w");
  must_fail(line(R"("type":"insert","xid":1,"position":"here","data":{"id":1})"), 1, "\"position\" is here");
  // A bootstrap's rows were there before, DDL is declared elsewhere.
  const CapturedStream whole = loaded_text(line(R"("type":"bootstrap-start","data":{})") +
                                           line(R"("type":"bootstrap-insert","data":{"id":9,"v":"z"})") +
                                           line(R"("type":"table-alter","sql":"alter table t")") + first + last);
  BOOST_TEST(whole.tables[0].initial.size() == 1U);
}

BOOST_AUTO_TEST_CASE(canal_messages_hold_several_rows_and_group_by_gtid) {
  const auto line = [](int id, const std::string& rest) {
    return fmt::format(R"({{"id":{},"database":"shop","table":"t","es":1772413200123,"isDdl":false,{}}})"
                       "\n",
                       id, rest);
  };
  const std::string two = line(1, R"("type":"INSERT","data":[{"id":"1","v":"a"},{"id":"2","v":null}],"old":null)");
  const std::string one = line(2, R"("type":"UPDATE","data":[{"id":"2","v":""}],"old":[{"v":null}])");
  const CapturedStream apart = loaded_text(two + one);
  BOOST_TEST(apart.transactions.size() == 2U);
  BOOST_TEST(apart.changes.size() == 3U);
  BOOST_TEST(apart.transactions[0].commit_time_unix_ns == 1772413200123000000LL);
  const auto with_gtid = [](std::string text) { return text.insert(1, R"("gtid":"g:1",)"); };
  BOOST_TEST(loaded_text(with_gtid(two) + with_gtid(one)).transactions.size() == 1U);
  std::string earlier = two;
  earlier.replace(earlier.find("1772413200123"), 13, "1772413200122");
  must_fail(one + earlier, 2, "message 1 comes after message 2");
  must_fail(line(1, R"("type":"INSERT","data":[{"id":1}])"), 1, "a column's value is 1");
  must_fail(line(1, R"("type":"INSERT","data":[])"), 1, "there is no array of rows \"data\"");
  must_fail(line(1, R"("type":"UPDATE","data":[{"id":"1"}],"old":[])"), 1, "does not have a row for each");
  must_fail(line(1, R"("type":"MERGE","data":[{"id":"1"}])"), 1, "unknown type MERGE");
}

// ---- GoldenGate, DMS

BOOST_AUTO_TEST_CASE(goldengate_operations_without_a_transaction_are_one_each_and_bare_columns_did_not_change) {
  const auto line = [](const std::string& type, int pos, const std::string& rest) {
    return fmt::format(
        R"({{"table":"OGG.T","op_type":"{}","op_ts":"2020-05-13 15:40:06.5","current_ts":"2020-05-13T13:39:35.7","pos":"{:023}",{}}})"
        "\n",
        type, pos, rest);
  };
  const std::string key = R"("primary_keys":["id"],)";
  const std::string insert = line("I", 143, key + R"("after":{"id":1,"v":"a","w":3.14})");
  const std::string update = line("U", 144, key + R"("before":{"id":1,"v":"a"},"after":{"id":1,"v":"b"})");
  const CapturedStream stream = loaded_text(insert + update);
  BOOST_TEST(stream.tables[0].schema == "OGG");
  BOOST_TEST(stream.transactions.size() == 2U);
  BOOST_TEST(stream.transactions[0].commit_time_unix_ns == 1'589'384'406'500'000'000);
  BOOST_TEST(stream.transactions[0].commit_lsn == 143U);
  const auto cells = cells_of(stream, stream.tables[0].final_images[0]);
  BOOST_TEST(cells == (std::vector<std::string>{"1", "b", "3.14"}), boost::test_tools::per_element());
  BOOST_TEST(stream.evidence.empty());
  must_fail(update + insert, 2, "the position goes back");
  must_fail(line("X", 1, R"("after":{"id":1})"), 1, "unknown op_type X");
  must_fail(line("D", 1, R"("after":{"id":1})"), 1, "a delete has no object \"before\"");
}

BOOST_AUTO_TEST_CASE(dms_loads_are_there_before_the_stream_and_its_control_records_are_statements) {
  const auto line = [](const std::string& type, const std::string& operation, const std::string& data,
                       const std::string& transaction = R"(,"transaction-id":670014899490)") {
    return fmt::format(
        R"({{{}"metadata":{{"timestamp":"2024-10-27T12:39:03.210671Z","record-type":"{}","operation":"{}","schema-name":"shop","table-name":"t"{}}}}})"
        "\n",
        data, type, operation, transaction);
  };
  const std::string load = line("data", "load", R"("data":{"id":1,"v":"a"},)", "");
  const std::string insert = line("data", "insert", R"("data":{"id":2,"v":"b"},)");
  const std::string update = line("data", "update", R"("data":{"id":1,"v":"c"},)");
  const CapturedStream stream = loaded_text(load + insert + update + line("control", "add-column", ""));
  BOOST_TEST(stream.tables[0].initial.size() == 1U);
  BOOST_TEST(stream.transactions.size() == 1U);
  BOOST_TEST(stream.transactions[0].commit_time_unix_ns == 1'730'032'743'210'671'000);
  BOOST_TEST(stream.changes.size() == 2U);
  BOOST_REQUIRE(find_evidence(stream, EvidenceKind::ddl_passed_over, "t") != nullptr);
  const CapturedStream dropped = loaded_text(load + insert + line("control", "drop-table", "", ""));
  for (const ImageId image : dropped.tables[0].final_images) BOOST_TEST(image == no_image);
  must_fail(line("data", "merge", R"("data":{"id":1},)"), 1, "unknown operation merge");
}

BOOST_AUTO_TEST_CASE(wal2json_1_lines_out_of_form_are_named) {
  const std::string good = written(ChangeFormat::wal2json1);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
    return text.replace(at, from.size(), to);
  };
  must_fail(replaced(R"("xid":700,)", ""), 1, "there is no \"xid\"");
  must_fail(replaced(R"("nextlsn":"0/1800",)", ""), 1, "there is no \"nextlsn\"");
  must_fail(replaced(R"("kind":"insert")", R"("kind":"upsert")"), 1, "unknown kind upsert");
  must_fail(replaced(R"("columntypes":["bigint",)", R"("columntypes":[)"), 1, "8 names, 7 types and 8 values");
  must_fail(good + good, 5, "does not follow the previous one");
}

}  // namespace rehearse::test
