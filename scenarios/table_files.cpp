#include "scenarios/table_files.h"

#include <filesystem>
#include <system_error>

namespace rehearse {

std::string captured_table_file(const std::string& prefix, const std::string& table) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(prefix, error);
  for (const char* suffix : {".csv", ".csv.gz", ".csv.zst"}) {
    const std::string file = prefix + (folder && prefix.back() != '/' ? "/" : "") + table + suffix;
    if (std::filesystem::is_regular_file(file, error)) return file;
  }
  return {};
}

}  // namespace rehearse
