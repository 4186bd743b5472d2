// The folder of one rehearsal with every report in it.
//
// Written under a temporary name beside its place and renamed, so that it is there whole or not at all. A folder that
// exists is replaced only if it is empty or a run folder of ours: it carries the marker file `.rehearse-run`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

inline constexpr const char* run_folder_marker = ".rehearse-run";

struct ExtraFile {
  std::string name;  // plain file name
  std::string what;  // one line on what it is
  std::string content;
};

struct RunFolderOptions {
  std::vector<ExtraFile> extra;  // written beside the reports: the scenario as it was read
};

// What write_run_folder will write, for Result.files.
std::vector<result::File> run_folder_files(const RunFolderOptions& options = {});

// Before a simulation: nothing if the folder could be written, else a sentence that says why not. Leaves nothing
// behind.
std::optional<std::string> check_writable(const std::filesystem::path& folder);

// Writes result.json, junit.xml, report.md, metrics.csv, report.html and the extra files; `files` of the result is
// filled in. Nothing if all went well, else a sentence that says what went wrong; then the disk is as it was before.
std::optional<std::string> write_run_folder(const result::Result& result, const std::filesystem::path& folder,
                                            const RunFolderOptions& options = {});

}  // namespace rehearse::reports
