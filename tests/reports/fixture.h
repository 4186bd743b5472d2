// Results made by hand, for the tests of the writers: one of everything over 14 days, and one of nothing.
#pragma once

#include "reports/result/result.pb.h"

namespace rehearse::fixture {

// A migration that is rolled back in its second phase: every list is filled, every optional field is set somewhere and
// left out somewhere.
result::Result rich();

// A rehearsal of which nothing is known.
result::Result empty();

// `rich` with every text in it, names included, replaced by one that tries to break out of its format.
result::Result hostile();

// The text of hostile(): markup, quotes, separators, newlines, control characters, bytes that are not UTF-8.
inline constexpr const char* hostile_text =
    "</script><img src=x onerror=alert(1)>\"',;\r\n\t=1+1|`*_[x](y)@team &amp; <!-- ]]> \x01\x1b[31m\x7f "
    "\xff\xfe\xc3\x28 \xe2\x80\xae \xc3\xa9";

}  // namespace rehearse::fixture
