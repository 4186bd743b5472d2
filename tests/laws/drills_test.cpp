// The law of drills: a copy that carries out the plan's rollback comes to what a rollback comes to that really fires.
#include <boost/test/unit_test.hpp>

#include "tests/campaign/fired_for_real.h"
#include "tests/laws/random_plan.h"
#include "tests/worlds.h"

namespace rehearse::laws {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);

}  // namespace

BOOST_AUTO_TEST_CASE(drills_come_to_what_a_rollback_comes_to_that_fires_in_the_same_world_without_what_had_not_struck) {
  std::uint64_t landed = 0, crashed = 0, late = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    Loaded loaded = from_text(plan.text());
    readers_come_at_instants_of_their_own(loaded);
    RehearsalOptions options;
    options.twins = false;
    rehearse(loaded.scenario, loaded.inputs, options, [&](const JudgeInputs& recorded) {
      std::vector<const ForkTruth*> drills;
      for (const ForkTruth& fork : recorded.forks)
        if (fork.kind == ForkTruth::Kind::drill || fork.kind == ForkTruth::Kind::late_drill) drills.push_back(&fork);
      if (drills.empty()) return result::Result{};
      const ForkTruth& drill =
          *drills[static_cast<std::size_t>(Picks(number, "a drill").between(0, std::ssize(drills) - 1))];
      const std::string came = what_came_of(drill, recorded);
      const std::string comes = what_comes_if_it_really_fires(loaded, recorded, drill);
      BOOST_CHECK_MESSAGE(came == comes, "world " << number << ", decided at " << drill.made.ns << " in " << drill.phase
                                                  << ", fired at " << drill.fired->ns << "\n"
                                                  << came << "\n-- for real\n"
                                                  << comes);
      ++(came.starts_with("landed after 0 ") ? landed : came.starts_with("landed") ? late : crashed);
      return result::Result{};
    });
  }
  BOOST_TEST_MESSAGE(landed << " landed at once, " << late << " later, " << crashed << " did not land");
  BOOST_TEST(landed > worlds / 5);
  BOOST_TEST(late > worlds / 50);
  BOOST_TEST(crashed > worlds / 5);
}

}  // namespace rehearse::laws
