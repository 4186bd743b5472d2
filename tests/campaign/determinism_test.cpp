// A rehearsal is a pure function of scenario and seed: same digests twice in one process, and however advances are cut.
#include <boost/test/unit_test.hpp>

#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

std::string digests(const result::Result& r) { return r.digests().trajectory() + "/" + r.digests().outcome(); }

BOOST_AUTO_TEST_CASE(the_same_scenario_and_seed_give_the_same_digests_twice_in_one_process) {
  for (const std::string name : fault_scenarios) {
    const Loaded loaded = shipped("faults/" + name + ".yaml");
    const result::Result first = rehearse(loaded.scenario, loaded.inputs);
    BOOST_TEST(first.digests().trajectory().size() == 32U);
    BOOST_TEST(digests(first) == digests(rehearse(loaded.scenario, loaded.inputs)), name);
  }
}

BOOST_AUTO_TEST_CASE(cutting_advances_at_other_times_changes_no_digest) {
  for (const std::string name : fault_scenarios) {
    const Loaded loaded = shipped("faults/" + name + ".yaml");
    const std::string uncut = digests(rehearse(loaded.scenario, loaded.inputs));
    for (const Duration cut : {millisecond * 50'021, second * 977, Duration{37'123'456'789}}) {
      RehearsalOptions options;
      options.cut_every = cut;
      BOOST_TEST(digests(rehearse(loaded.scenario, loaded.inputs, options)) == uncut, name);
    }
  }
}

BOOST_AUTO_TEST_CASE(answering_every_comparison_twice_changes_no_digest) {
  for (const std::string name : fault_scenarios) {
    const Loaded loaded = shipped("faults/" + name + ".yaml");
    RehearsalOptions options;
    options.paranoid = true;
    BOOST_TEST(digests(rehearse(loaded.scenario, loaded.inputs, options)) ==
               digests(rehearse(loaded.scenario, loaded.inputs)));
  }
}

BOOST_AUTO_TEST_CASE(another_seed_gives_other_digests) {
  const Loaded loaded = shipped("faults/field_corruption.yaml");
  Loaded other = loaded;
  other.scenario.proto.set_seed(2);
  BOOST_TEST(digests(rehearse(loaded.scenario, loaded.inputs)) != digests(rehearse(other.scenario, other.inputs)));
}

}  // namespace
}  // namespace rehearse
