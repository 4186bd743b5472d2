// Loading scenarios in tests: from the shipped files or from text, with their inputs.
#pragma once

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "harness/campaign/rehearsal.h"
#include "scenarios/diagnostics.h"

namespace rehearse {

struct Loaded {
  LoadedScenario scenario;
  SharedInputs inputs;
};

inline Loaded with_inputs(LoadResult result) {
  BOOST_REQUIRE_MESSAGE(result.scenario, to_text(result.diagnostics));
  std::vector<Diagnostic> diagnostics;
  auto inputs = load_inputs(*result.scenario, diagnostics);
  BOOST_REQUIRE_MESSAGE(inputs, to_text(diagnostics));
  return {std::move(*result.scenario), std::move(*inputs)};
}
inline Loaded shipped(const std::string& name) {
  return with_inputs(load_scenario(std::string(REHEARSE_SOURCE_DIR) + "/scenarios/" + name));
}
inline Loaded from_text(const std::string& text) { return with_inputs(load_scenario_text(text, "test.yaml")); }
inline result::Result rehearsed(const std::string& text) {
  const Loaded loaded = from_text(text);
  return rehearse(loaded.scenario, loaded.inputs);
}

inline const result::Store& store(const result::Result& r, const std::string& name) {
  for (const result::Store& s : r.stores())
    if (s.name() == name) return s;
  BOOST_FAIL("no store " + name);
  return r.stores(0);
}

inline std::set<std::string> causes(const result::Store& store) {
  std::set<std::string> names;
  for (const result::CauseCount& cause : store.causes()) names.insert(cause.cause());
  return names;
}

inline const result::Check& check(const result::Result& r, const std::string& name) {
  for (const result::Check& c : r.checks())
    if (c.name() == name) return c;
  BOOST_FAIL("no check " + name);
  return r.checks(0);
}

inline const char* const fault_scenarios[] = {
    "burst", "connector_restart", "duplicate_delivery", "field_corruption", "out_of_order_deletes", "schema_drift"};

inline const char* const check_scenarios[] = {"checksums",  "columns", "dual_reads", "event_counts",
                                              "null_share", "orphans", "positions"};

}  // namespace rehearse
