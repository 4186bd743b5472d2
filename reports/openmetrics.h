// metrics.openmetrics.txt: every series over simulated time in the OpenMetrics text format 1.0, with timestamps on the
// scenario's calendar, so that a rehearsal can be loaded into the time-series store that watches the real system.
//
// One family a kind of series, told apart by labels; the phase and the verdict as state sets. Of several values at one
// instant (the corners of a step) the last counts: timestamps of a metric must ascend. Missing data are NaN.
// Left out: histograms (the result holds percentiles); of a series told by means the least and the greatest values.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_openmetrics(const result::Result& result);

}  // namespace rehearse::reports
