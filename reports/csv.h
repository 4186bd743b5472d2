// The time series as CSV (RFC 4180), wide: one row an instant at which anything was sampled, one column a series.
//
// Columns `at_ns` and `at`, then the series by name, with store, check or pipeline and unit. An empty cell: not sampled
// at that instant. NaN: sampled, and there was no data. Values are unrounded, in the unit of the heading. A series told
// by means of stretches has two columns more, for the least and the greatest value of each.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_csv(const result::Result& result);

}  // namespace rehearse::reports
