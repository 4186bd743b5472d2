// The command that repeats a rehearsal, ready to paste into a shell.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/loader.h"

namespace rehearse {

// In single quotes, as one word of any shell.
std::string shell_quoted(std::string_view text);

// `file` as the user named it; `values` as in Overrides.
std::string replay_line(const std::string& file, std::uint64_t seed,
                        const std::vector<std::pair<std::string, std::string>>& values = {});

}  // namespace rehearse
