// The agenda's total order, its value semantics, and how the program ends when an invariant breaks.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "sim/kernel/agenda.h"
#include "sim/kernel/draw.h"

using namespace rehearse;

namespace {

struct Ending {
  int exit_code = -1;
  std::string text;
};

// Runs `act` in a child process.
Ending ending_of(const std::function<void()>& act) {
  int pipe_ends[2] = {};
  BOOST_REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    act();
    _exit(0);
  }
  close(pipe_ends[1]);
  Ending ending;
  char buffer[256];
  for (ssize_t n = 0; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    ending.text.append(buffer, static_cast<std::size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) ending.exit_code = WEXITSTATUS(status);
  return ending;
}

}  // namespace

BOOST_AUTO_TEST_CASE(events_leave_by_time_phase_component_and_then_sequence) {
  using Key = std::tuple<std::int64_t, int, std::uint32_t, int>;
  Agenda<int> agenda;
  std::vector<Key> keys;
  const Stream s = stream(1, "agenda");
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t random = bits(s, static_cast<std::uint64_t>(i));
    keys.emplace_back(random & 63, random >> 8 & 3, random >> 16 & 7, i);
    agenda.at({std::get<0>(keys.back())}, std::get<1>(keys.back()), std::get<2>(keys.back()), i);
  }
  std::sort(keys.begin(), keys.end());
  for (const auto& [time, phase, component, event] : keys) {
    BOOST_REQUIRE(agenda.next().ns == time);
    const auto entry = agenda.pop();
    BOOST_REQUIRE(
        (Key(entry.time.ns, entry.phase, entry.component, entry.event) == Key(time, phase, component, event)));
  }
  BOOST_TEST(agenda.empty());
}

BOOST_AUTO_TEST_CASE(events_scheduled_while_it_runs_fall_into_the_same_order) {
  Agenda<int> agenda;
  agenda.at({10}, 1, 0, 1);
  agenda.at({10}, 2, 0, 2);
  BOOST_TEST(agenda.pop().event == 1);
  agenda.at({10}, 1, 9, 3);  // now, and before what was already there
  agenda.at({11}, 0, 0, 4);
  BOOST_TEST(agenda.pop().event == 3);
  BOOST_TEST(agenda.pop().event == 2);
  BOOST_TEST(agenda.pop().event == 4);
}

BOOST_AUTO_TEST_CASE(an_empty_agenda_is_next_at_never_and_keeps_nothing_for_never) {
  Agenda<int> agenda;
  agenda.at(Time::never(), 0, 0, 1);
  BOOST_TEST(agenda.empty());
  BOOST_TEST((agenda.next() == Time::never()));
}

BOOST_AUTO_TEST_CASE(a_copied_agenda_goes_on_alone) {
  Agenda<std::string> agenda;
  agenda.at({5}, 0, 0, "five");
  agenda.at({7}, 0, 0, "seven");
  Agenda<std::string> fork = agenda;
  BOOST_TEST(fork.pop().event == "five");
  fork.at({6}, 0, 0, "six");
  BOOST_TEST(fork.pop().event == "six");
  BOOST_TEST(agenda.size() == 2u);
  BOOST_TEST(agenda.pop().event == "five");
}

BOOST_AUTO_TEST_CASE(scheduling_in_the_past_breaks_an_invariant) {
  const Ending ending = ending_of([] {
    Agenda<int> agenda;
    agenda.at({5}, 0, 0, 1);
    agenda.pop();
    agenda.at({4}, 0, 0, 2);
  });
  BOOST_TEST(ending.exit_code == 3);
  BOOST_TEST(ending.text.find("time never goes back") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_broken_invariant_ends_with_code_3_and_says_what_where_and_how_to_replay) {
  const Ending ending = ending_of([] {
    set_replay_line("rehearse run flash-sale.yaml --seed 7");
    const int rows = 3;
    REHEARSE_ASSERT(rows == 2, "rows are conserved");
  });
  BOOST_TEST(ending.exit_code == 3);
  for (const char* part :
       {"rows == 2", "rows are conserved", "test_agenda.cpp:", "rehearse run flash-sale.yaml --seed 7"}) {
    BOOST_TEST(ending.text.find(part) != std::string::npos, part);
  }
}

BOOST_AUTO_TEST_CASE(an_invariant_that_holds_costs_nothing_and_says_nothing) {
  const Ending ending = ending_of([] { REHEARSE_ASSERT(true, "the world is round"); });
  BOOST_TEST(ending.exit_code == 0);
  BOOST_TEST(ending.text.empty());
}
