// The program as a process of its own: how it ended, how long it took and how much memory.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rehearse::test {

struct Ended {
  int exit_code = -1;  // -1: by a signal
  int signal = 0;
  double seconds = 0;      // of real time
  double cpu_seconds = 0;  // its own and those of its programs, whatever else the machine does
  double seconds_after_interrupt = 0;
  long most_kib = 0;
};

// What it says goes into the file `says`. Interrupted after so long, if it still runs; ended for good five minutes
// later.
inline Ended run_process(const std::vector<std::string>& arguments, const std::string& says,
                         std::optional<std::chrono::milliseconds> interrupt_after = std::nullopt) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::string> all{REHEARSE_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const Clock::time_point began = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    const int out = ::open(says.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), in = ::open("/dev/null", O_RDONLY);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  Ended ended;
  int status = 0;
  rusage usage{};
  std::optional<Clock::time_point> interrupted;
  const auto give_up_after = std::chrono::minutes(5);
  while (::wait4(child, &status, WNOHANG, &usage) == 0) {
    const auto took = Clock::now() - began;
    if (interrupt_after && !interrupted && took > *interrupt_after) {
      interrupted = Clock::now();
      ::kill(child, SIGINT);
    }
    if (took > give_up_after + interrupt_after.value_or(std::chrono::milliseconds(0))) ::kill(child, SIGKILL);
    ::usleep(2'000);
  }
  using Seconds = std::chrono::duration<double>;
  ended.seconds = Seconds(Clock::now() - began).count();
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  ended.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  if (interrupted) ended.seconds_after_interrupt = Seconds(Clock::now() - *interrupted).count();
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  else ended.signal = WTERMSIG(status);
  ended.most_kib = usage.ru_maxrss;
  return ended;
}

}  // namespace rehearse::test
