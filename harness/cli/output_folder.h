// A folder of output that is there whole or not at all: written under a temporary name beside its place and renamed.
//
// An existing folder is replaced only if it is empty or carries the marker that the same command has left in it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace rehearse::cli {

class OutputFolder {
 public:
  OutputFolder(const std::filesystem::path& place, std::string marker);
  ~OutputFolder();  // removes what was not committed
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  // Both: nothing if all went well, else a sentence that says what went wrong.
  std::optional<std::string> begin();
  std::optional<std::string> commit();
  const std::filesystem::path& temporary() const { return temporary_; }

 private:
  std::filesystem::path place_;
  std::filesystem::path temporary_;
  std::string marker_;
  bool begun_ = false;
};

}  // namespace rehearse::cli
