// Many rehearsals as one comment on a pull request: a short table, what broke folded below it.
//
// Left out: everything that report.md of a run folder has. No absolute path stands in it: of one, the file's name is
// shown. Bounded, so that a comment holds it: the rows of the table, and the lines of each fold.
#pragma once

#include <string>
#include <vector>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_check_markdown(const std::vector<const result::Result*>& results);

}  // namespace rehearse::reports
