// The files that the HTML report carries inside itself, compiled in by reports/html/embed.cmake.
#pragma once

#include <string_view>

namespace rehearse::reports::assets {

extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view strip_js;
extern const std::string_view dygraph_css;
extern const std::string_view dygraph_js;

}  // namespace rehearse::reports::assets
