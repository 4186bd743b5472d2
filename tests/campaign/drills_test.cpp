// Drills of the shipped scenarios, against rollbacks that really fire; and drills that find what is broken.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/campaign/fired_for_real.h"

namespace rehearse {
namespace {

// Every shipped scenario that has a plan with a rollback.
std::vector<std::string> with_a_rollback() {
  const std::filesystem::path folder = std::string(REHEARSE_SOURCE_DIR) + "/scenarios";
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    const LoadResult loaded = load_scenario(entry.path().string());
    if (loaded.scenario && loaded.scenario->proto.migration().has_rollback())
      names.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What came of each drill of a scenario, and of the rollback that really fires instead.
struct Drilled {
  const ForkTruth::Kind kind;
  const std::string phase, came, comes;
};
std::vector<Drilled> drilled(const Loaded& loaded) {
  std::vector<Drilled> drills;
  RehearsalOptions options;
  options.twins = false;
  rehearse(loaded.scenario, loaded.inputs, options, [&](const JudgeInputs& recorded) {
    for (const ForkTruth& fork : recorded.forks)
      if (fork.kind == ForkTruth::Kind::drill || fork.kind == ForkTruth::Kind::late_drill)
        drills.push_back({fork.kind, fork.phase, what_came_of(fork, recorded),
                          what_comes_if_it_really_fires(loaded, recorded, fork)});
    return result::Result{};
  });
  return drills;
}

// The plan that pauses the nightly job, with another rollback.
Loaded paused_with(const std::string& steps, const std::string& nightly = "") {
  Loaded loaded = from_text("extends: " + std::string(REHEARSE_SOURCE_DIR) +
                            "/scenarios/plans/pause_dont_delete.yaml\nmigration: {rollback: {steps: [" + steps +
                            "]}}\npipelines: {nightly: {batch: {" + nightly + "}}}\n");
  readers_come_at_instants_of_their_own(loaded);
  return loaded;
}

// Of the GO that pauses it: at once, and at the look-ahead's end. What really fires comes to the same.
std::pair<std::string, std::string> of_the_pause(const Loaded& loaded) {
  std::pair<std::string, std::string> came;
  for (const Drilled& drill : drilled(loaded)) {
    BOOST_TEST(drill.came == drill.comes);
    if (drill.phase == "paused") (drill.kind == ForkTruth::Kind::drill ? came.first : came.second) = drill.came;
  }
  return came;
}

bool landed(const std::string& came) { return came.starts_with("landed"); }

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_drill_of_a_shipped_scenario_finds_is_what_a_rollback_does_that_really_fires) {
  const std::vector<std::string> names = with_a_rollback();
  BOOST_TEST(names.size() >= 6U);
  for (const std::string& name : names) {
    Loaded loaded = shipped(name);
    loaded.scenario.proto.mutable_safety()->set_rollback(scenario::Safety::REQUIRED);
    const std::vector<Drilled> drills = drilled(loaded);
    BOOST_TEST(drills.size() >= 2U, name);
    for (const Drilled& drill : drills) {
      BOOST_TEST_INFO_SCOPE(name << ", " << drill.phase);
      BOOST_TEST(drill.came == drill.comes);
      BOOST_TEST(landed(drill.came));
    }
  }
}

// The GO is on Saturday at 00:00, when the nightly job's content is of Friday at 02:00 and may be 26 h old.
BOOST_AUTO_TEST_CASE(a_drill_does_not_land_with_one_step_broken) {
  const auto [whole, whole_later] =
      of_the_pause(paused_with("{run_now: nightly}, {redirect_consumers: 30s}, {resume: nightly}"));
  BOOST_TEST(landed(whole), whole);
  BOOST_TEST(landed(whole_later), whole_later);

  // Nothing starts the job again: it is too old at 04:00, and within a day of the trigger.
  const auto [paused, paused_later] = of_the_pause(paused_with("{redirect_consumers: 30s}"));
  BOOST_TEST(paused.starts_with("did not land: orders_nightly was stale (older than the promised 1d 2h) 4h"), paused);
  BOOST_TEST(paused_later.starts_with("did not land: orders_nightly was stale"), paused_later);

  // Thursday's version is put back instead of Friday's, and the next cycle is at 02:00.
  const std::string restores = "{restore_snapshot: {pipeline: nightly, cycles_back: 1, takes: 5m}}, ";
  const auto [old_version, old_version_later] =
      of_the_pause(paused_with(restores + "{redirect_consumers: 30s}, {resume: nightly}", "keep_snapshots: 2"));
  BOOST_TEST(old_version.starts_with("did not land: orders_nightly was stale"), old_version);
}

// The job is not started again, but its content may be 50 h old: 22 h at the GO, 46 h at the look-ahead's end, and from
// then on too old within the day that a landing lasts.
BOOST_AUTO_TEST_CASE(a_fallback_that_is_alive_at_the_go_and_dead_at_the_look_aheads_end_is_found) {
  const Loaded loaded = paused_with("{redirect_consumers: 30s}", "freshness: 50h");
  const auto [at_once, later] = of_the_pause(loaded);
  BOOST_TEST(landed(at_once), at_once);
  BOOST_TEST(later.starts_with("did not land: orders_nightly was stale (older than the promised 2d 2h) 4h"), later);
  const result::Result result = rehearse(loaded.scenario, loaded.inputs);
  const result::GateJudgement& go = result.judgements(result.judgements_size() - 1);
  BOOST_TEST(go.into() == "paused");
  BOOST_TEST(go.was() == result::wrong);
  BOOST_REQUIRE_EQUAL(go.drills_size(), 2);
  BOOST_TEST(go.drills(0).landed());
  BOOST_TEST(!go.drills(1).landed());
  BOOST_TEST(go.why().starts_with("A rollback at the look-ahead's end would not have landed: orders_nightly"),
             go.why());
}

}  // namespace rehearse
