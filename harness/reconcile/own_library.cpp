#include "harness/reconcile/own_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "harness/program/json.h"
#include "scenarios/diagnostics.h"
#include "scenarios/own_library_file.h"

namespace rehearse {
namespace {

namespace abi = own::abi;

constexpr std::size_t answer_bytes_max = 65 << 20;  // what is more is a flood, and who reads it says so

// Collects what a library says.
struct Collected {
  std::string* lines;
  std::string problem;

  void add(const std::string& line) {
    if (lines->size() < answer_bytes_max) *lines += line;
  }
};

std::string text_of(abi::Text text) { return text.data == nullptr ? std::string() : std::string(text.data, text.size); }

std::string json_of(const abi::Value& value) {
  switch (value.kind) {
    case abi::kind_integer:
      return json_value(Field::of(value.integer));
    case abi::kind_real:
      return json_number(value.real);
    case abi::kind_text:
      return json_text(text_of(value.text));
    default:
      return "null";
  }
}

// Of a text that is said.
std::string member(const char* name, abi::Text text) {
  return text.size == 0 ? std::string() : fmt::format(", \"{}\": {}", name, json_text(text_of(text)));
}

void take_discrepancy(void* host, const abi::Value* key, std::size_t key_size, abi::Text discrepancy,
                      const abi::Text* columns, std::size_t columns_size, abi::Text dataset) {
  std::string parts, names;
  for (std::size_t i = 0; i < key_size; ++i) parts += (i == 0 ? "" : ", ") + json_of(key[i]);
  for (std::size_t i = 0; i < columns_size; ++i) names += (i == 0 ? "" : ", ") + json_text(text_of(columns[i]));
  static_cast<Collected*>(host)->add(fmt::format("{{\"key\": [{}], \"columns\": [{}]{}{}}}\n", parts, names,
                                                 member("class", discrepancy), member("dataset", dataset)));
}

void take_figure(void* host, double figure) {
  static_cast<Collected*>(host)->add(fmt::format("{{\"figure\": {}}}\n", json_number(figure)));
}

void take_repair(void* host, abi::Text dataset, abi::Text key, abi::Text action) {
  static_cast<Collected*>(host)->add(fmt::format("{{\"key\": {}, \"action\": {}{}}}\n", json_text(text_of(key)),
                                                 json_text(text_of(action)), member("dataset", dataset)));
}

void take_decision(void* host, abi::Text decision, abi::Text why) {
  static_cast<Collected*>(host)->add(
      fmt::format("{{\"decision\": {}{}}}\n", json_text(text_of(decision)), member("why", why)));
}

void take_problem(void* host, abi::Text what) {
  std::string& problem = static_cast<Collected*>(host)->problem;
  problem = text_of(what);
  if (problem.empty()) problem = "has no answer and does not say why";
}

}  // namespace

std::string ask_library(const std::string& library, const OwnQuestion& question, const OwnParameters& parameters,
                        std::string& answer) {
  void* const loaded = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    const char* const why = ::dlerror();
    return fmt::format("could not be loaded: {}", why != nullptr ? why : "no reason is given");
  }
  void* const function = ::dlsym(loaded, own_function_name(question.kind).c_str());
  if (function == nullptr) return library_problem(library, question.kind);
  Collected collected{&answer, {}};
  const abi::Answer into{&collected, take_discrepancy, take_figure, take_repair, take_decision, take_problem};
  question.call(function, parameters, into);
  return collected.problem;
}

}  // namespace rehearse
