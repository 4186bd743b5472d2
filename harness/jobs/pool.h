// Jobs in processes of their own, several at once: whatever one of them does, the others and the caller go on.
//
// A worker is a fork of the caller, so all that the caller has loaded is there and shared. It takes jobs one after the
// other and ends when there is none, when the caller ends, or when the caller says so; a crash, a kill or a run past
// its time ends the worker, is the outcome of the job that it had, and another worker takes its place. What a worker
// writes to its standard error is kept for that outcome. Which worker does which job, and in what order they end, is
// left to chance: callers order what they get.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace rehearse {

struct JobEnd {
  enum class Kind : std::uint8_t { answered, failed, crashed, killed, timed_out } kind = Kind::answered;
  std::string answer;   // of one that answered
  std::string problem;  // of any other: what happened, and the end of what it said, in words
};

struct PoolOptions {
  unsigned workers = 1;
  std::int64_t time_out_ns = 0;                    // of one job; 0: none
  const std::atomic<bool>* interrupted = nullptr;  // set: all workers are ended, and run_jobs returns
};

// `job` is called in a worker; what it throws is its failure. `ended` is called here, once for each job that has ended.
void run_jobs(std::span<const std::uint64_t> jobs, const std::function<std::string(std::uint64_t)>& job,
              const std::function<void(std::uint64_t, JobEnd)>& ended, const PoolOptions& options);

// That many processors this process may use at once.
unsigned processors();

}  // namespace rehearse
