// The command that repeats a rehearsal, ready to paste into a shell.
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/loader.h"

namespace rehearse {

// `file` as the user named it; `values` as in Overrides.
std::string replay_line(const std::string& file, std::uint64_t seed,
                        const std::vector<std::pair<std::string, std::string>>& values = {});

}  // namespace rehearse
