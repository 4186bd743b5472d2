// Three-letter names of weekdays and months, in any case, for schedules and calendars.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rehearse {

inline constexpr std::array<std::string_view, 7> weekday_names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
inline constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                                 "jul", "aug", "sep", "oct", "nov", "dec"};

// The place of `text` among `names`, or -1.
template <std::size_t n>
constexpr int find_name(const std::array<std::string_view, n>& names, std::string_view text) {
  for (std::size_t i = 0; i < n; ++i) {
    if (text.size() != names[i].size()) continue;
    bool equal = true;
    for (std::size_t k = 0; k < text.size(); ++k) {
      const char c = text[k] >= 'A' && text[k] <= 'Z' ? static_cast<char>(text[k] - 'A' + 'a') : text[k];
      equal = equal && c == names[i][k];
    }
    if (equal) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace rehearse
