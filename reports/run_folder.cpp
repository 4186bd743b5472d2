#include "reports/run_folder.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "reports/csv.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/openmetrics.h"
#include "reports/output_folder.h"
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

constexpr OutputKind run_folder{run_folder_marker,
                                "A run folder of Rehearse: the next run of the same name replaces it.\n",
                                "a run folder", "is not a run folder of Rehearse"};

Problem write_file(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) return fmt::format("cannot write {}: {}", path.string(), std::strerror(errno));
  return std::nullopt;
}

Problem write_all(const result::Result& result, const fs::path& folder, const RunFolderOptions& options) {
  for (const Report& report : reports)
    if (Problem problem = write_file(folder / report.name, report.render(result))) return problem;
  for (const ExtraFile& file : options.extra)
    if (Problem problem = write_file(folder / fs::path(file.name).filename(), file.content)) return problem;
  return std::nullopt;
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

std::optional<std::string> check_writable(const fs::path& folder) { return OutputFolder(folder, run_folder).begin(); }

std::optional<std::string> write_run_folder(const result::Result& result, const fs::path& folder,
                                            const RunFolderOptions& options) {
  OutputFolder output(folder, run_folder);
  if (Problem problem = output.begin()) return problem;
  result::Result with_files = result;
  with_files.clear_files();
  for (const result::File& file : run_folder_files(options)) *with_files.add_files() = file;
  if (Problem problem = write_all(with_files, output.temporary(), options)) return problem;
  return output.commit();
}

}  // namespace rehearse::reports
