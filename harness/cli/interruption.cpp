#include "harness/cli/interruption.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

#include "harness/cli/commands.h"

namespace rehearse::cli {

std::atomic<bool> interrupted{false};

namespace {

constexpr suseconds_t time_to_end_us = 800'000;

// In a signal's handler: only what is safe there. A program of the user's that runs ends with this process.
void end_at_once(int) {
  constexpr char said[] = "\nrehearse: interrupted; what was not written yet is not written\n";
  const ssize_t written = ::write(STDERR_FILENO, said, sizeof said - 1);
  ::_exit(written >= 0 ? not_as_expected : our_failure);
}

void on_interrupt(int) {
  if (interrupted.exchange(true)) end_at_once(SIGINT);
  const itimerval end{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = time_to_end_us}};
  ::setitimer(ITIMER_REAL, &end, nullptr);
}

}  // namespace

void listen_to_interrupts() {
  std::signal(SIGALRM, end_at_once);
  std::signal(SIGINT, on_interrupt);
}

}  // namespace rehearse::cli
