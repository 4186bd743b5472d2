// What a broken invariant prints, and the end of the program.
#include "sim/kernel/assert.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace rehearse {
namespace {

std::string& line() {
  static std::string text;
  return text;
}

int length(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

void set_replay_line(std::string text) { line() = std::move(text); }

const std::string& replay_line() { return line(); }

// Exits without destructors: whatever state they would tidy up is the state that just proved wrong.
void assertion_failed(std::string_view condition, std::string_view invariant, const char* file, int line_number) {
  std::fflush(nullptr);
  std::fprintf(stderr, "%s:%d: broken invariant: %.*s\n  condition: %.*s\n", file, line_number, length(invariant),
               invariant.data(), length(condition), condition.data());
  if (!replay_line().empty()) std::fprintf(stderr, "  replay: %s\n", replay_line().c_str());
  std::fflush(nullptr);
  std::_Exit(3);
}

}  // namespace rehearse
