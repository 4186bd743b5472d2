#include "harness/reconcile/own_program.h"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/program/program.h"
#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

constexpr int asked_twice = 2;

std::string first_line(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  return line.empty() ? std::string() : ": " + shown(line);
}

}  // namespace

OwnAnswer OwnProgram::ask(const OwnQuestion& question) {
  OwnAnswer answer = ask_once(question);
  if (asked_ >= asked_twice || !answer.problem.empty()) return answer;
  ++asked_;
  OwnAnswer again = ask_once(question);
  if (!again.problem.empty()) return again;
  if (again.output != answer.output)
    return {{}, fmt::format("{} is not deterministic: asked the same twice, it answered differently", command_.run(0))};
  return answer;
}

OwnAnswer OwnProgram::ask_once(const OwnQuestion& question) const {
  try {
    const ScratchFolder folder;
    if (!question.prepare(folder.path())) return {{}, "there is no room to write down what the program reads"};
    ProgramRequest request;
    request.folder = folder.path();
    request.environment = question.environment;
    request.input = question.input;
    request.time_out_ns = command_.time_out_ns();
    for (std::string argument : command_.run()) {
      for (const auto& [word, value] : question.words)
        for (std::size_t at = 0; (at = argument.find(word, at)) != std::string::npos; at += value.size())
          argument.replace(at, word.size(), value);
      request.command.push_back(std::move(argument));
    }
    ProgramAnswer answer = run_program(request);
    if (answer.end == ProgramAnswer::End::answered) return {std::move(answer.output), {}};
    return {{}, fmt::format("{} {}{}", command_.run(0), answer.problem, first_line(answer.errors))};
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

}  // namespace rehearse
