// The life of one row: told in the order in which it happened, and telling it changes nothing.
#include "harness/campaign/row_story.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "harness/campaign/run.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

struct Restarted {
  Restarted() : loaded(shipped("faults/connector_restart.yaml")), end{loaded.scenario.proto.duration_ns()} {}
  Loaded loaded;
  Time end;
};

std::ptrdiff_t find(const RowStory& story, const std::string& where, const std::string& what, std::ptrdiff_t from = 0) {
  for (auto i = static_cast<std::size_t>(from); i < story.moments.size(); ++i)
    if (story.moments[i].where == where && story.moments[i].what.find(what) != std::string::npos)
      return static_cast<std::ptrdiff_t>(i);
  BOOST_ERROR("no moment of " + where + " says: " + what);
  return static_cast<std::ptrdiff_t>(story.moments.size());
}

struct WatchesEverything final : RunWatcher {
  void before(World& world) override {
    for (Store& store : world.stores)
      for (TableCopy& table : store.tables)
        for (RowId row = 0; store.stream && row < table.slots(); row += 7) table.watch(row);
  }
  void after(World&) override {}
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_row_that_a_restart_repeats_is_followed_from_commit_to_claim, Restarted) {
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(end);
  run.finish();
  const TruthRecord truth = run.oracle.record(run.world);
  BOOST_REQUIRE(!truth.intervals.empty());
  const std::string key = run.world.content.key_text(run.world.source.schema(0), 0, truth.intervals[0].row);

  const RowStoryResult result = row_story(loaded.scenario, loaded.inputs, {}, "orders", key);
  BOOST_REQUIRE_MESSAGE(result.story, result.error);
  const RowStory& story = *result.story;
  for (const RowMoment& m : story.moments) BOOST_TEST_MESSAGE(m.at.ns << " " << m.where << ": " << m.what);
  BOOST_TEST(std::is_sorted(story.moments.begin(), story.moments.end(),
                            [](const RowMoment& a, const RowMoment& b) { return a.at < b.at; }));
  const auto commits = find(story, "source", "insert commits");
  const auto arrives = find(story, "topic of cdc", "arrives in partition", commits);
  const auto visible = find(story, "orders_streaming", "is visible", arrives);
  const auto again = find(story, "orders_streaming", "is under way again, by fault connector_restart", visible);
  const auto arrives_again = find(story, "topic of cdc", "once more, by fault connector_restart", again);
  const auto twice = find(story, "orders_streaming", "is visible once more", arrives_again);
  BOOST_TEST(story.moments[static_cast<std::size_t>(twice)].what.find("2 copies") != std::string::npos);
  find(story, "truth of orders_streaming", "there more than once", visible);
  find(story, "check twice", ": right", twice);
  BOOST_TEST(story.moments[static_cast<std::size_t>(visible)].content.find("amount=") != std::string::npos);
}

// Of a span the moments in it are told, and of each place the last one before it.
BOOST_FIXTURE_TEST_CASE(a_span_tells_what_is_in_it_and_how_it_stood_before, Restarted) {
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(end);
  run.finish();
  const TruthRecord truth = run.oracle.record(run.world);
  const std::string key = run.world.content.key_text(run.world.source.schema(0), 0, truth.intervals[0].row);
  const RowStory whole = *row_story(loaded.scenario, loaded.inputs, {}, "orders", key).story;
  BOOST_TEST(whole.before.empty());
  const std::size_t first = whole.moments.size() / 3, last = 2 * whole.moments.size() / 3;
  const StorySpan span{whole.moments[first].at, whole.moments[last].at};
  const RowStory part = *row_story(loaded.scenario, loaded.inputs, {}, "orders", key, span).story;
  std::size_t in_it = 0;
  std::map<std::string, Time> before;
  for (const RowMoment& moment : whole.moments) {
    in_it += span.from <= moment.at && moment.at <= span.until;
    if (moment.at < span.from) before[moment.where] = moment.at;
  }
  BOOST_TEST(part.moments.size() == in_it);
  BOOST_TEST(part.moments.size() < whole.moments.size());
  BOOST_TEST((part.moments.front().at >= span.from && part.moments.back().at <= span.until));
  BOOST_TEST(!before.empty());
  BOOST_TEST(part.before.size() == before.size());
  for (const auto& [where, at] : before) BOOST_TEST(part.before.at(where).at.ns == at.ns);
}

// A row of a captured stream that no snapshot had, live at the end or not.
BOOST_AUTO_TEST_CASE(a_row_that_the_stream_inserted_is_found_by_its_key) {
  const Loaded loaded = shipped("schema_change.yaml");
  const CapturedStream& stream = *loaded.inputs.capture;
  std::optional<CapturedChange> lives, dies;
  for (const CapturedChange& change : stream.changes) {
    if (change.kind != ChangeKind::insert || stream.tables[change.table].name != "orders") continue;
    const bool live = stream.tables[change.table].final_images[change.new_row] != no_image;
    (live ? lives : dies) = change;
  }
  BOOST_REQUIRE((lives && dies));
  for (const CapturedChange& change : {*lives, *dies}) {
    const std::string key = row_text(stream, change.table, change.image);
    const RowStoryResult result = row_story(loaded.scenario, loaded.inputs, {}, "orders", key);
    BOOST_REQUIRE_MESSAGE(result.story, result.error);
    const auto commits = find(*result.story, "source", "insert commits");
    find(*result.story, "target", "is visible", commits);
  }
  BOOST_TEST(!row_story(loaded.scenario, loaded.inputs, {}, "orders", "no such key").story);
}

// An advance takes hours then, at whose end the topic has long forgotten what was written at its beginning.
BOOST_FIXTURE_TEST_CASE(what_arrives_is_told_where_nothing_else_happens_for_long, Restarted) {
  scenario::Scenario& given = loaded.scenario.proto;
  given.clear_consumers();
  given.clear_checks();
  given.clear_metrics();
  given.clear_world();
  given.clear_expect();
  const Run run(assemble(loaded.scenario, loaded.inputs), {});
  const RowId inserted_early = run.world.source.rows(0).slots() + 1000;
  const RowStoryResult result = row_story(loaded.scenario, loaded.inputs, {}, "orders",
                                          run.world.content.key_text(run.world.source.schema(0), 0, inserted_early));
  BOOST_REQUIRE_MESSAGE(result.story, result.error);
  const auto commits = find(*result.story, "source", "insert commits");
  const auto arrives = find(*result.story, "topic of cdc", "arrives in partition", commits);
  find(*result.story, "orders_streaming", "is visible", arrives);
}

// The anti-join the other way round, its rows claimed as late: excused by the judge where the stream is stale by its
// own promise, a false alarm where it is not.
BOOST_AUTO_TEST_CASE(a_claim_of_timing_is_told_as_the_judge_sees_it) {
  for (const bool promises_nothing_less_than_now : {true, false}) {
    Loaded loaded = shipped("own_logic/playbook.yaml");
    scenario::Scenario& given = loaded.scenario.proto;
    scenario::SqlCheck& anti_join = *given.mutable_checks(1)->mutable_sql();
    anti_join.set_discrepancy(scenario::TIMING);
    anti_join.mutable_called()->SwapElements(0, 1);
    if (promises_nothing_less_than_now) given.mutable_pipelines(0)->mutable_stream()->set_freshness_ns(1);
    Run run(assemble(loaded.scenario, loaded.inputs), {});
    run.until(Time{given.duration_ns()});
    run.finish();
    std::optional<RowId> row;
    for (const CheckRun& r : run.reconciler.runs())
      for (const Claim& claim : r.claims.list())
        if (claim.kind == scenario::TIMING && claim.names_row()) row = claim.row;
    BOOST_REQUIRE(row);
    const RowStoryResult result = row_story(loaded.scenario, loaded.inputs, {}, "orders",
                                            run.world.content.key_text(run.world.source.schema(0), 0, *row));
    BOOST_REQUIRE_MESSAGE(result.story, result.error);
    find(*result.story, "check anti_join",
         promises_nothing_less_than_now ? "timing: neither right nor a false alarm" : "timing: a false alarm");
  }
}

BOOST_FIXTURE_TEST_CASE(being_told_of_rows_changes_nothing, Restarted) {
  WatchesEverything watcher;
  std::vector<std::string> seen;
  for (RunWatcher* one : {static_cast<RunWatcher*>(nullptr), static_cast<RunWatcher*>(&watcher)}) {
    Run run(assemble(loaded.scenario, loaded.inputs), {});
    run.until(
        end, [] { return false; }, one);
    run.finish();
    std::string text = run.trajectory.hex() + run.reconciler.digest().hex();
    for (const DivergentInterval& i : run.oracle.record(run.world).intervals)
      text += "\n" + std::to_string(i.row) + " " + std::to_string(i.from.ns) + " " + std::to_string(i.until.ns);
    seen.push_back(text);
  }
  BOOST_TEST(seen[0] == seen[1]);
}

BOOST_FIXTURE_TEST_CASE(an_unknown_table_or_key_is_named_with_what_there_is, Restarted) {
  const auto error = [&](const std::string& table, const std::string& key) {
    return row_story(loaded.scenario, loaded.inputs, {}, table, key).error;
  };
  BOOST_TEST(error("order", "1") == "there is no table `order`; there are orders; did you mean orders?");
  BOOST_TEST(error("orders", "first") == "table orders has no key `first`; its keys read like 1");
}

}  // namespace rehearse
