#include "harness/cli/shipped.h"

#include <algorithm>
#include <filesystem>

namespace rehearse::cli {
namespace {

namespace fs = std::filesystem;

// PREFIX/share/rehearse of the running program; empty if it is not there.
fs::path share_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path share = program.parent_path().parent_path() / "share" / "rehearse";
  return fs::is_directory(share / "scenarios", error) ? share : fs::path();
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path inside = path.lexically_normal().lexically_relative(folder);
  return !inside.empty() && *inside.begin() != "..";
}

}  // namespace

std::vector<ShippedScenario> shipped_scenarios() {
  std::vector<ShippedScenario> all;
  const fs::path share = share_folder();
  if (share.empty()) return all;
  std::error_code error;
  const fs::path folder = share / "scenarios";
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file(error) || entry.path().extension() != ".yaml") continue;
    all.push_back({entry.path().lexically_relative(folder).replace_extension().string(), entry.path().string()});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

std::string found_file(const std::string& named) {
  std::error_code error;
  const fs::path path = named;
  if (named.empty() || path.is_absolute() || fs::exists(path, error)) return named;
  const fs::path share = share_folder();
  if (share.empty()) return named;
  const fs::path folder = share / "scenarios";
  for (const fs::path& candidate : {folder / named, folder / (named + ".yaml"), share / named})
    if (is_below(candidate, folder) && fs::exists(candidate, error)) return candidate.lexically_normal().string();
  return named;
}

}  // namespace rehearse::cli
