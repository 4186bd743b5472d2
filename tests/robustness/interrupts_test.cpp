// Ctrl-C in every long command, while it does what it does: over within a second, and nothing half written is left.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "harness/program/program.h"
#include "tests/robustness/processes.h"

namespace rehearse::test {
namespace {

constexpr double at_most_seconds = 1.2;  // with what starting a process and looking at it takes

const char* const long_scenario = R"yaml(
format: 1
name: long
start: 2026-03-02T00:00:00Z
duration: 300d
source:
  tables:
    orders:
      rows: 100k
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}
      workload: {peak_rate: 200/s, mix: {insert: 10%, update: 80%, delete: 10%}}
datasets: {orders: {of: orders}}
pipelines: {cdc: {stream: {produces: orders, into: new, freshness: 1m}}}
)yaml";

std::string said(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

struct Place {
  Place() { std::ofstream(path("long.yaml")) << long_scenario << rest; }
  explicit Place(const std::string& more) : rest(more) { std::ofstream(path("long.yaml")) << long_scenario << rest; }
  std::string path(const std::string& name) const { return folder.path() + "/" + name; }
  ScratchFolder folder;
  std::string rest = "checks: {k: {field_compare: {between: [source, new], every: 1h}}}\nexpect: {verdict: pass}\n";
};

void must_end(const Place& place, const std::vector<std::string>& arguments, std::chrono::milliseconds after) {
  const Ended ended = run_process(arguments, place.path("said"), after);
  BOOST_TEST(ended.seconds * 1000 >= static_cast<double>(after.count()), arguments[0] << " was over before");
  BOOST_TEST(ended.seconds_after_interrupt < at_most_seconds, arguments[0]);
  BOOST_TEST(ended.exit_code == 1, arguments[0] << ": " << ended.exit_code << "\n" << said(place.path("said")));
}

BOOST_AUTO_TEST_CASE(a_rehearsal_ends_and_tells_what_is_known) {
  for (const int after_ms : {300, 1500}) {
    const Place place;
    must_end(place, {"run", place.path("long.yaml"), "--out", place.path("out")}, std::chrono::milliseconds(after_ms));
  }
}

BOOST_AUTO_TEST_CASE(every_other_long_command_ends) {
  const Place place;
  const std::string file = place.path("long.yaml");
  const std::chrono::milliseconds after(1500);
  must_end(place, {"check", place.folder.path(), "--junit", place.path("out.xml")}, after);
  BOOST_TEST(said(place.path("said")).find("scenarios are as expected") != std::string::npos);
  must_end(place, {"test-rules", file}, after);
  must_end(place, {"explain", "row", "orders", "7", file}, after);
  must_end(place, {"emit", file, "--out", place.path("emitted")}, after);
  BOOST_TEST(!std::filesystem::exists(place.path("emitted")));
}

BOOST_AUTO_TEST_CASE(a_query_that_never_looks_up_ends_with_the_program) {
  const Place place("checks: {s: {sql: {file: q.sql, between: [source, new], every: 1h}}}\n");
  // 500,000 characters are looked for in a million, from each of its places: minutes for one step of SQLite.
  std::ofstream(place.path("q.sql")) << "WITH s(t) AS (SELECT replace(hex(zeroblob(490000)), '0', 'a'))\n"
                                        "SELECT instr(t, substr(t, 1, 480000) || 'b') FROM s, new.orders\n";
  must_end(place, {"run", place.path("long.yaml"), "--out", place.path("out")}, std::chrono::milliseconds(2500));
}

BOOST_AUTO_TEST_CASE(a_program_that_hangs_ends_with_the_rehearsal) {
  const Place place(
      "checks: {c: {command: {run: [sleep, \"100\"], between: [source, new], every: 1h, time_out: 100s}}}\n");
  must_end(place, {"run", place.path("long.yaml"), "--out", place.path("out")}, std::chrono::milliseconds(2500));
}

}  // namespace
}  // namespace rehearse::test
