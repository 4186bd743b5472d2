// The user's own logic outside this program, that is asked something by a check, a repair or a decision: a program, or
// a function of a shared library.
//
// A program works in a fresh folder each time; a library is loaded in a process of its own each time (harness/program),
// so that neither remembers anything between two questions. The first two questions are asked twice: what then answers
// differently is not deterministic, and its answer is none. Logic that hangs, floods, crashes, fails or cannot be
// started has no answer either; which of these is said in words that do not differ from run to run. What a library
// answers is put into the lines that a program would write, and is read as those are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interface/rehearse/own_logic_abi.h"
#include "scenarios/schema/checks.pb.h"
#include "scenarios/schema/migration.pb.h"
#include "sim/kernel/time.h"
#include "sim/rows/field.h"

namespace rehearse {

// Parameters as a library gets them.
class OwnParameters {
 public:
  OwnParameters() = default;
  explicit OwnParameters(const google::protobuf::RepeatedPtrField<scenario::Parameter>& parameters);
  std::vector<own::abi::Parameter> plain() const;  // they live as long as this

 private:
  std::vector<std::pair<std::string, Field>> values_;
};

struct OwnQuestion {
  // Of a program.
  std::function<bool(const std::string& folder)> prepare;  // writes files into its folder; false: it could not
  std::vector<std::pair<std::string, std::string>> words;  // {reference} in an argument: what stands for it
  std::vector<std::pair<std::string, std::string>> environment;
  std::string input;
  // Of a library: which function it is, and how that is called.
  std::string kind;  // check, repair or decision
  std::function<void(void* function, const OwnParameters& parameters, const own::abi::Answer& answer)> call;
};

struct OwnAnswer {
  std::string output;
  std::string problem;    // not empty: there is no answer
  bool ran_away = false;  // it went beyond its time-out, or said more than anybody listens to
};

// A program, or a function of a library, that is asked in a rehearsal again and again: until it runs away once.
class OwnProgram {
 public:
  explicit OwnProgram(const scenario::Command& command);
  explicit OwnProgram(const scenario::Library& library);
  explicit OwnProgram(const scenario::Decide& decide);
  // The rule's own; none: its actions are in the rule.
  static std::optional<OwnProgram> of(const scenario::RepairRule& rule);

  OwnAnswer ask(const OwnQuestion& question);
  Duration takes() const { return takes_; }
  bool is_library() const { return !library_.empty(); }
  const std::string& name() const { return is_library() ? library_ : run_.front(); }

 private:
  OwnAnswer ask_once(const OwnQuestion& question, bool again) const;
  std::vector<std::string> run_;
  std::string library_;
  OwnParameters parameters_;
  Duration takes_;
  std::int64_t time_out_ns_;
  int asked_ = 0;
  bool ran_away_ = false;
};

// Calls each(line, number) for every line that is not blank, from 1; stops at the first that returns a problem.
std::string for_each_line(const std::string& output,
                          const std::function<std::string(const std::string& line, std::size_t number)>& each);

// A parameter's value: a number if it reads as one, else a text.
Field parameter_field(const std::string& text);

// For what a library is told; the text or value lives as long as what it is made from.
own::abi::Text plain_text(const std::string& text);
own::abi::Value plain_value(const Field& field);

}  // namespace rehearse
