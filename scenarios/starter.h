// The scenario that `rehearse new` writes: small, complete, commented, and valid as it is.
#pragma once

#include <string>
#include <string_view>

namespace rehearse {

std::string starter_scenario(std::string_view name);

}  // namespace rehearse
