// One run of a check of the user's own logic, on a world of ten rows that a test makes ready.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/program/program.h"
#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {

inline std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' || c == '\\' ? std::string{'\\', c} : c == '\n' ? "\\n" : std::string(1, c);
  return out + "'";
}

// One run of a check, with the world as it is made ready.
struct Trial {
  explicit Trial(const WorldShape& shape = {}) : small(shape) { small.run(Time{} + minute * 59); }

  // `more` takes the place of a usual setting of the same name.
  const CheckRun& sql(const std::string& text, const std::string& more = "") {
    std::ofstream(folder.path() + "/x.sql") << text;
    const auto usual = [&](const std::string& name, const std::string& setting) {
      return more.find(name) == std::string::npos ? setting : std::string();
    };
    return run("sql { " + compared("NAIVE") + "file: " + quoted(folder.path() + "/x.sql") +
               " window_ns: 3600000000000 " + usual("discrepancy", "discrepancy: MISMATCH ") +
               usual("tolerance", "tolerance { rows: 0 } ") + "at_most_steps: 1000000 " + more + "}");
  }
  const CheckRun& command(const std::string& script, const std::string& more = "", const std::string& beside = "") {
    return run("command { " + compared("NAIVE") + "command { run: ['sh', '-c', " + quoted(script) +
                   ", 'sh', '{reference}', '{trial}'] time_out_ns: 20000000000 takes_ns: 5000000000 } " +
                   "window_ns: 3600000000000 discrepancy: MISMATCH tolerance { rows: 0 } " + more + "}",
               beside);
  }
  // A check by the library of tests, told what to do.
  const CheckRun& library(const std::string& what, const std::string& beside = "", int time_out_ms = 20'000) {
    return run("library { " + compared("NAIVE") + "library { file: " + quoted(REHEARSE_TEST_LIBRARY) +
                   " parameters { name: 'do' value: " + quoted(what) +
                   " } time_out_ns: " + std::to_string(time_out_ms) + "000000 takes_ns: 5000000000 } " +
                   "window_ns: 3600000000000 discrepancy: MISMATCH tolerance { rows: 0 } }",
               beside);
  }
  const CheckRun& run(const std::string& check, const std::string& beside = "") {
    small.use(scenario_of(check, beside));
    small.run(Time{} + hour * 1 + minute * 30);
    BOOST_REQUIRE(small.reconciler->runs().size() == 1U);
    return small.reconciler->runs()[0];
  }

  ScratchFolder folder;
  Small small;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace rehearse::reconcile_test
