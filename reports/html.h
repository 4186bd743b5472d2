// The report as one self-contained page: no network, no other file. Opens from disk, prints, follows light and dark.
//
// Everything but the charts is plain HTML and readable without scripts. Series too long for a screen are thinned to the
// least and greatest value of each stretch, so that no peak is lost; metrics.csv has them all.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_html(const result::Result& result);

}  // namespace rehearse::reports
