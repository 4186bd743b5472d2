// Programs that behave badly, each contained and named. They are shell one-liners: nothing else is needed.
#include "harness/program/program.h"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "harness/program/json.h"

using namespace rehearse;

namespace {

ProgramAnswer sh(const std::string& script, const std::string& input = "", std::int64_t time_out_ms = 20'000) {
  const ScratchFolder folder;
  ProgramRequest request;
  request.command = {"sh", "-c", script};
  request.folder = folder.path();
  request.input = input;
  request.time_out_ns = time_out_ms * 1'000'000;
  request.output_max = 1 << 20;
  return run_program(request);
}

using End = ProgramAnswer::End;

BOOST_AUTO_TEST_CASE(what_it_writes_is_its_answer_and_what_it_is_told_reaches_it) {
  const ProgramAnswer answer = sh("cat; echo too >&2", "a line\n");
  BOOST_TEST(static_cast<int>(answer.end) == static_cast<int>(End::answered));
  BOOST_TEST(answer.output == "a line\n");
  BOOST_TEST(answer.errors == "too\n");
}

BOOST_AUTO_TEST_CASE(much_goes_in_and_out_at_once) {
  const std::string input(900'000, 'x');
  BOOST_TEST(sh("cat", input).output == input);
  BOOST_TEST(sh("true", input).problem == "");  // it does not listen
}

BOOST_AUTO_TEST_CASE(one_that_hangs_is_ended_at_its_time_out_with_all_its_children) {
  const auto began = std::chrono::steady_clock::now();
  const ProgramAnswer answer = sh("echo $$ > pid; cp pid /dev/stderr; sleep 100 & sleep 100", "", 300);
  BOOST_TEST(static_cast<int>(answer.end) == static_cast<int>(End::timed_out));
  BOOST_TEST(answer.problem == "did not answer before its time-out");
  BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(20)));
  const auto group = static_cast<pid_t>(std::stol(answer.errors));
  for (int tries = 0; tries < 100 && ::kill(-group, 0) == 0; ++tries) ::usleep(20'000);  // until init has reaped them
  BOOST_TEST(::kill(-group, 0) != 0);
}

BOOST_AUTO_TEST_CASE(one_that_leaves_a_child_with_its_pipe_is_not_waited_for) {
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(sh("sleep 100 & echo done").output == "done\n");
  BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(15)));
}

BOOST_AUTO_TEST_CASE(what_leaves_its_group_is_ended_with_it) {
  // The process is in a session of its own and has told its number when the program ends, or is ended.
  const std::string leaves = "setsid sh -c 'echo $$ >&2; exec sleep 300' & ";
  for (const std::string then : {"sleep 0.5", "sleep 300"}) {
    const ProgramAnswer answer = sh(leaves + then, "", 1500);
    const auto left = static_cast<pid_t>(std::stol(answer.errors));
    BOOST_TEST(left > 1);
    BOOST_TEST(::kill(left, 0) != 0, then);
  }
}

BOOST_AUTO_TEST_CASE(floods_crashes_and_failures_are_told_apart) {
  BOOST_TEST(sh("yes").problem == "wrote more than 1 MiB");
  BOOST_TEST(static_cast<int>(sh("yes >&2", "", 300).end) == static_cast<int>(End::timed_out));
  BOOST_TEST(sh("kill -SEGV $$").problem == "was ended by signal 11");
  BOOST_TEST(sh("echo partial; exit 3").problem == "ended with exit code 3");
  BOOST_TEST(sh("echo partial; exit 3").output == "");
  ProgramRequest nothing;
  nothing.command = {"./there-is-no-such-program"};
  nothing.folder = "/";
  nothing.time_out_ns = 10'000'000'000;
  BOOST_TEST(run_program(nothing).problem == "could not be started (exit code 127)");
}

BOOST_AUTO_TEST_CASE(its_surroundings_are_the_same_everywhere) {
  ::setenv("REHEARSE_TEST_LEAK", "x", 1);
  const std::string seen = sh("env").output;
  BOOST_TEST(seen.find("REHEARSE_TEST_LEAK") == std::string::npos);
  BOOST_TEST(seen.find("TZ=UTC\n") != std::string::npos);
  BOOST_TEST(seen.find("LC_ALL=C.UTF-8\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(its_folder_is_gone_afterwards) {
  std::string path;
  {
    const ScratchFolder folder;
    path = folder.path();
    std::ofstream(path + "/left") << "x";
  }
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(texts_become_json) {
  BOOST_TEST(json_text("a\"b\\c\n") == "\"a\\\"b\\\\c\\u000a\"");
  BOOST_TEST(json_value(Field{}) == "null");
  BOOST_TEST(json_value(Field::of(12.5)) == "12.5");
}

}  // namespace
