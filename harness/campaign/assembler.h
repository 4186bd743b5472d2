// Turns a scenario into a world and its faults: the one place that knows both the messages and the components.
//
// What only the files can tell (a capture that is cut short, a cursor on a source that keeps none) comes back as
// diagnostics; everything else the loader has checked already.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/injector.h"
#include "harness/campaign/own_logic.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"
#include "sim/capture/witness.h"
#include "sim/kernel/recurrence.h"
#include "sim/world/world.h"

namespace rehearse {

struct Assembly {
  std::optional<World> world;  // none: see the diagnostics
  std::optional<Injector> injector;
  scenario::Scenario on_trial;  // with the files of own logic found: what checks, repairs and the plan are made from
  std::vector<Diagnostic> diagnostics;
};

struct AssemblyOptions {
  std::vector<std::string> without_faults;  // by name: counterfactual twins leave them out
};

// What is read and looked up once, and shared by every rehearsal of the scenario.
struct SharedInputs {
  std::shared_ptr<const CapturedStream> capture;  // null for a synthetic source
  // Of a captured source whose final tables are given: each of them that has a file, held against the replayed one.
  std::optional<std::vector<WitnessComparison>> witness;
  OwnFiles files;
};
std::optional<SharedInputs> load_inputs(const LoadedScenario& scenario, std::vector<Diagnostic>& diagnostics);

// What Time 0 is, in nanoseconds since 1970.
std::int64_t start_of(const LoadedScenario& scenario, const SharedInputs& inputs);

Assembly assemble(const LoadedScenario& scenario, const SharedInputs& inputs, const AssemblyOptions& options = {});

// The parts, which assemble() calls in this order.
void add_derived_tables(const LoadedScenario& scenario, const SharedInputs& inputs, WorldOptions& options);
void add_datasets(const LoadedScenario& scenario, const SharedInputs& inputs, WorldOptions& options);
// What a pipeline makes otherwise than its datasets say.
std::vector<Mistake> mistakes_of(const LoadedScenario& scenario, const scenario::Pipeline& pipeline,
                                 const World& world);
// Nothing if the capture has no such table.
std::optional<TablesBeneath> captured_beneath(const scenario::Dataset& dataset, const CapturedStream& stream,
                                              const std::string& schema);
std::vector<OwnRule> own_rules_of(const scenario::Pipeline& pipeline, const World& world);
// Whether a cursor of a synthetic table says when its rows came, and not when they were last updated.
bool says_creation(const scenario::Scenario& s, const std::string& table, const std::string& column);
WorldOptions world_options(const LoadedScenario& scenario, const SharedInputs& inputs);
void add_pipelines(const LoadedScenario& scenario, World& world);
void add_consumers(const LoadedScenario& scenario, World& world);
std::vector<FaultPlan> fault_plans(const LoadedScenario& scenario, const AssemblyOptions& options);

}  // namespace rehearse
