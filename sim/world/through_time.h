// The one loop that takes a world through time: up to and with `end`, event by event.
//
// `advance(t)` brings everything that moves to t; `handle(event)` is given each event of the agenda when all stand at
// its instant, and says whether to go on. What they do beside that is the caller's: a whole rehearsal lets oracle,
// checks and plan take part, a test of one part does not.
#pragma once

#include <utility>

#include "sim/world/world.h"

namespace rehearse {

enum class GoOn : std::uint8_t { yes, no };

template <class Advance, class Handle>
GoOn through_time(World& world, Time end, Advance&& advance, Handle&& handle) {
  while (world.agenda.next() <= end) {
    advance(world.agenda.next());
    if (handle(world.agenda.pop().event) == GoOn::no) return GoOn::no;
  }
  advance(end);
  return GoOn::yes;
}

}  // namespace rehearse
