#include "harness/cli/options.h"

#include <boost/program_options.hpp>
#include <charconv>

namespace rehearse::cli {

namespace po = boost::program_options;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Options parse_options(const std::vector<std::string>& arguments, const std::vector<OptionRule>& rules) {
  po::options_description description;
  for (const OptionRule& rule : rules) {
    const std::string name = rule.name.substr(2);
    rule.takes_value ? description.add_options()(name.c_str(), po::value<std::vector<std::string>>())
                     : description.add_options()(name.c_str(), po::bool_switch());
  }
  description.add_options()("positional", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("positional", -1);
  Options options;
  try {
    using namespace po::command_line_style;
    po::variables_map read;
    po::store(po::command_line_parser(arguments)
                  .options(description)
                  .positional(positional)
                  .style(allow_long | long_allow_adjacent | long_allow_next)
                  .run(),
              read);
    if (read.count("positional")) options.positional = read["positional"].as<std::vector<std::string>>();
    for (const OptionRule& rule : rules) {
      const po::variable_value& value = read[rule.name.substr(2)];
      if (rule.takes_value && !value.empty()) options.given[rule.name] = value.as<std::vector<std::string>>();
      if (!rule.takes_value && value.as<bool>()) options.given[rule.name] = {""};
      if (!rule.repeats && options.has(rule.name) && options.given[rule.name].size() > 1)
        options.error = "option '" + rule.name + "' cannot be specified more than once";
    }
  } catch (const po::error& error) {
    options.error = error.what();
  }
  return options;
}

}  // namespace rehearse::cli
