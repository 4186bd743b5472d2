// What comes twice, what contradicts the replay, and what is wrong with the files beside a stream.
#include "tests/capture/stream_lines.h"

namespace rehearse::test {
namespace {

// A key and a value with a tab between: Debezium as a console consumer prints it.
std::string with_key(int id, const std::string& value) { return fmt::format("{{\"id\":{}}}\t{}", id, value); }

CaptureOptions with_initial(const Folder& folder, const std::string& csv, const std::string& schema) {
  CaptureOptions options;
  TableFile file;
  file.schema = schema;
  file.table = "t";
  file.path = folder.file("initial.t.csv", csv);
  file.key = {"id"};
  options.initial.push_back(file);
  options.keys = {{schema, "t", {"id"}}};
  return options;
}

}  // namespace

// ---- delivered again

BOOST_AUTO_TEST_CASE(a_change_that_comes_twice_in_a_row_is_replayed_once_and_counted) {
  const std::string insert = postgres("c", "null", R"({"id":1,"v":"a"})", 1);
  const std::string update = postgres("u", R"({"id":1,"v":"a"})", R"({"id":1,"v":"b"})", 2);
  const std::string insert_at = mysql("c", "null", R"({"id":1,"v":"a"})", 100);
  const std::string canal_update = canal(2, 1772413201000, "UPDATE", R"([{"id":"1","v":"b"}])", R"([{"v":"a"}])");
  const std::string canal_again = canal(3, 1772413201000, "UPDATE", R"([{"id":"1","v":"b"}])", R"([{"v":"a"}])");
  const std::string canal_insert = canal(1, 1772413200000, "INSERT", R"([{"id":"1","v":"a"}])");
  const std::string maxwell_insert = maxwell(R"("type":"insert","xid":1,"data":{"id":1,"v":"a"})");
  const std::string maxwell_last = maxwell(R"("type":"insert","xid":1,"commit":true,"data":{"id":2,"v":"a"})");
  struct Case {
    std::string text;
    std::string schema;
    std::uint64_t changes, transactions, first_line;
  };
  const Case cases[] = {{insert + insert + update, "public", 2, 2, 2},
                        {insert + update + update, "public", 2, 2, 3},
                        {insert_at + insert_at, "shop", 1, 1, 2},
                        {canal_insert + canal_update + canal_again, "shop", 2, 2, 3},
                        {maxwell_insert + maxwell_insert + maxwell_last, "shop", 2, 1, 2}};
  for (const Case& c : cases) {
    const CapturedStream stream = load(c.text, keyed(c.schema));
    BOOST_TEST_CONTEXT(c.text) {
      BOOST_TEST(stream.delivered_again.count == 1U);
      BOOST_TEST(stream.delivered_again.first_line == c.first_line);
      BOOST_TEST(stream.changes.size() == c.changes);
      BOOST_TEST(stream.transactions.size() == c.transactions);
      BOOST_TEST(stream.row_events == c.changes);
      BOOST_TEST(stream.evidence.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_transaction_that_comes_twice_in_a_row_is_replayed_once) {
  const auto row = [](int id, int position) {
    return debezium("c", "null", fmt::format(R"({{"id":{}}})", id),
                    fmt::format(R"("connector":"postgresql","schema":"public","txId":7,"lsn":{})", position));
  };
  const std::string both = row(1, 100) + row(2, 200);
  const CapturedStream stream = load(both + both, keyed("public"));
  BOOST_TEST(stream.changes.size() == 2U);
  BOOST_TEST(stream.delivered_again.count == 2U);
  BOOST_TEST(stream.delivered_again.first_line == 3U);
}

BOOST_AUTO_TEST_CASE(rows_that_are_made_deleted_and_made_again_are_no_delivery_again) {
  // Old plug-ins give every row of a transaction the transaction's position.
  const auto at = [](const std::string& op, const std::string& before, const std::string& after) {
    return debezium(op, before, after, R"("connector":"postgresql","schema":"public","txId":7,"lsn":700)");
  };
  const std::string insert = at("c", "null", R"({"id":1,"v":"a"})");
  const CapturedStream stream = load(insert + at("d", R"({"id":1,"v":"a"})", "null") + insert, keyed("public"));
  BOOST_TEST(stream.changes.size() == 3U);
  BOOST_TEST(stream.delivered_again.count == 0U);
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1", "a"}}));
}

BOOST_AUTO_TEST_CASE(without_a_key_a_change_that_comes_twice_is_replayed_twice_and_told) {
  const std::string insert = postgres("c", "null", R"({"at":1,"what":"in"})", 1);
  const CapturedStream stream = load(insert + insert);
  BOOST_TEST(stream.changes.size() == 2U);
  BOOST_TEST(stream.delivered_again.count == 0U);
  BOOST_TEST(counted(stream, EvidenceKind::may_be_delivered_again) == 1U);
  BOOST_TEST(leaves_out_a_change(EvidenceKind::may_be_delivered_again));
  // MySQL's connector numbers the rows of a position, which tells them apart.
  const std::string two = mysql("c", "null", R"({"at":1})", 100, 0) + mysql("c", "null", R"({"at":1})", 100, 1);
  BOOST_TEST(load(two).changes.size() == 2U);
  BOOST_TEST(load(two + two).changes.size() == 2U);
  BOOST_TEST(load(two + two).delivered_again.count == 2U);
}

// ---- old rows

BOOST_AUTO_TEST_CASE(old_rows_that_contradict_the_replay_are_counted_in_every_format) {
  StreamText wal2json;
  wal2json.transaction({{.columns = {number_cell("id", 1), text_cell("v", "a")}, .identity = {}}});
  wal2json.transaction({{.action = "U",
                         .columns = {number_cell("id", 1), text_cell("v", "c")},
                         .identity = {number_cell("id", 1), text_cell("v", "b")}}});
  const std::string canal_insert = canal(1, 1772413200000, "INSERT", R"([{"id":"1","v":"a"}])");
  const std::string insert = R"({"id":1,"v":"a"})", lost = R"({"id":1,"v":"b"})", now = R"({"id":1,"v":"c"})";
  struct Case {
    std::string text, schema;
    std::uint64_t line;
  };
  const Case cases[] = {
      {wal2json.text, "public", 5},
      {canal_insert + canal(2, 1772413201000, "UPDATE", R"([{"id":"1","v":"c"}])", R"([{"v":"b"}])"), "shop", 2},
      {canal_insert + canal(2, 1772413201000, "DELETE", R"([{"id":"1","v":"b"}])"), "shop", 2},
      {maxwell(R"("type":"insert","xid":1,"commit":true,"data":{"id":1,"v":"a"})") +
           maxwell(R"("type":"update","xid":2,"commit":true,"data":{"id":1,"v":"c"},"old":{"v":"b"})"),
       "shop", 2},
      {mysql("c", "null", insert, 100) + mysql("u", lost, now, 200), "shop", 2},
      {with_key(1, mysql("c", "null", insert, 100)) + with_key(1, mysql("d", lost, "null", 200)), "shop", 2},
      {postgres("c", "null", insert, 1) + postgres("u", lost, now, 2), "public", 2}};
  for (const Case& c : cases) {
    const CapturedStream stream = load(c.text, keyed(c.schema));
    const CaptureEvidence* found = find_evidence(stream, EvidenceKind::old_row_contradicts_replay, "t", "v");
    BOOST_REQUIRE_MESSAGE(found != nullptr, c.text);
    BOOST_TEST(found->count == 1U);
    BOOST_TEST(found->first_line == c.line, c.text);
    BOOST_TEST(found->first_row == "1");
    BOOST_TEST(stream.changes.size() == 2U);  // it is applied all the same
  }
  BOOST_TEST(leaves_out_a_change(EvidenceKind::old_row_contradicts_replay));
}

BOOST_AUTO_TEST_CASE(an_old_row_that_is_filled_up_contradicts_nothing) {
  // PostgreSQL's log holds the key alone, and the connector fills up the rest with NULL or a type's own nothing.
  const std::string insert = postgres("c", "null", R"({"id":1,"v":"a","n":5})", 1);
  for (const std::string before : {R"({"id":1,"v":null,"n":null})", R"({"id":1,"v":"","n":0})"}) {
    BOOST_TEST(load(insert + postgres("d", before, "null", 2), keyed("public")).evidence.empty());
    BOOST_TEST(load(insert + postgres("u", before, R"({"id":1,"v":"b","n":6})", 2), keyed("public")).evidence.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_snapshot_in_mid_stream_that_finds_a_row_which_neither_the_tables_nor_the_stream_made_is_told) {
  const Folder folder;
  const std::string change = postgres("c", "null", R"({"id":2,"v":"b"})", 1);
  const std::string unknown = postgres("r", "null", R"({"id":3,"v":"c"})", 2);
  const CapturedStream stream = load(change + unknown, with_initial(folder, "id,v\n1,a\n", "public"));
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1", "a"}, {"2", "b"}}));
  const CaptureEvidence* found = find_evidence(stream, EvidenceKind::snapshot_contradicts_stream, "t");
  BOOST_REQUIRE(found != nullptr);
  BOOST_TEST(found->first_line == 2U);
  BOOST_TEST(found->first_row == "3");
  // Without initial tables the snapshot is what tells of the rows that were there.
  const CapturedStream without = load(change + unknown, keyed("public"));
  BOOST_TEST(without.tables[0].initial.size() == 1U);
  BOOST_TEST(without.evidence.empty());
}

// ---- files beside the stream

BOOST_AUTO_TEST_CASE(a_mistake_in_an_initial_table_is_reported_at_its_own_line) {
  const Folder folder;
  const std::string change = postgres("c", "null", R"({"id":2,"v":"b"})", 1);
  const auto twice = read(change, with_initial(folder, "id,v\n1,a\n7,b\n1,c\n", "public"));
  BOOST_REQUIRE(!twice);
  BOOST_TEST(twice.error.file.ends_with("initial.t.csv"), twice.error.text());
  BOOST_TEST(twice.error.line == 4U);
  const auto unnamed = read(change, with_initial(folder, "nr,v\n1,a\n", "public"));
  BOOST_REQUIRE(!unnamed);
  BOOST_TEST(unnamed.error.text().find("initial.t.csv:1: ") != std::string::npos, unnamed.error.text());
}

BOOST_AUTO_TEST_CASE(a_mark_of_utf_8_before_a_table_is_no_part_of_its_first_column) {
  const Folder folder;
  const CapturedStream stream =
      load(postgres("c", "null", R"({"id":2,"v":"b"})", 1), with_initial(folder, "\xEF\xBB\xBFid,v\n1,a\n", "public"));
  BOOST_TEST((live_rows(stream) == std::vector<Texts>{{"1", "a"}, {"2", "b"}}));
  TableFile file;
  file.table = "t";
  file.path = folder.file("final.t.csv", "\xEF\xBB\xBFid,v\n1,a\n2,b\n");
  const auto witness = read_csv_table(file);
  BOOST_REQUIRE(witness);
  const auto compared = compare_with_witness(stream, final_state(stream), *witness.value);
  BOOST_REQUIRE_MESSAGE(compared, compared.error.text());
  BOOST_TEST(compared.value->equal());
}

BOOST_AUTO_TEST_CASE(events_are_counted_by_table) {
  const CapturedStream stream =
      load(postgres("c", "null", R"({"id":1,"v":"a"})", 1) + postgres("u", "null", R"({"id":1,"v":"b"})", 2),
           keyed("public"));
  BOOST_TEST(stream.tables[0].events == 2U);
}

}  // namespace rehearse::test
