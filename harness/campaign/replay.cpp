#include "harness/campaign/replay.h"

#include <fmt/format.h>

namespace rehearse {
namespace {

std::string for_a_shell(const std::string& text) {
  const bool plain =
      !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=") ==
                           std::string::npos;
  if (plain) return text;
  return shell_quoted(text);
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string replay_line(const std::string& file, std::uint64_t seed,
                        const std::vector<std::pair<std::string, std::string>>& values) {
  std::string line = fmt::format("rehearse run {} --seed {}", for_a_shell(file), seed);
  for (const auto& [path, value] : values) line += " --set " + for_a_shell(path + "=" + value);
  return line;
}

}  // namespace rehearse
