// A folder of output that is there whole or not at all: written under a temporary name beside its place and renamed.
//
// An existing folder is replaced only if it is empty or carries the marker that the same kind of output has left in it.
// Links are followed, so that a link's target is replaced and not the link.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rehearse::reports {

struct OutputKind {
  const char* marker;   // the name of a file
  const char* mark;     // what is in it
  const char* noun;     // "a run folder": of a place that cannot be one
  const char* foreign;  // what is said of a folder without the marker
};

class OutputFolder {
 public:
  OutputFolder(const std::filesystem::path& named, const OutputKind& kind);
  ~OutputFolder();  // removes what was not committed, and the parents that were made for it
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  // Both: nothing if all went well, else a sentence that says what went wrong.
  std::optional<std::string> begin();
  std::optional<std::string> commit();
  const std::filesystem::path& temporary() const { return temporary_; }

 private:
  std::optional<std::string> may_be_replaced() const;
  std::optional<std::string> put_in_place() const;
  std::filesystem::path named_, place_, temporary_;
  std::vector<std::filesystem::path> made_;  // parents, innermost first
  OutputKind kind_;
  bool begun_ = false;
  bool committed_ = false;
};

}  // namespace rehearse::reports
