// What emit writes, in tests: a folder that goes away, and a scenario emitted into it.
#pragma once

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/campaign/emit.h"
#include "tests/campaign/loaded.h"

namespace rehearse {

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("rehearse_emit_" + std::to_string(::getpid()) + "_" + next())) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string text(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

 private:
  static std::string next() {
    static int made = 0;
    return std::to_string(made++);
  }
  std::filesystem::path path_;
};

inline const Folder& emitted(const Folder& folder, const std::string& scenario, EmitFormat format) {
  const Loaded loaded = from_text(scenario);
  BOOST_REQUIRE(!refuse_to_emit(loaded.scenario));
  EmitOptions options;
  options.format = format;
  const Emitted written = emit(loaded.scenario, loaded.inputs, folder.path(), options);
  BOOST_REQUIRE_MESSAGE(!written.problem, written.problem.value_or(""));
  return folder;
}

}  // namespace rehearse
