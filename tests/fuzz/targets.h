// What is fed with arbitrary bytes: the text of a scenario, and a captured stream or table in each of its formats.
//
// A stream of a format begins with a good line of that format, so that the bytes reach its parser and no other's. What
// is refused has a message, and what is accepted replays to the state that it says it ends in.
#pragma once

#include <span>
#include <string_view>

namespace rehearse::fuzz {

struct Target {
  std::string_view name;           // of its folder under corpus/
  void (*feed)(std::string_view);  // ends the program where what is fed does
};

std::span<const Target> targets();

}  // namespace rehearse::fuzz
