// A report that fits a pull request: verdict, reasons and expectations in sight, the rest folded. GitHub's dialect.
//
// Leaves out history, examples, the audit log and time series. Long lists are cut and say so: a comment holds 65,536
// characters.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_markdown(const result::Result& result);

}  // namespace rehearse::reports
