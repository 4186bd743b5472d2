// Scenarios about a stream of a table t (id, v), written into a folder of their own.
#pragma once

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/campaign/loaded.h"

namespace rehearse {

// A folder with a stream and what is given beside it, and a scenario about it.
class Captured {
 public:
  explicit Captured(const std::string& stream)
      : folder_(std::filesystem::temp_directory_path() /
                ("rehearse_captured_" + std::to_string(::getpid()) + "_" + std::to_string(next()))) {
    std::filesystem::create_directories(folder_);
    file("stream.jsonl", stream);
  }
  ~Captured() { std::filesystem::remove_all(folder_); }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  void file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  LoadResult scenario(const std::string& more = "", const std::string& capture = "",
                      const std::string& head = "") const {
    return of_text("format: 1\nname: captured\nduration: 1h\n" + head +
                   "source: {capture: {stream: stream.jsonl, tables: {t: {key: [id]}}" +
                   (capture.empty() ? "" : ", " + capture) + R"(}}
datasets: {t: {of: t}}
pipelines: {cdc: {stream: {produces: t, into: copy, freshness: 1m}}}
checks: {hashes: {keyed_hash: {between: [source, copy], every: 10m}}}
)" + more);
  }
  LoadResult of_text(const std::string& text) const {
    return load_scenario_text(text, (folder_ / "scenario.yaml").string());
  }
  result::Result rehearsed(const std::string& more = "", const std::string& capture = "",
                           const std::string& head = "") const {
    const Loaded loaded = with_inputs(scenario(more, capture, head));
    return rehearse(loaded.scenario, loaded.inputs);
  }
  std::vector<Diagnostic> refused(const std::string& capture) const {
    const LoadResult loaded = scenario("", capture);
    BOOST_REQUIRE_MESSAGE(loaded.scenario, to_text(loaded.diagnostics));
    std::vector<Diagnostic> diagnostics;
    BOOST_TEST(!load_inputs(*loaded.scenario, diagnostics));
    return diagnostics;
  }

 private:
  static int next() {
    static int made = 0;
    return made++;
  }
  std::filesystem::path folder_;
};

// One event of Debezium's, committed at that minute.
inline std::string line(const std::string& op, int id, int minute, const std::string& more = "") {
  return "{\"before\":null,\"after\":{\"id\":" + std::to_string(id) + ",\"v\":\"" + op + std::to_string(minute) +
         "\"},\"source\":{\"ts_ms\":" + std::to_string(1'772'413'200'000 + minute * 60'000) +
         ",\"schema\":\"public\",\"table\":\"t\",\"txId\":" + std::to_string(minute + 1) +
         ",\"lsn\":" + std::to_string(1000 + minute) + more + "},\"op\":\"" + op + "\"}\n";
}

}  // namespace rehearse
