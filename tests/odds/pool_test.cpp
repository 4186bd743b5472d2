#include "harness/jobs/pool.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace rehearse;

namespace {

std::vector<std::uint64_t> numbers(std::uint64_t count) {
  std::vector<std::uint64_t> jobs(count);
  std::iota(jobs.begin(), jobs.end(), 0);
  return jobs;
}

std::map<std::uint64_t, JobEnd> ends(std::uint64_t count, const std::function<std::string(std::uint64_t)>& job,
                                     PoolOptions options = {}) {
  std::map<std::uint64_t, JobEnd> all;
  run_jobs(
      numbers(count), job,
      [&](std::uint64_t number, JobEnd end) { BOOST_TEST(all.emplace(number, std::move(end)).second); }, options);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pool)

BOOST_AUTO_TEST_CASE(every_job_ends_once_with_its_own_answer_whatever_the_number_of_workers) {
  for (const unsigned workers : {1U, 2U, 7U}) {
    const auto all = ends(100, [](std::uint64_t n) { return std::string(n * 1'000, static_cast<char>('a' + n % 26)); },
                          {.workers = workers});
    BOOST_REQUIRE_EQUAL(all.size(), 100U);
    for (const auto& [n, end] : all) {
      BOOST_TEST((end.kind == JobEnd::Kind::answered));
      BOOST_TEST(end.answer == std::string(n * 1'000, static_cast<char>('a' + n % 26)));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_one_job_does_to_itself_is_its_own_outcome_and_the_others_go_on) {
  const auto all = ends(12,
                        [](std::uint64_t n) -> std::string {
                          if (n == 2) throw std::runtime_error("it went wrong");
                          if (n == 3) fprintf(stderr, "said before\n"), abort();
                          if (n == 5) kill(getpid(), SIGKILL);
                          if (n == 7) std::this_thread::sleep_for(std::chrono::hours(1));
                          if (n == 9) _exit(3);
                          return "done";
                        },
                        {.workers = 2, .time_out_ns = 500'000'000});
  BOOST_REQUIRE_EQUAL(all.size(), 12U);
  using Kind = JobEnd::Kind;
  const std::map<std::uint64_t, Kind> bad{
      {2, Kind::failed}, {3, Kind::crashed}, {5, Kind::killed}, {7, Kind::timed_out}, {9, Kind::crashed}};
  for (const auto& [n, end] : all) {
    const auto found = bad.find(n);
    BOOST_TEST((end.kind == (found == bad.end() ? Kind::answered : found->second)), n << ": " << end.problem);
  }
  BOOST_TEST(all.at(2).problem == "it went wrong");
  BOOST_TEST(all.at(3).problem.find("said before") != std::string::npos, all.at(3).problem);
  BOOST_TEST(all.at(9).problem.find("exit code 3") != std::string::npos, all.at(9).problem);
}

BOOST_AUTO_TEST_CASE(an_interruption_ends_all_workers_at_once) {
  std::atomic<bool> interrupted{false};
  std::size_t ended = 0;
  const auto began = std::chrono::steady_clock::now();
  run_jobs(
      numbers(50),
      [](std::uint64_t n) {
        if (n >= 3) std::this_thread::sleep_for(std::chrono::hours(1));
        return std::string("done");
      },
      [&](std::uint64_t, JobEnd) { interrupted = ++ended == 3; }, {.workers = 2, .interrupted = &interrupted});
  BOOST_TEST(ended == 3U);
  BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(30)));
}

BOOST_AUTO_TEST_SUITE_END()
