#include "harness/cli/output_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace rehearse::cli {

namespace fs = std::filesystem;

OutputFolder::OutputFolder(const fs::path& place, std::string marker) : marker_(std::move(marker)) {
  std::error_code error;
  place_ = fs::weakly_canonical(fs::absolute(place, error), error);
  if (error) place_ = fs::absolute(place, error);
  if (!place_.has_filename()) place_ = place_.parent_path();
  temporary_ = place_.parent_path() / fmt::format(".{}.rehearse-tmp-{}", place_.filename().string(), ::getpid());
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  if (begun_) fs::remove_all(temporary_, ignored);
}

std::optional<std::string> OutputFolder::begin() {
  std::error_code error;
  if (!place_.has_filename()) return fmt::format("{} cannot be a folder of output", place_.string());
  if (fs::exists(fs::symlink_status(place_, error))) {
    if (!fs::is_directory(place_, error)) return fmt::format("{} exists and is not a folder", place_.string());
    if (!fs::exists(place_ / marker_, error) && !fs::is_empty(place_, error))
      return fmt::format("{} exists and was not written by this command (it has no {}); choose another with --out",
                         place_.string(), marker_);
  }
  fs::create_directories(place_.parent_path(), error);
  if (error) return fmt::format("cannot make folder {}: {}", place_.parent_path().string(), error.message());
  fs::remove_all(temporary_, error);
  if (!fs::create_directory(temporary_, error) || error)
    return fmt::format("cannot write in {}: {}", place_.parent_path().string(), error.message());
  begun_ = true;
  return std::nullopt;
}

std::optional<std::string> OutputFolder::commit() {
  std::ofstream mark(temporary_ / marker_);
  mark << "Written by Rehearse: the same command replaces this folder.\n";
  mark.close();
  if (!mark) return fmt::format("cannot write in {}", temporary_.string());
  // Nothing or an empty folder is there; else the two names are exchanged, and the old folder goes with the temporary.
  if (::rename(temporary_.c_str(), place_.c_str()) == 0) return std::nullopt;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, place_.c_str(), RENAME_EXCHANGE) == 0) return std::nullopt;
  return fmt::format("cannot replace {}: {}", place_.string(), std::strerror(errno));
}

}  // namespace rehearse::cli
