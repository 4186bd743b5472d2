// What each kind of line does to rows, slots and images, on streams written by hand.
#include <boost/test/unit_test.hpp>

#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

using Texts = std::vector<std::string>;

CapturedStream load(const std::string& text, std::vector<TableFile> initial = {}) {
  const Folder folder;
  CaptureOptions options;
  options.stream_path = folder.file("stream.jsonl", text);
  options.initial = std::move(initial);
  auto loaded = load_capture(options);
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
  return std::move(*loaded.value);
}

RowLine insert_row(int id, const std::string& v) {
  return {.action = "I", .columns = {number_cell("id", id), text_cell("v", v)}, .identity = {}};
}
RowLine update_row(int old_id, int id, const std::string& v) {
  return {
      .action = "U", .columns = {number_cell("id", id), text_cell("v", v)}, .identity = {number_cell("id", old_id)}};
}
RowLine delete_row(int id) { return {.action = "D", .columns = {}, .identity = {number_cell("id", id)}}; }

Texts final_row(const CapturedStream& stream, std::uint32_t slot) {
  const ImageId image = stream.tables.at(0).final_images.at(slot);
  return image == no_image ? Texts{} : cells_of(stream, image);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_key_has_one_slot_for_ever) {
  StreamText text;
  text.transaction({insert_row(7, "a"), insert_row(9, "b")});
  text.transaction({update_row(7, 7, "c"), delete_row(9)});
  text.transaction({insert_row(9, "a")});
  const CapturedStream stream = load(text.text);
  BOOST_REQUIRE(stream.changes.size() == 5U);
  const auto& changes = stream.changes;
  BOOST_TEST(changes[0].new_row == 0U);
  BOOST_TEST(changes[1].new_row == 1U);
  BOOST_TEST(changes[2].old_row == 0U);
  BOOST_TEST(changes[2].new_row == 0U);
  BOOST_TEST(!changes[2].key_changed);
  BOOST_TEST(changes[3].old_row == 1U);
  BOOST_TEST(changes[3].new_row == no_row);
  BOOST_TEST(changes[3].image == no_image);
  BOOST_TEST(changes[4].new_row == 1U);
  BOOST_TEST((final_row(stream, 0) == Texts{"7", "c"}));
  BOOST_TEST((final_row(stream, 1) == Texts{"9", "a"}));
  BOOST_TEST(stream.transactions[1].begin == 2U);
  BOOST_TEST(stream.transactions[1].end == 4U);
  BOOST_TEST(stream.transactions[0].commit_time_unix_ns == 1772413200500000000LL);
  BOOST_TEST(changes[1].line == 3U);
  BOOST_TEST(stream.evidence.empty());
}

BOOST_AUTO_TEST_CASE(equal_images_have_equal_ids) {
  StreamText text;
  text.transaction({insert_row(1, "a"), update_row(1, 1, "b"), update_row(1, 1, "a")});
  const CapturedStream stream = load(text.text);
  BOOST_TEST(stream.changes[0].image == stream.changes[2].image);
  BOOST_TEST(stream.changes[0].image != stream.changes[1].image);
  BOOST_TEST(stream.images.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_key_update_moves_the_row_to_the_slot_of_its_new_key) {
  StreamText text;
  text.transaction({insert_row(1, "one"), insert_row(2, "two")});
  text.transaction({update_row(1, -1, "one"), update_row(2, 1, "two"), update_row(-1, 2, "one")});  // swapped
  const CapturedStream stream = load(text.text);
  for (std::size_t i = 2; i < 5; ++i) BOOST_TEST(stream.changes[i].key_changed);
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "two"}));
  BOOST_TEST((final_row(stream, 1) == Texts{"2", "one"}));
  BOOST_TEST(final_row(stream, 2).empty());
  BOOST_TEST((replay_capture(stream, [](const auto&) { return true; }) == final_state(stream)));
  BOOST_TEST(stream.evidence.empty());
}

BOOST_AUTO_TEST_CASE(an_absent_column_of_an_update_is_unchanged_and_a_null_one_is_null) {
  StreamText text;
  text.transaction({insert_row(1, "long"), insert_row(2, "long")});
  RowLine absent{.action = "U", .columns = {number_cell("id", 1)}, .identity = {number_cell("id", 1)}};
  RowLine null = update_row(2, 2, "");
  null.columns[1] = cell("v", "text", "null");
  RowLine moved{.action = "U", .columns = {number_cell("id", 5)}, .identity = {number_cell("id", 1)}};
  text.transaction({absent, null, moved});
  const CapturedStream stream = load(text.text);
  BOOST_TEST(stream.changes[2].unchanged == 2U);
  BOOST_TEST(stream.changes[3].unchanged == 0U);
  BOOST_TEST((final_row(stream, 1) == Texts{"2", "NULL"}));
  BOOST_TEST((final_row(stream, 2) == Texts{"5", "long"}));
}

BOOST_AUTO_TEST_CASE(values_keep_the_text_that_the_database_prints) {
  StreamText text;
  RowLine row;
  row.columns = {number_cell("id", 1),
                 cell("n", "numeric(12,2)", "1.10"),
                 cell("big", "numeric", "12345678901234567890.123456789012345678"),
                 cell("i8", "bigint", "9223372036854775807"),
                 cell("f", "double precision", "1e+20"),
                 cell("yes", "boolean", "true"),
                 cell("no", "boolean", "false"),
                 cell("b", "bytea", R"("00ff")"),
                 cell("b0", "bytea", R"("")"),
                 cell("e", "public.tier", R"("gold")"),
                 cell("u", "text",
                      R"("tab\t nl\n quote\" \\ \u00e9 \ud83d\ude00 )"
                      "\xE2\x80\xA8\x7f\""),
                 cell("empty", "text", R"("")"),
                 cell("word", "text", R"("true")"),
                 cell("null", "text", "null")};
  text.transaction({row});
  const CapturedStream stream = load(text.text);
  const Texts expected = {"1",
                          "1.10",
                          "12345678901234567890.123456789012345678",
                          "9223372036854775807",
                          "1e+20",
                          "t",
                          "f",
                          "\\x00ff",
                          "\\x",
                          "gold",
                          "tab\t nl\n quote\" \\ \xC3\xA9 \xF0\x9F\x98\x80 \xE2\x80\xA8\x7f",
                          "",
                          "true",
                          "NULL"};
  BOOST_TEST(final_row(stream, 0) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(initial_rows_take_the_first_slots_and_compare_with_stream_values) {
  const Folder folder;
  StreamText text;
  text.transaction({insert_row(3, "c"), update_row(2, 2, ""), delete_row(1)});
  const CapturedStream stream = load(text.text, {{"public", "t", folder.file("t.csv", "id,v\n2,x\n1,\n"), {}}});
  const CapturedTable& table = stream.tables.at(0);
  BOOST_REQUIRE(table.initial.size() == 2U);
  BOOST_TEST(table.initial[1].slot == 1U);
  BOOST_TEST((cells_of(stream, table.initial[1].image) == Texts{"1", "NULL"}));
  BOOST_TEST((final_row(stream, 0) == Texts{"2", ""}));
  BOOST_TEST(final_row(stream, 1).empty());
  BOOST_TEST((final_row(stream, 2) == Texts{"3", "c"}));
  BOOST_TEST(table.columns[1].type == "text");
  const auto nothing = replay_capture(stream, [](const auto&) { return false; });
  BOOST_TEST(nothing[0][1] == table.initial[1].image);
}

BOOST_AUTO_TEST_CASE(without_a_key_a_full_identity_picks_the_lowest_equal_row) {
  StreamText text;
  RowLine dup = insert_row(1, "dup");
  dup.pk = {};
  RowLine change{.action = "U",
                 .columns = {number_cell("id", 2), text_cell("v", "dup")},
                 .identity = {number_cell("id", 1), text_cell("v", "dup")},
                 .pk = {}};
  RowLine remove{.action = "D", .columns = {}, .identity = {number_cell("id", 1), text_cell("v", "dup")}, .pk = {}};
  text.transaction({dup, dup, dup});
  text.transaction({change, remove});
  text.transaction({dup, remove});
  const CapturedStream stream = load(text.text);
  BOOST_TEST((stream.tables[0].replica_identity == ReplicaIdentity::full));
  BOOST_TEST(stream.changes[3].old_row == 0U);
  BOOST_TEST(stream.changes[4].old_row == 1U);
  BOOST_TEST(stream.changes[6].old_row == 2U);
  BOOST_TEST((final_row(stream, 0) == Texts{"2", "dup"}));
  BOOST_TEST((final_row(stream, 3) == Texts{"1", "dup"}));
  BOOST_TEST(stream.tables[0].slots() == 4U);
  BOOST_TEST(stream.evidence.empty());
}

BOOST_AUTO_TEST_CASE(a_replica_identity_by_another_index_names_rows_by_its_columns) {
  StreamText text;
  const auto row = [](const std::string& action, int id, const std::string& code, const std::string& old) {
    RowLine line{.action = action,
                 .columns = {number_cell("id", id), text_cell("code", code), text_cell("v", "x")},
                 .identity = {text_cell("code", old)}};
    return line;
  };
  text.transaction({row("I", 1, "a", ""), row("I", 2, "b", "")});
  text.transaction({row("U", 5, "a", "a"), row("D", 0, "", "b"), row("I", 7, "b", "")});
  const CapturedStream stream = load(text.text);
  BOOST_TEST(stream.tables[0].key == std::vector<std::uint16_t>{1}, boost::test_tools::per_element());
  BOOST_TEST((final_row(stream, 0) == Texts{"5", "a", "x"}));
  BOOST_TEST((final_row(stream, 1) == Texts{"7", "b", "x"}));
}

BOOST_AUTO_TEST_CASE(truncate_empties_the_table_and_keys_get_their_slots_back) {
  StreamText text;
  text.transaction({{.action = "T", .columns = {}, .identity = {}}, insert_row(1, "a"), insert_row(2, "b")});
  text.transaction({{.action = "T", .columns = {}, .identity = {}}, insert_row(2, "c")});
  const CapturedStream stream = load(text.text);
  BOOST_TEST((stream.changes[3].kind == ChangeKind::truncate));
  BOOST_TEST(final_row(stream, 0).empty());
  BOOST_TEST((final_row(stream, 1) == Texts{"2", "c"}));
  BOOST_TEST((replay_capture(stream, [](const auto&) { return true; }) == final_state(stream)));
}

BOOST_AUTO_TEST_CASE(messages_and_empty_transactions_have_their_places) {
  StreamText text;
  text.transaction({});
  const std::string outside =
      R"({"action":"M","xid":null,"timestamp":null,"lsn":"0/9","transactional":false,"prefix":"p","content":"out"})"
      "\n";
  text.text += outside;
  const std::size_t begin = text.text.size();
  text.transaction({insert_row(1, "a")});
  const std::string inside =
      R"({"action":"M","xid":102,"timestamp":"2026-03-02 01:00:00.5+00","lsn":"0/9","transactional":true,)"
      R"("prefix":"p","content":"in"})"
      "\n";
  text.text.insert(text.text.find('\n', begin) + 1, inside + outside);
  const CapturedStream stream = load(text.text);
  BOOST_TEST(stream.empty_transactions == 1U);
  BOOST_REQUIRE(stream.messages.size() == 3U);
  BOOST_TEST(stream.messages[0].transaction == 1U);
  BOOST_TEST(stream.messages[1].transaction == 1U);
  BOOST_TEST(stream.messages[1].content == "in");
  BOOST_TEST(stream.messages[2].change == 0U);
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_applied_are_evidence_with_their_first_line) {
  StreamText text;
  text.transaction(
      {insert_row(1, "a"), update_row(8, 8, "x"), update_row(9, 9, "x"), delete_row(7), insert_row(1, "again")});
  RowLine nameless{.action = "U", .table = "n", .columns = {number_cell("id", 1)}, .identity = {}, .pk = {}};
  RowLine first{.action = "I", .table = "n", .columns = {number_cell("id", 1)}, .identity = {}, .pk = {}};
  RowLine gone{.action = "D", .table = "n", .columns = {}, .identity = {}, .pk = {}};
  text.transaction({first, nameless, gone});
  const CapturedStream stream = load(text.text);
  const auto check = [&](EvidenceKind kind, const char* table, std::uint64_t count, std::uint64_t line,
                         const char* row) {
    const CaptureEvidence* evidence = find_evidence(stream, kind, table);
    BOOST_REQUIRE_MESSAGE(evidence != nullptr, evidence_name(kind));
    BOOST_TEST(evidence->count == count);
    BOOST_TEST(evidence->first_line == line);
    BOOST_TEST(evidence->first_row == row);
  };
  check(EvidenceKind::update_of_unknown_row, "t", 2, 3, "id=8");
  check(EvidenceKind::delete_of_unknown_row, "t", 1, 5, "id=7");
  check(EvidenceKind::insert_of_live_row, "t", 1, 6, "1");
  check(EvidenceKind::update_without_identity, "n", 1, 10, "");
  check(EvidenceKind::delete_without_identity, "n", 1, 11, "");
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "again"}));
  BOOST_TEST((stream.changes[1].kind == ChangeKind::update));
}

BOOST_AUTO_TEST_CASE(a_null_number_is_evidence_and_a_null_text_is_not) {
  StreamText text;
  RowLine row = insert_row(1, "a");
  row.columns = {number_cell("id", 1), cell("n", "numeric(5,2)", "null"), cell("v", "text", "null"),
                 cell("f", "double precision", "null"), cell("i", "integer", "null")};
  text.transaction({row});
  const CapturedStream stream = load(text.text);
  BOOST_TEST(stream.evidence.size() == 2U);
  BOOST_TEST(find_evidence(stream, EvidenceKind::null_may_be_not_a_number, "t", "n") != nullptr);
  BOOST_TEST(find_evidence(stream, EvidenceKind::null_may_be_not_a_number, "t", "f") != nullptr);
}

BOOST_AUTO_TEST_CASE(the_witness_comparison_tells_equal_different_missing_and_extra) {
  const Folder folder;
  StreamText text;
  text.transaction({insert_row(1, "a"), insert_row(2, "b"), insert_row(3, "c")});
  RowLine loose = insert_row(1, "x");
  loose.table = "n";
  loose.pk = {};
  text.transaction({loose, loose});
  const CapturedStream stream = load(text.text);
  const auto compare = [&](const char* table, const char* csv) {
    const auto witness = read_csv_table({"public", table, folder.file("w.csv", csv), {}});
    BOOST_REQUIRE(witness);
    return compare_with_witness(stream, final_state(stream), *witness.value);
  };
  const auto keyed = compare("t", "v,id\na,1\n,2\nnew,4\n");  // columns in another order
  BOOST_REQUIRE(keyed);
  BOOST_TEST(keyed.value->rows_equal == 1U);
  BOOST_TEST(keyed.value->rows_different == 1U);
  BOOST_TEST(keyed.value->rows_missing == 1U);
  BOOST_TEST(keyed.value->rows_extra == 1U);
  BOOST_TEST(keyed.value->missing.at(0) == "4");
  BOOST_TEST(keyed.value->extra.at(0) == "3");
  BOOST_TEST(keyed.value->differences.at(0).row == "2");
  BOOST_TEST(keyed.value->differences.at(0).column == "v");
  BOOST_TEST(keyed.value->differences.at(0).replayed.value() == "b");
  BOOST_TEST(!keyed.value->differences.at(0).witness.has_value());
  const auto multiset = compare("n", "id,v\n1,x\n1,y\n");
  BOOST_REQUIRE(multiset);
  BOOST_TEST(multiset.value->rows_equal == 1U);
  BOOST_TEST(multiset.value->rows_missing == 1U);
  BOOST_TEST(multiset.value->rows_extra == 1U);
  const auto copies = compare("n", "id,v\n1,x\n1,x\n1,x\n");
  BOOST_REQUIRE(copies);
  BOOST_TEST(copies.value->rows_equal == 2U);
  BOOST_TEST(copies.value->rows_missing == 1U);
  BOOST_TEST(compare("t", "id\n1\n").error.message == "the witness has no column v");
  BOOST_TEST(compare("t", "id,v,w\n").error.message == "the replayed table has no column w");
  BOOST_TEST(compare("z", "id\n").error.message == "the stream has no table public.z");
  BOOST_TEST(compare("t", "id,v\n1,a\n1,a\n").error.message == "the witness has two rows with the key 1");
}

BOOST_AUTO_TEST_CASE(an_untouched_table_keeps_its_snapshot_and_takes_a_declared_key) {
  const Folder folder;
  StreamText text;
  text.transaction({insert_row(1, "a")});
  const CapturedStream stream = load(text.text, {{"public", "quiet", folder.file("q.csv", "k,w\nx,1\ny,2\n"), {"k"}}});
  BOOST_TEST(stream.tables[0].name == "quiet");
  BOOST_TEST(stream.tables[0].key.size() == 1U);
  BOOST_TEST((final_row(stream, 1) == Texts{"y", "2"}));
}

}  // namespace rehearse::test
