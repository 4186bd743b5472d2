// What can be known beforehand of a gate's criteria and a rollback's triggers: which never hold, and which hold while
// nothing is wrong.
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/lint_context.h"

namespace rehearse {

// Of `above` or `below`; nothing of another test. A trigger is armed for `armed_ns` at the most.
void lint_criterion_test(LintContext& context, const std::string& path, const scenario::Criterion& criterion);
void lint_trigger_test(LintContext& context, const std::string& path, const scenario::Trigger& trigger,
                       std::int64_t armed_ns);

}  // namespace rehearse
