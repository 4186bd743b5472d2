// The options of a command line: positional arguments, `--name value`, `--name=value` and `--name`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rehearse::cli {

// All of a text as a number from 0 up.
std::optional<std::int64_t> whole_number(std::string_view text);

struct OptionRule {
  std::string name;
  bool takes_value = false;
  bool repeats = false;  // may stand there more than once
};

struct Options {
  std::vector<std::string> positional;
  std::map<std::string, std::vector<std::string>> given;
  std::string error;  // what is wrong with them; empty if nothing
  bool has(const std::string& name) const { return given.count(name) > 0; }
  const std::string& value(const std::string& name) const { return given.at(name).front(); }
  // In the order of the command line.
  std::vector<std::string> values(const std::string& name) const {
    return has(name) ? given.at(name) : std::vector<std::string>{};
  }
  std::optional<std::int64_t> number(const std::string& name) const { return whole_number(value(name)); }
};

Options parse_options(const std::vector<std::string>& arguments, const std::vector<OptionRule>& rules);

}  // namespace rehearse::cli
