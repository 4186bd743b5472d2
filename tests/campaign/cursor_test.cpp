// What an incremental extract reads forward by: the column that the job names, whatever it is called.
#include "tests/campaign/captured.h"

namespace rehearse {
namespace {

std::string synthetic(const std::string& cursor, const std::string& mix) {
  return R"(
format: 1
name: cursor
start: 2026-03-02T00:00:00Z
duration: 10h
source:
  tables:
    orders:
      rows: 10
      columns:
        id: {type: bigint, key: true}
        v: {type: bigint}
        made: {type: timestamptz, role: created_at}
        touched: {type: timestamptz, role: updated_at}
      workload: {peak_rate: 60/h, mix: )" +
         mix + R"(}
datasets: {orders: {of: orders}}
pipelines:
  job: {batch: {produces: orders, into: copy, every: 1h, extract: {incremental: {cursor: )" +
         cursor + R"(}}, load: merge, freshness: 2h}}
)";
}

std::string errors_of(const std::string& text) {
  std::vector<Diagnostic> found = load_scenario_text(text, "test.yaml").diagnostics;
  std::erase_if(found, [](const Diagnostic& d) { return d.level != Diagnostic::Level::error; });
  return to_text(found);
}

// Row 1 comes at 10:00 and changes at 10:30; the job runs every 20 minutes.
constexpr const char* two_changes =
    R"({"action":"B","xid":1,"timestamp":"2026-03-02 10:00:00+00","lsn":"0/12","nextlsn":"0/20"}
{"action":"I","xid":1,"timestamp":"2026-03-02 10:00:00+00","lsn":"0/11","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":1},{"name":"born","type":"timestamp with time zone","value":"2026-03-02 10:00:00+00"},{"name":"seen","type":"timestamp with time zone","value":"2026-03-02 10:00:00+00"}],"pk":[{"name":"id","type":"integer"}]}
{"action":"C","xid":1,"timestamp":"2026-03-02 10:00:00+00","lsn":"0/12","nextlsn":"0/20"}
{"action":"B","xid":2,"timestamp":"2026-03-02 10:30:00+00","lsn":"0/32","nextlsn":"0/40"}
{"action":"U","xid":2,"timestamp":"2026-03-02 10:30:00+00","lsn":"0/31","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":1},{"name":"born","type":"timestamp with time zone","value":"2026-03-02 10:00:00+00"},{"name":"seen","type":"timestamp with time zone","value":"2026-03-02 10:30:00+00"}],"identity":[{"name":"id","type":"integer","value":1}],"pk":[{"name":"id","type":"integer"}]}
{"action":"C","xid":2,"timestamp":"2026-03-02 10:30:00+00","lsn":"0/32","nextlsn":"0/40"}
)";

std::string captured(const std::string& cursor) {
  return R"(
format: 1
name: cursor
start: 2026-03-02T09:59:00Z
duration: 2h
source: {capture: {stream: stream.jsonl, tables: {t: {key: [id]}}}}
datasets: {t: {of: t}}
pipelines:
  job: {batch: {produces: t, into: copy, every: 20m, extract: {incremental: {cursor: )" +
         cursor + "}}, load: merge, freshness: 1h}}\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cursors)

BOOST_AUTO_TEST_CASE(by_the_last_update_every_change_is_read) {
  const result::Result r = rehearsed(synthetic("touched", "{update: 100%}"));
  BOOST_TEST(store(r, "copy").divergent_intervals() == 0U);
}

BOOST_AUTO_TEST_CASE(by_creation_or_by_the_key_updates_escape_and_new_rows_do_not) {
  for (const char* cursor : {"made", "id"}) {
    BOOST_TEST(store(rehearsed(synthetic(cursor, "{update: 100%}")), "copy").divergent_now() == 10U, cursor);
    BOOST_TEST(store(rehearsed(synthetic(cursor, "{insert: 100%}")), "copy").divergent_intervals() == 0U, cursor);
  }
}

BOOST_AUTO_TEST_CASE(jobs_that_read_one_synthetic_table_each_go_forward_by_their_own_column) {
  for (const auto& [first, second] : {std::pair("made", "touched"), {"touched", "made"}}) {
    const result::Result r = rehearsed(synthetic(first, "{insert: 50%, update: 50%}") +
                                       "  other: {batch: {produces: orders, into: second, every: 1h, extract: "
                                       "{incremental: {cursor: " +
                                       second + "}}, load: merge, freshness: 2h}}\n");
    BOOST_TEST((store(r, "copy").divergent_intervals() == 0) == (first == std::string("touched")));
    BOOST_TEST((store(r, "second").divergent_intervals() == 0) == (second == std::string("touched")));
  }
}

BOOST_AUTO_TEST_CASE(a_dataset_without_the_cursor_s_column_is_read_by_it_all_the_same) {
  const auto divergent = [](const std::string& cursor) {
    std::string text = synthetic(cursor, "{update: 100%}");
    const std::string whole = "{of: orders}";
    text.replace(text.find(whole), whole.size(), "{of: orders, columns: {id: {}, w: {from: v}}}");
    return store(rehearsed(text), "copy").divergent_now();
  };
  BOOST_TEST(divergent("touched") == 0U);
  BOOST_TEST(divergent("made") == 10U);
}

BOOST_AUTO_TEST_CASE(a_synthetic_column_that_orders_nothing_is_refused_where_it_stands) {
  const std::string said = errors_of(synthetic("v", "{update: 100%}"));
  BOOST_TEST(said.find("pipelines.job.batch.extract.incremental.cursor") != std::string::npos, said);
  BOOST_TEST(said.find("the key, or a column with the role") != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(a_captured_table_is_read_by_the_column_that_is_named) {
  const Captured capture(two_changes);
  const auto divergent = [&](const std::string& cursor) {
    const Loaded loaded = with_inputs(capture.of_text(captured(cursor)));
    return store(rehearse(loaded.scenario, loaded.inputs), "copy").divergent_now();
  };
  BOOST_TEST(divergent("seen") == 0U);
  BOOST_TEST(divergent("born") == 1U);  // the update leaves it as it was
}

BOOST_AUTO_TEST_CASE(a_captured_column_without_times_is_refused_with_those_that_have_some) {
  const Captured capture(two_changes);
  const LoadResult loaded = capture.of_text(captured("id"));
  BOOST_REQUIRE_MESSAGE(loaded.scenario, to_text(loaded.diagnostics));
  std::vector<Diagnostic> diagnostics;
  BOOST_TEST(!load_inputs(*loaded.scenario, diagnostics));
  BOOST_TEST(to_text(diagnostics).find("one of born, seen") != std::string::npos, to_text(diagnostics));
}

BOOST_AUTO_TEST_CASE(jobs_that_read_one_captured_table_forward_agree_on_the_column) {
  const Captured capture(two_changes);
  const LoadResult loaded = capture.of_text(captured("seen") +
                                            "  other: {batch: {produces: t, into: copy2, every: 20m, extract: "
                                            "{incremental: {cursor: born}}, load: merge, freshness: 1h}}\n");
  BOOST_TEST(!loaded.scenario);
  BOOST_TEST(to_text(loaded.diagnostics).find("forward by another column") != std::string::npos,
             to_text(loaded.diagnostics));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse
