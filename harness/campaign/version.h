// What a rehearsal's result depends on besides scenario and seed.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rehearse {

std::string version();
std::vector<std::pair<std::string, std::string>> what_determinism_depends_on();

}  // namespace rehearse
