// Words that may not stand in the project's files. In the deterministic folders: what would make a rehearsal differ
// between machines, compilers, runs or locales. Everywhere: what names one machine or one download site.
#pragma once

#include <filesystem>
#include <vector>

#include "tests/layering/layering.h"

namespace rehearse::layering {

// Bans in the code (not in comments or literals) of sim/, faults/, harness/reconcile and harness/migration.
std::vector<Complaint> check_determinism(const std::filesystem::path& root);

// Bans in every file of the project, comments included.
std::vector<Complaint> check_words(const std::filesystem::path& root);

}  // namespace rehearse::layering
