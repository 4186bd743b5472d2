#include "harness/campaign/assembler.h"

#include <google/protobuf/message.h>

#include <algorithm>

#include "faults/catalogue.h"
#include "scenarios/fault_kinds.h"

namespace rehearse {

std::vector<FaultPlan> fault_plans(const LoadedScenario& loaded, const AssemblyOptions& options) {
  std::vector<FaultPlan> plans;
  for (const scenario::Fault& fault : loaded.proto.world().faults()) {
    const auto& left_out = options.without_faults;
    if (std::find(left_out.begin(), left_out.end(), fault.name()) != left_out.end()) continue;
    const google::protobuf::Message& parameters = parameters_of(fault);
    FaultPlan plan;
    plan.name = fault.name();
    plan.kind = kind_field(fault)->name();
    plan.place = place_of(fault);
    plan.fault =
        fault_entry(parameters).make(parameters, static_cast<std::uint64_t>(loaded.proto.seed()), fault.name());
    read_schedule(schedule_of(fault), plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

Assembly assemble(const LoadedScenario& loaded, const SharedInputs& inputs, const AssemblyOptions& options) {
  Assembly assembly;
  assembly.world.emplace(world_options(loaded, inputs));
  add_pipelines(loaded, *assembly.world);
  add_consumers(loaded, *assembly.world);
  assembly.injector.emplace(static_cast<std::uint64_t>(loaded.proto.seed()), fault_plans(loaded, options));
  assembly.on_trial = with_files_found(loaded.proto, inputs.files);
  return assembly;
}

}  // namespace rehearse
