#include "reports/run_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "reports/csv.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/openmetrics.h"
#include "reports/trace.h"

namespace rehearse::reports {
namespace {

namespace fs = std::filesystem;
using Problem = std::optional<std::string>;

struct Report {
  const char* name;
  const char* what;
  std::string (*render)(const result::Result&);
};

std::string junit_of_one(const result::Result& result) { return render_junit(result); }

constexpr Report reports[] = {
    {"report.html", "the whole report as one page", render_html},
    {"report.md", "for a pull request", render_markdown},
    {"result.json", "everything, for programs", render_json},
    {"junit.xml", "verdict and expectations, for CI", junit_of_one},
    {"metrics.csv", "every series over time", render_csv},
    {"metrics.openmetrics.txt", "the same for Prometheus and its kin", render_openmetrics},
    {"trace.json", "phases, faults, gates, checks and steps for Perfetto or chrome://tracing", render_trace},
};

// Where the folder really is: links followed, so that a link's target is replaced and not the link.
fs::path real_place(const fs::path& folder) {
  std::error_code error;
  fs::path place = fs::weakly_canonical(fs::absolute(folder, error), error);
  if (error) place = fs::absolute(folder, error);
  return place.has_filename() ? place : place.parent_path();
}

Problem may_be_replaced(const fs::path& place) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(place, error);
  if (!fs::exists(status)) return std::nullopt;
  if (!fs::is_directory(status)) return fmt::format("{} exists and is not a folder", place.string());
  if (fs::exists(place / run_folder_marker, error)) return std::nullopt;
  const bool is_empty = fs::is_empty(place, error);
  if (error) return fmt::format("{} cannot be read: {}", place.string(), error.message());
  if (is_empty) return std::nullopt;
  return fmt::format("{} exists and is not a run folder of Rehearse (it has no {}); choose another with --out",
                     place.string(), run_folder_marker);
}

fs::path temporary_beside(const fs::path& place) {
  return place.parent_path() / fmt::format(".{}.rehearse-tmp-{}", place.filename().string(), ::getpid());
}

// Removes the temporary folder, and the parents that were made for it, unless the work was finished.
class Scaffold {
 public:
  explicit Scaffold(const fs::path& place) : temporary_(temporary_beside(place)) {
    for (fs::path parent = place.parent_path(); !fs::exists(parent, ignored_) && parent.has_relative_path();
         parent = parent.parent_path())
      made_.push_back(parent);
  }
  Scaffold(const Scaffold&) = delete;
  Scaffold& operator=(const Scaffold&) = delete;
  ~Scaffold() {
    fs::remove_all(temporary_, ignored_);
    if (finished_) return;
    for (const fs::path& parent : made_) fs::remove(parent, ignored_);  // only where still empty
  }

  Problem build() {
    std::error_code error;
    fs::create_directories(temporary_.parent_path(), error);
    if (error) return fmt::format("cannot make folder {}: {}", temporary_.parent_path().string(), error.message());
    fs::remove_all(temporary_, ignored_);
    if (!fs::create_directory(temporary_, error) || error)
      return fmt::format("cannot write in {}: {}", temporary_.parent_path().string(), error.message());
    return std::nullopt;
  }
  const fs::path& temporary() const { return temporary_; }
  void finish() { finished_ = true; }

 private:
  fs::path temporary_;
  std::vector<fs::path> made_;  // innermost first
  bool finished_ = false;
  std::error_code ignored_;
};

Problem write_file(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) return fmt::format("cannot write {}: {}", path.string(), std::strerror(errno));
  return std::nullopt;
}

// In one step where the file system can exchange two names, in two renames where it cannot.
Problem put_in_place(const fs::path& temporary, const fs::path& place) {
  if (::rename(temporary.c_str(), place.c_str()) == 0) return std::nullopt;  // nothing, or an empty folder, was there
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0) return std::nullopt;
  const fs::path aside = temporary.string() + "-old";
  if (::rename(place.c_str(), aside.c_str()) != 0)
    return fmt::format("cannot replace {}: {}", place.string(), std::strerror(errno));
  std::error_code ignored;
  if (::rename(temporary.c_str(), place.c_str()) == 0) {
    fs::remove_all(aside, ignored);
    return std::nullopt;
  }
  const std::string why = std::strerror(errno);
  fs::rename(aside, place, ignored);
  return fmt::format("cannot replace {}: {}", place.string(), why);
}

Problem write_all(const result::Result& result, const fs::path& folder, const RunFolderOptions& options) {
  for (const Report& report : reports)
    if (Problem problem = write_file(folder / report.name, report.render(result))) return problem;
  for (const ExtraFile& file : options.extra)
    if (Problem problem = write_file(folder / fs::path(file.name).filename(), file.content)) return problem;
  return write_file(folder / run_folder_marker,
                    "A run folder of Rehearse: the next run of the same name replaces it.\n");
}

}  // namespace

std::vector<result::File> run_folder_files(const RunFolderOptions& options) {
  std::vector<result::File> files;
  const auto add = [&](const std::string& name, const std::string& what) {
    result::File& file = files.emplace_back();
    file.set_name(name);
    file.set_what(what);
  };
  for (const Report& report : reports) add(report.name, report.what);
  for (const ExtraFile& file : options.extra) add(file.name, file.what);
  return files;
}

std::optional<std::string> check_writable(const fs::path& folder) {
  const fs::path place = real_place(folder);
  if (!place.has_filename()) return fmt::format("{} cannot be a run folder", folder.string());
  if (Problem problem = may_be_replaced(place)) return problem;
  return Scaffold(place).build();
}

std::optional<std::string> write_run_folder(const result::Result& result, const fs::path& folder,
                                            const RunFolderOptions& options) {
  const fs::path place = real_place(folder);
  if (!place.has_filename()) return fmt::format("{} cannot be a run folder", folder.string());
  if (Problem problem = may_be_replaced(place)) return problem;
  Scaffold scaffold(place);
  if (Problem problem = scaffold.build()) return problem;
  result::Result with_files = result;
  with_files.clear_files();
  for (const result::File& file : run_folder_files(options)) *with_files.add_files() = file;
  if (Problem problem = write_all(with_files, scaffold.temporary(), options)) return problem;
  if (Problem problem = put_in_place(scaffold.temporary(), place)) return problem;
  scaffold.finish();
  return std::nullopt;
}

}  // namespace rehearse::reports
