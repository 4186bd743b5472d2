// A program of the user's that is asked something: by a check, a repair or a decision.
//
// It works in a fresh folder each time, so that it remembers nothing between two questions. The first two questions are
// asked twice: a program that then answers differently is not deterministic, and its answer is none. A program that
// hangs, floods, crashes, fails or cannot be started has no answer either; which of these is said in words that do not
// differ from run to run.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/schema/checks.pb.h"
#include "sim/kernel/time.h"

namespace rehearse {

struct OwnQuestion {
  std::function<bool(const std::string& folder)> prepare;  // writes files into its folder; false: it could not
  std::vector<std::pair<std::string, std::string>> words;  // {reference} in an argument: what stands for it
  std::vector<std::pair<std::string, std::string>> environment;
  std::string input;
};

struct OwnAnswer {
  std::string output;
  std::string problem;  // not empty: there is no answer
};

class OwnProgram {
 public:
  explicit OwnProgram(const scenario::Command& command) : command_(command) {}
  OwnAnswer ask(const OwnQuestion& question);
  Duration takes() const { return {command_.takes_ns()}; }

 private:
  OwnAnswer ask_once(const OwnQuestion& question) const;
  scenario::Command command_;
  int asked_ = 0;
};

// Calls each(line, number) for every line that is not blank, from 1; stops at the first that returns a problem.
std::string for_each_line(const std::string& output,
                          const std::function<std::string(const std::string& line, std::size_t number)>& each);

}  // namespace rehearse
