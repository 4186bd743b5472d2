// Assertions that stay on in Release. They guard our own mistakes: the program ends with exit code 3 and the line that
// replays the rehearsal. The user's mistakes never come here; they get diagnostics.
#pragma once

#include <string>
#include <string_view>

namespace rehearse {

// What is printed after a failed assertion; the command sets it once the scenario and seed are known.
void set_replay_line(std::string line);
const std::string& replay_line();

[[noreturn]] void assertion_failed(std::string_view condition, std::string_view invariant, const char* file, int line);

}  // namespace rehearse

#define REHEARSE_ASSERT(condition, invariant)                                    \
  do {                                                                           \
    if (!(condition)) [[unlikely]]                                               \
      ::rehearse::assertion_failed(#condition, (invariant), __FILE__, __LINE__); \
  } while (false)
