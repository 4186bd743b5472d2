#include "harness/reconcile/own_program.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

#include "harness/program/program.h"
#include "harness/reconcile/own_library.h"
#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

constexpr int asked_twice = 2;

std::string first_line(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  return line.empty() ? std::string() : ": " + shown(line);
}

}  // namespace

OwnParameters::OwnParameters(const google::protobuf::RepeatedPtrField<scenario::Parameter>& parameters) {
  for (const scenario::Parameter& parameter : parameters)
    values_.emplace_back(parameter.name(), parameter_field(parameter.value()));
}

std::vector<own::abi::Parameter> OwnParameters::plain() const {
  std::vector<own::abi::Parameter> all;
  for (const auto& [name, value] : values_) all.push_back({plain_text(name), plain_value(value)});
  return all;
}

OwnProgram::OwnProgram(const scenario::Command& command)
    : run_(command.run().begin(), command.run().end()),
      takes_{command.takes_ns()},
      time_out_ns_(command.time_out_ns()) {}

OwnProgram::OwnProgram(const scenario::Library& library)
    : library_(library.file()),
      parameters_(library.parameters()),
      takes_{library.takes_ns()},
      time_out_ns_(library.time_out_ns()) {}

OwnProgram::OwnProgram(const scenario::Decide& decide)
    : run_(decide.run().begin(), decide.run().end()),
      library_(decide.library()),
      parameters_(decide.parameters()),
      takes_{decide.takes_ns()},
      time_out_ns_(decide.time_out_ns()) {}

std::optional<OwnProgram> OwnProgram::of(const scenario::RepairRule& rule) {
  if (rule.has_command()) return OwnProgram(rule.command());
  if (rule.has_library()) return OwnProgram(rule.library());
  return std::nullopt;
}

OwnAnswer OwnProgram::ask(const OwnQuestion& question) {
  if (ran_away_) return {{}, fmt::format("{} ran away once, and is not asked again", name())};
  OwnAnswer answer = ask_once(question, false);
  ran_away_ = answer.ran_away;
  if (asked_ >= asked_twice || !answer.problem.empty()) return answer;
  ++asked_;
  OwnAnswer again = ask_once(question, true);
  ran_away_ = again.ran_away;
  if (!again.problem.empty()) return again;
  if (again.output != answer.output)
    return {{}, fmt::format("{} is not deterministic: asked the same twice, it answered differently", name())};
  return answer;
}

OwnAnswer OwnProgram::ask_once(const OwnQuestion& question, bool again) const {
  try {
    const ScratchFolder folder;
    ProgramRequest request;
    request.folder = folder.path();
    request.time_out_ns = time_out_ns_;
    if (is_library()) {
      request.inside = [&](std::string& answer) { return ask_library(library_, question, parameters_, answer); };
      request.memory = again ? ProgramRequest::Memory::elsewhere : ProgramRequest::Memory::as_it_was;
    } else {
      if (question.prepare && !question.prepare(folder.path()))
        return {{}, "there is no room to write down what the program reads"};
      request.environment = question.environment;
      request.input = question.input;
    }
    for (std::string argument : run_) {
      for (const auto& [word, value] : question.words)
        for (std::size_t at = 0; (at = argument.find(word, at)) != std::string::npos; at += value.size())
          argument.replace(at, word.size(), value);
      request.command.push_back(std::move(argument));
    }
    ProgramAnswer answer = run_program(request);
    if (answer.end == ProgramAnswer::End::answered) return {std::move(answer.output), {}};
    using End = ProgramAnswer::End;
    return {{},
            fmt::format("{} {}{}", name(), answer.problem, first_line(answer.errors)),
            answer.end == End::timed_out || answer.end == End::flooded};
  } catch (const std::runtime_error& error) {
    return {{}, error.what()};
  }
}

std::string for_each_line(const std::string& output,
                          const std::function<std::string(const std::string& line, std::size_t number)>& each) {
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < output.size();) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string line = output.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (std::string problem = each(line, number); !problem.empty())
      return fmt::format("line {} of its answer: {}", number, problem);
  }
  return {};
}

Field parameter_field(const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto as_whole = std::from_chars(text.data(), end, whole);
  if (as_whole.ec == std::errc() && as_whole.ptr == end) return Field::of(whole);
  double number = 0;
  const auto as_number = std::from_chars(text.data(), end, number);
  if (as_number.ec == std::errc() && as_number.ptr == end && std::isfinite(number)) return Field::of(number);
  return Field::of(text);
}

own::abi::Text plain_text(const std::string& text) { return {text.data(), text.size()}; }

own::abi::Value plain_value(const Field& field) {
  using Kind = Field::Kind;
  const std::uint32_t kind = field.kind == Kind::null      ? own::abi::kind_null
                             : field.kind == Kind::integer ? own::abi::kind_integer
                             : field.kind == Kind::real    ? own::abi::kind_real
                                                           : own::abi::kind_text;
  return {kind, field.integer, field.real, plain_text(field.text)};
}

}  // namespace rehearse
