// What can be known beforehand of consumers, the plan's and the world's.
#include <fmt/core.h>

#include "scenarios/lint_context.h"
#include "scenarios/needs.h"

namespace rehearse {

void lint_consumers(LintContext& context) {
  const auto moved = [&](const scenario::Consumer& consumer, const std::string& path) {
    if (consumer.assumes().empty()) return;
    const ReaderNeeds needs = needs_of(consumer);
    std::string instead = needs.unique ? "unique: true" : "";
    if (needs.complete) instead += instead.empty() ? "complete: true" : ", complete: true";
    context.warning(path + ".assumes", "`assumes` has moved to `needs`",
                    instead.empty() ? "nothing: each reader needs what the store's pipeline promises"
                                    : fmt::format("`needs: {{{}}}`", instead));
  };
  for (const scenario::Consumer& consumer : context.proto.consumers()) moved(consumer, "consumers." + consumer.name());
  for (const scenario::Consumer& consumer : context.proto.world().consumers())
    moved(consumer, "world.consumers." + consumer.name());
}

}  // namespace rehearse
