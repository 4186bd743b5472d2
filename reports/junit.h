// JUnit XML in the form that Jenkins' junit-10.xsd and the stricter Ant schema both accept.
//
// One suite a rehearsal; the verdict and every expectation is a testcase. Whatever is not a pass is a failure, its type
// says which: fail, broken, inconclusive, vacuous. The timestamp is the scenario's start, for reports are pure; the
// suite's time is the machine's (0 if `machine` is unset).
#pragma once

#include <string>
#include <vector>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_junit(const result::Result& result);
std::string render_junit(const std::vector<const result::Result*>& results);

}  // namespace rehearse::reports
