#include "reports/output_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace rehearse::reports {
namespace {

namespace fs = std::filesystem;
using Problem = std::optional<std::string>;

fs::path real_place(const fs::path& folder) {
  std::error_code error;
  fs::path place = fs::weakly_canonical(fs::absolute(folder, error), error);
  if (error) place = fs::absolute(folder, error);
  return place.has_filename() ? place : place.parent_path();
}

std::string temporary_name(const fs::path& place, const std::string& process) {
  return fmt::format(".{}.rehearse-tmp-{}", place.filename().string(), process);
}

// What a process left that was ended while it wrote.
void remove_what_is_left(const fs::path& place) {
  const std::string head = temporary_name(place, "");
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(place.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(head)) continue;
    const pid_t process = std::atoi(name.c_str() + head.size());
    if (process > 0 && ::kill(process, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), error);
  }
}

}  // namespace

OutputFolder::OutputFolder(const fs::path& named, const OutputKind& kind)
    : named_(named),
      place_(real_place(named)),
      temporary_(place_.parent_path() / temporary_name(place_, fmt::format("{}", ::getpid()))),
      kind_(kind) {
  std::error_code ignored;
  for (fs::path parent = place_.parent_path(); !fs::exists(parent, ignored) && parent.has_relative_path();
       parent = parent.parent_path())
    made_.push_back(parent);
}

OutputFolder::~OutputFolder() {
  if (!begun_) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  if (committed_) return;
  for (const fs::path& parent : made_) fs::remove(parent, ignored);  // only where still empty
}

Problem OutputFolder::may_be_replaced() const {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(place_, error);
  if (!fs::exists(status)) return std::nullopt;
  if (!fs::is_directory(status)) return fmt::format("{} exists and is not a folder", place_.string());
  if (fs::exists(place_ / kind_.marker, error)) return std::nullopt;
  const bool is_empty = fs::is_empty(place_, error);
  if (error) return fmt::format("{} cannot be read: {}", place_.string(), error.message());
  if (is_empty) return std::nullopt;
  return fmt::format("{} exists and {} (it has no {}); choose another with --out", place_.string(), kind_.foreign,
                     kind_.marker);
}

Problem OutputFolder::begin() {
  if (!place_.has_filename()) return fmt::format("{} cannot be {}", named_.string(), kind_.noun);
  if (Problem problem = may_be_replaced()) return problem;
  begun_ = true;
  std::error_code error, ignored;
  fs::create_directories(place_.parent_path(), error);
  if (error) return fmt::format("cannot make folder {}: {}", place_.parent_path().string(), error.message());
  fs::remove_all(temporary_, ignored);
  remove_what_is_left(place_);
  if (!fs::create_directory(temporary_, error) || error)
    return fmt::format("cannot write in {}: {}", place_.parent_path().string(), error.message());
  return std::nullopt;
}

Problem OutputFolder::commit() {
  std::ofstream mark(temporary_ / kind_.marker, std::ios::binary);
  mark << kind_.mark;
  mark.close();
  if (!mark) return fmt::format("cannot write {}: {}", (temporary_ / kind_.marker).string(), std::strerror(errno));
  Problem problem = put_in_place();
  committed_ = !problem;
  return problem;
}

// In one step where the file system can exchange two names, in two renames where it cannot.
Problem OutputFolder::put_in_place() const {
  if (::rename(temporary_.c_str(), place_.c_str()) == 0) return std::nullopt;  // nothing, or an empty folder, was there
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, place_.c_str(), RENAME_EXCHANGE) == 0) return std::nullopt;
  const fs::path aside = temporary_.string() + "-old";
  if (::rename(place_.c_str(), aside.c_str()) != 0)
    return fmt::format("cannot replace {}: {}", place_.string(), std::strerror(errno));
  std::error_code ignored;
  if (::rename(temporary_.c_str(), place_.c_str()) == 0) {
    fs::remove_all(aside, ignored);
    return std::nullopt;
  }
  const std::string why = std::strerror(errno);
  fs::rename(aside, place_, ignored);
  return fmt::format("cannot replace {}: {}", place_.string(), why);
}

}  // namespace rehearse::reports
