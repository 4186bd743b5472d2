// Files that commands are given and files that they write.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rehearse::cli {

// The scenario files among paths: files as they are, and of folders every .yaml below them, in order of their names.
// False after a folder without one, which is said.
bool scenario_files(const char* command, const std::vector<std::string>& paths, std::vector<std::string>& files);

// Under a temporary name beside its place, and renamed: it is there whole or not at all. Says what went wrong, and
// returns the exit code: the place may be wrong, or the disk full.
int write_file(const char* command, const std::string& path, const std::string& content);

// The content of a file, at most `most` bytes and one more; none if it cannot be read.
std::optional<std::string> read_file(const std::string& path, std::size_t most);

}  // namespace rehearse::cli
