#include "harness/cli/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/cli/commands.h"
#include "harness/cli/shipped.h"

namespace rehearse::cli {

bool scenario_files(const char* command, const std::vector<std::string>& paths, std::vector<std::string>& files) {
  for (const std::string& named : paths) {
    const std::string path = found_file(named);
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error))
      if (entry.is_regular_file(error) && entry.path().extension() == ".yaml") found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    if (found.empty()) {
      fmt::print(stderr, "rehearse {}: there is no .yaml file in {}\n", command, path);
      return false;
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return true;
}

int write_file(const char* command, const std::string& path, const std::string& content) {
  const std::string temporary = path + ".part";
  std::ofstream out(temporary, std::ios::binary);
  const bool opened = out.is_open();
  out << content;
  out.close();
  const std::string why = std::strerror(errno);
  std::error_code error;
  if (out) std::filesystem::rename(temporary, path, error);
  if (out && !error) return as_expected;
  fmt::print(stderr, "rehearse {}: cannot write {}: {}\n", command, path, error ? error.message() : why);
  std::filesystem::remove(temporary, error);
  return opened && !out ? our_failure : wrong_input;
}

std::optional<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;  // a pipe would be waited for
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string content(most + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return std::nullopt;
  return content;
}

}  // namespace rehearse::cli
