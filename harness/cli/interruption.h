// Ctrl-C: a command that listens ends within a second, whatever it is doing.
//
// It is told first, so that it ends with what is known; if that takes too long, or at a second Ctrl-C, it is ended on
// the spot, and leaves nothing but what it had written whole.
#pragma once

#include <atomic>

namespace rehearse::cli {

// From here on Ctrl-C sets `interrupted`. The command then has 0.8 s.
void listen_to_interrupts();

extern std::atomic<bool> interrupted;

}  // namespace rehearse::cli
