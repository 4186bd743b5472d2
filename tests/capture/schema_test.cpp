// Declared schema changes: what they do to rows, when, and what is said where stream and declaration do not fit.
#include <boost/test/unit_test.hpp>

#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

using Texts = std::vector<std::string>;

CaptureResult<CapturedStream> try_load(const std::string& text, std::vector<DeclaredSchemaChange> changes) {
  const Folder folder;
  CaptureOptions options;
  options.stream_path = folder.file("stream.jsonl", text);
  options.schema_changes = std::move(changes);
  return load_capture(options);
}

CapturedStream load(const std::string& text, std::vector<DeclaredSchemaChange> changes) {
  auto loaded = try_load(text, std::move(changes));
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
  return std::move(*loaded.value);
}

RowLine row(const std::string& action, const std::vector<std::string>& columns, int old_id = 0) {
  return {.action = action, .columns = columns, .identity = {number_cell("id", old_id)}};
}

DeclaredSchemaChange at(std::uint64_t lsn, SchemaChangeKind kind, const std::string& table = "t") {
  DeclaredSchemaChange change;
  change.table = table;
  change.lsn = lsn;
  change.kind = kind;
  change.place = "scenario.yaml:9:3";
  return change;
}
DeclaredSchemaChange add_column(std::uint64_t lsn, AddColumn add) {
  DeclaredSchemaChange change = at(lsn, SchemaChangeKind::add_column);
  change.add = std::move(add);
  return change;
}

Texts final_row(const CapturedStream& stream, std::uint32_t slot) {
  const ImageId image = stream.tables.at(0).final_images.at(slot);
  return image == no_image ? Texts{} : cells_of(stream, image);
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_added_column_gives_every_live_row_its_default) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1)}), row("I", {number_cell("id", 2)}),
                    row("I", {number_cell("id", 3)}), row("D", {}, 3)});
  const std::uint64_t lsn = text.next_lsn();
  text.transaction({row("U", {number_cell("id", 2), text_cell("v", "new")}, 2)});
  const CapturedStream constant = load(text.text, {add_column(lsn, {"v", "text", "x", false})});
  BOOST_TEST((final_row(constant, 0) == Texts{"1", "x"}));
  BOOST_TEST((final_row(constant, 1) == Texts{"2", "new"}));
  BOOST_TEST(final_row(constant, 2).empty());
  BOOST_REQUIRE(constant.schema_changes.size() == 1U);
  BOOST_TEST(constant.schema_changes[0].rewritten.size() == 2U);
  BOOST_TEST(constant.schema_changes[0].change == 4U);
  BOOST_TEST(constant.schema_changes[0].transaction == 1U);
  BOOST_TEST(constant.changes[3].version == 0U);
  BOOST_TEST(constant.changes[4].version == 1U);
  const CapturedStream null = load(text.text, {add_column(lsn, {"v", "text", std::nullopt, false})});
  BOOST_TEST((final_row(null, 0) == Texts{"1", "NULL"}));
  const CapturedStream unknown = load(text.text, {add_column(lsn, {"v", "text", std::nullopt, true})});
  BOOST_TEST((final_row(unknown, 0) == Texts{"1", "unknown"}));
  BOOST_TEST((final_row(unknown, 1) == Texts{"2", "new"}));
  const CaptureEvidence* evidence = find_evidence(unknown, EvidenceKind::values_unknown, "t", "v");
  BOOST_REQUIRE(evidence != nullptr);
  BOOST_TEST(evidence->count == 2U);
}

BOOST_AUTO_TEST_CASE(dropping_renaming_and_retyping_keep_column_numbers) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1), text_cell("a", "A"), number_cell("n", 5)})});
  const std::uint64_t lsn = text.next_lsn();
  text.transaction({row("I", {number_cell("id", 2), cell("m", "bigint", "6"), text_cell("z", "Z")})});
  DeclaredSchemaChange drop = at(lsn, SchemaChangeKind::drop_column);
  drop.drop = {"a"};
  DeclaredSchemaChange rename = at(lsn, SchemaChangeKind::rename_column);
  rename.rename = {"n", "m"};
  DeclaredSchemaChange retype = at(lsn, SchemaChangeKind::retype_column);
  retype.retype = {"m", "bigint", false};
  const CapturedStream stream = load(text.text, {drop, rename, retype, add_column(lsn, {"z", "text", "", false})});
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "dropped", "5", ""}));
  BOOST_TEST((final_row(stream, 1) == Texts{"2", "dropped", "6", "Z"}));
  const auto& versions = stream.tables[0].versions;
  BOOST_REQUIRE(versions.size() == 5U);
  BOOST_TEST(versions[0].column_names[2].name == "n");
  BOOST_TEST(versions[4].column_names[2].name == "m");
  BOOST_TEST(versions[4].column_names[2].type == "bigint");
  BOOST_TEST(versions[4].columns == (std::vector<std::uint16_t>{0, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST((replay_capture(stream, [](const auto&) { return true; }) == final_state(stream)));
}

BOOST_AUTO_TEST_CASE(a_retype_that_prints_otherwise_makes_values_unknown_but_not_nulls) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1), number_cell("n", 5)}),
                    row("I", {number_cell("id", 2), cell("n", "integer", "null")})});
  DeclaredSchemaChange retype = at(text.next_lsn(), SchemaChangeKind::retype_column);
  retype.retype = {"n", "numeric(9,2)", true};
  const CapturedStream stream = load(text.text, {retype});
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "unknown"}));
  BOOST_TEST((final_row(stream, 1) == Texts{"2", "NULL"}));
  BOOST_TEST(stream.schema_changes[0].transaction == 1U);  // beyond the last commit: never seen
}

BOOST_AUTO_TEST_CASE(a_change_inside_a_transaction_holds_for_the_rows_after_it_only) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1)})});
  const std::uint64_t first =
      text.transaction({row("U", {number_cell("id", 1)}, 1), row("U", {number_cell("id", 1), text_cell("v", "y")}, 1)});
  const CapturedStream stream = load(text.text, {add_column(first + 16, {"v", "text", "x", false})});
  BOOST_TEST(stream.schema_changes[0].transaction == 1U);
  BOOST_TEST(stream.schema_changes[0].change == 2U);
  BOOST_TEST((cells_of(stream, stream.schema_changes[0].rewritten.at(0).image) == Texts{"1", "x"}));
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "y"}));
}

BOOST_AUTO_TEST_CASE(a_change_without_a_later_event_is_visible_from_the_transaction_at_its_position) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1)})});
  const std::uint64_t lsn = text.next_lsn();
  text.transaction({});  // the statement's own transaction
  RowLine other = row("I", {number_cell("id", 1)});
  other.table = "other";
  text.transaction({other});
  const CapturedStream stream = load(text.text, {add_column(lsn, {"v", "text", "x", false})});
  BOOST_TEST(stream.schema_changes[0].transaction == 1U);
  BOOST_TEST(stream.schema_changes[0].change == 1U);
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "x"}));
}

BOOST_AUTO_TEST_CASE(a_change_is_not_visible_before_its_table_was_last_written_in_the_old_form) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1)})});
  // Statement at 0x1080 inside transaction 900, which wrote before it and commits after another one.
  RowLine other = row("I", {number_cell("id", 1)});
  other.table = "other";
  other.xid = 901;
  other.lsn = 0x1090;
  RowLine mine = row("U", {number_cell("id", 1)}, 1);
  mine.xid = 900;
  mine.lsn = 0x1070;
  text.text += begin_line(901, 0x1100) + row_line(other) + commit_line(901, 0x1100);
  text.text += begin_line(900, 0x1200) + row_line(mine) + commit_line(900, 0x1200);
  const CapturedStream stream = load(text.text, {add_column(0x1080, {"v", "text", "x", false})});
  BOOST_TEST(stream.schema_changes[0].transaction == 2U);
  BOOST_TEST(stream.schema_changes[0].change == 3U);
  BOOST_TEST((replay_capture(stream, [](const auto&) { return true; }) == final_state(stream)));
}

BOOST_AUTO_TEST_CASE(a_renamed_table_keeps_its_rows_and_its_old_name_may_go_to_another) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1)})});
  const std::uint64_t lsn = text.next_lsn();
  RowLine moved = row("I", {number_cell("id", 2)});
  moved.table = "old";
  RowLine other = row("I", {text_cell("id", "x")});
  other.table = "next";
  RowLine fresh = row("I", {text_cell("id", "y")});
  StreamText before = text;
  text.transaction({moved, fresh});
  DeclaredSchemaChange away = at(lsn, SchemaChangeKind::rename_table);
  away.rename_table = {"old"};
  DeclaredSchemaChange into = at(lsn, SchemaChangeKind::rename_table, "next");
  into.rename_table = {"t"};
  const CapturedStream stream = load(text.text, {away, into});
  BOOST_REQUIRE(stream.tables.size() == 2U);
  BOOST_TEST(stream.tables[0].name == "old");
  BOOST_TEST(stream.tables[0].slots() == 2U);
  BOOST_TEST(stream.tables[1].name == "t");
  // A line that still uses the old name, which belongs to nobody.
  before.transaction({row("I", {number_cell("id", 2)})});
  const auto wrong = try_load(before.text, {away});
  BOOST_REQUIRE(!wrong);
  BOOST_TEST(wrong.error.message == fmt::format("table public.t has another name at {}", format_lsn(lsn)));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_names_line_table_column_and_the_nearest_declared) {
  const auto check = [](const std::vector<RowLine>& second, std::vector<DeclaredSchemaChange> changes,
                        const std::string& message, const std::string& expected) {
    StreamText text;
    text.transaction({row("I", {number_cell("id", 1), text_cell("email", "a")})});
    text.transaction(second);
    const auto loaded = try_load(text.text, std::move(changes));
    BOOST_REQUIRE(!loaded);
    BOOST_TEST(loaded.error.line == 5U, loaded.error.text());
    BOOST_TEST(loaded.error.message.find(message) != std::string::npos, loaded.error.text());
    BOOST_TEST(loaded.error.expected.find(expected) != std::string::npos, loaded.error.text());
  };
  const RowLine renamed = row("U", {number_cell("id", 1), text_cell("emails", "b")}, 1);
  check({renamed}, {},
        "table public.t: the row has a column emails (text) that the table does not have here; the nearest is email",
        "no change is declared for this column");
  check({renamed}, {add_column(0xFFFFFF, {"emails", "text", std::nullopt, false})}, "column emails",
        "the nearest declared change is add_column emails at 0/FFFFFF (scenario.yaml:9:3)");
  check({row("I", {number_cell("id", 2)})}, {}, "the inserted row has no column email", "drop_column or rename_column");
  check({row("U", {text_cell("email", "b")}, 1)}, {}, "the updated row has no column id (integer)", "drop_column");
  check({row("I", {cell("id", "bigint", "2"), text_cell("email", "b")})}, {}, "column id has type bigint here",
        "type integer");
  check({row("I", {number_cell("id", 2), text_cell("email", "b"), text_cell("email", "c")})}, {},
        "names column email twice", "");
  const RowLine fits = row("U", {number_cell("id", 1), text_cell("email", "b")}, 1);
  DeclaredSchemaChange drop = at(0x1030, SchemaChangeKind::drop_column);
  drop.drop = {"emial"};
  check({fits}, {drop},
        "the declared drop_column emial at 0/1030 (scenario.yaml:9:3) names no column that the table has here; the "
        "nearest is email",
        "");
  drop.drop = {"id"};
  check({fits}, {drop}, "drops a column of the key", "");
  check({fits}, {add_column(0x1030, {"email", "text", std::nullopt, false})},
        "names a column that the table has already", "");
}

BOOST_AUTO_TEST_CASE(a_change_declared_for_a_table_that_is_not_there_is_refused_with_the_nearest_name) {
  StreamText text;
  RowLine line = row("I", {number_cell("id", 1)});
  line.table = "orders";
  text.transaction({line});
  DeclaredSchemaChange change = at(0x1030, SchemaChangeKind::drop_column, "order");
  const auto loaded = try_load(text.text, {change});
  BOOST_REQUIRE(!loaded);
  BOOST_TEST(loaded.error.message ==
             "a change is declared at 0/1030 for table public.order, which neither the stream nor a snapshot has; the "
             "nearest is public.orders");
}

BOOST_AUTO_TEST_CASE(changes_before_the_first_row_of_a_table_are_in_it_already) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1), text_cell("v", "a")})});
  const CapturedStream stream = load(text.text, {add_column(0x10, {"v", "text", "x", false})});
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "a"}));
  BOOST_TEST(stream.schema_changes.empty());
}

BOOST_AUTO_TEST_CASE(an_unchanged_value_that_the_log_never_showed_stays_unknown_and_is_counted) {
  StreamText text;
  text.transaction({row("I", {number_cell("id", 1)})});
  const std::uint64_t lsn = text.next_lsn();
  text.transaction({row("U", {number_cell("id", 1)}, 1)});
  const CapturedStream stream = load(text.text, {add_column(lsn, {"v", "text", std::nullopt, true})});
  BOOST_TEST((final_row(stream, 0) == Texts{"1", "unknown"}));
  BOOST_TEST(find_evidence(stream, EvidenceKind::unchanged_value_unknown, "t", "v") != nullptr);
}

}  // namespace rehearse::test
