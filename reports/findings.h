// What a reader of a report wants to know first: what was decided and whether it was right, who was exposed to what for
// how long, what held pipelines up, what a captured stream could not tell, and what to change. Worked out once, for the
// terminal, Markdown and HTML, which only set it.
#pragma once

#include <string>
#include <vector>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

enum class Tone { good, bad, warn, idle };

struct Finding {
  Tone tone = Tone::idle;
  std::string mark;                  // "right", "false", "unlucky"; may be empty
  std::string title;                 // "GO from shadow to canary on Mon 9 Mar 00:00 (7d)"
  std::vector<std::string> details;  // sentences
};

// In the order of time.
std::vector<Finding> decisions(const result::Result& result);
std::vector<Finding> exposures(const result::Result& result);
std::vector<Finding> bottlenecks(const result::Result& result);
std::vector<Finding> capture(const result::Result& result);
std::vector<Finding> advice(const result::Result& result);
// What stands under the heading where the list above is empty, as nobody was exposed; empty if there is nothing to say.
std::string nobody_exposed(const result::Result& result);

}  // namespace rehearse::reports
