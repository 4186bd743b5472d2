// Schema changes that a captured stream lived through, as they befall a store whose columns are matched by name.
#include "tests/campaign/captured.h"

namespace rehearse {
namespace {

// Rows 1 and 2 are written at minute 1, row 3 at minute 30, after the change at minute 20.
result::Store after(const std::string& change, const std::string& row_3, const std::string& sink = "") {
  const std::string stream = line("c", 1, 1) + line("c", 2, 1) + row_3;
  const Captured captured(stream);
  const Loaded loaded =
      with_inputs(captured.of_text("format: 1\nname: ddl\nduration: 1h\nsource: {capture: {stream: "
                                   "stream.jsonl, tables: {t: {key: [id]}}}, ddl: [{at_lsn: \"0/3FC\", "
                                   "table: t, change: " +
                                   change + R"(}]}
datasets: {t: {of: t, new_columns: follow}}
pipelines: {cdc: {stream: {produces: t, into: copy, freshness: 1m)" +
                                   sink + "}}}\n"));
  return rehearse(loaded.scenario, loaded.inputs).stores(0);
}
std::string row_3(const std::string& columns) {
  std::string text = line("c", 3, 30);
  const std::string v = "\"v\":\"c30\"";
  return text.replace(text.find(v), v.size(), columns);
}
std::string cause_names(const result::Store& store) {
  std::string text;
  for (const auto& cause : store.causes()) text += cause.cause() + " ";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_captured_column_that_a_store_by_name_lacks_makes_its_new_rows_divergent) {
  const result::Store store = after("{add: {column: d, type: text}}", row_3(R"("v":"c30","d":"z")"));
  BOOST_TEST(store.divergent_now() == 1u);
  BOOST_TEST(cause_names(store) == "ddl of t: add d ");
}
BOOST_AUTO_TEST_CASE(a_default_that_captured_rows_get_makes_those_divergent_that_were_there) {
  const result::Store store = after("{add: {column: d, type: text, default: x}}", row_3(R"("v":"c30","d":"z")"));
  BOOST_TEST(store.divergent_now() == 3u);
  BOOST_TEST(cause_names(store) == "ddl of t: add d ");
}
BOOST_AUTO_TEST_CASE(a_captured_column_comes_by_itself_to_a_store_that_follows) {
  const result::Store store = after("{add: {column: d, type: text, default: x}}", row_3(R"("v":"c30","d":"z")"),
                                    ", sink: {schema_changes: follow}");
  BOOST_TEST(store.divergent_intervals() == 0u);
}
BOOST_AUTO_TEST_CASE(a_captured_rename_names_itself_as_the_cause) {
  const result::Store store = after("{rename: {from: v, to: w}}", row_3(R"("w":"c30")"));
  BOOST_TEST(store.divergent_now() == 1u);
  BOOST_TEST(cause_names(store) == "ddl of t: rename v to w ");
}

}  // namespace rehearse
