// What checks are credited with, over whole rehearsals: what they see, and nothing else.
//
// Hand-made streams of a table of ten rows, each damaged at a known time; and shipped scenarios, in which the matrix
// must say of each cause what the check catches when that cause is alone.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "harness/campaign/run.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

namespace fs = std::filesystem;

// A captured table of ten rows with v = 100, 200, … and status `a`, and the changes that a test wants.
class Captured {
 public:
  Captured() : folder_(fs::temp_directory_path() / fs::path("rehearse_credit_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    std::ofstream initial(folder_ / "initial.t.csv");
    initial << "id,v,status\n";
    for (int id = 1; id <= 10; ++id) initial << id << ',' << 100 * id << ",a\n";
  }
  ~Captured() { fs::remove_all(folder_); }

  void update(const std::string& at, int id, int v, const std::string& status) {
    change(at, "U", R"("columns":)" + row(id, v, status) + "," + identity(id));
  }
  void insert(const std::string& at, int id, int v) { change(at, "I", R"("columns":)" + row(id, v, "a")); }
  void remove(const std::string& at, int id) { change(at, "D", identity(id)); }

  result::Result rehearsed(const std::string& stream, const std::string& checks, const std::string& faults,
                           const AssemblyOptions& assembly = {}) {
    std::ofstream(folder_ / "stream.jsonl") << lines_;
    std::ofstream(folder_ / "scenario.yaml") << R"(
format: 1
name: credit
start: 2026-03-02T00:00:00Z
duration: 20h
source: {capture: {stream: stream.jsonl, schema: public, initial: initial., tables: {t: {key: [id]}}}}
datasets: {t: {of: t}}
pipelines:
  cdc:
    stream:
      produces: t
      into: new
      freshness: 1m
      connector: {poll_every: 1s, flush_offsets_every: 10s}
      processor: {service_time: 1ms}
      sink: {row_time: 1ms, flush_every: 1s)" + stream +
                                                    R"(}
checks: {)" + checks + R"(}
world: {faults: [)" + faults + "]}\n";
    const Loaded loaded = with_inputs(load_scenario((folder_ / "scenario.yaml").string()));
    RehearsalOptions options;
    options.assembly = assembly;
    options.paranoid = true;
    return rehearse(loaded.scenario, loaded.inputs, options);
  }

 private:
  // A transaction of one change.
  void change(const std::string& at, const std::string& action, const std::string& what) {
    const int begins = 100 * ++transactions_;
    const auto line = [&](const std::string& does, int lsn, const std::string& rest) {
      lines_ += R"({"action":")" + does + R"(","xid":)" + std::to_string(transactions_) +
                R"(,"timestamp":"2026-03-02 )" + at + R"(:00.000000+00","lsn":"0/)" + std::to_string(1'000'000 + lsn) +
                "\"" + rest + "}\n";
    };
    const std::string next = R"(,"nextlsn":"0/)" + std::to_string(1'000'000 + begins + 50) + "\"";
    line("B", begins + 40, next);
    line(action, begins + 20, R"(,"schema":"public","table":"t",)" + what + R"(,"pk":[{"name":"id","type":"bigint"}])");
    line("C", begins + 40, next);
  }
  static std::string identity(int id) {
    return R"("identity":[{"name":"id","type":"bigint","value":)" + std::to_string(id) + "}]";
  }
  static std::string row(int id, int v, const std::string& status) {
    return R"([{"name":"id","type":"bigint","value":)" + std::to_string(id) +
           R"(},{"name":"v","type":"integer","value":)" + std::to_string(v) +
           R"(},{"name":"status","type":"text","value":")" + status + R"("}])";
  }
  fs::path folder_;
  std::string lines_;
  int transactions_ = 0;
};

const result::MatrixCell& cell(const result::Result& r, const std::string& cause, const std::string& check) {
  for (const result::MatrixCell& cell : r.matrix())
    if (cell.cause() == cause && cell.check() == check) return cell;
  BOOST_FAIL("no cell " + cause + " × " + check);
  return r.matrix(0);
}

// "caught of divergences"
std::string of(const result::MatrixCell& cell) {
  return std::to_string(cell.caught()) + " of " + std::to_string(cell.divergences()) +
         (cell.untold() > 0 ? ", " + std::to_string(cell.untold()) + " n/a" : "");
}

constexpr const char* hurt_v =
    "{name: hurt_v, field_corruption: {pipeline: cdc, column: v, how: 'null', share: 100%, at: 10h, for: 30m}}";
constexpr const char* hurt_status =
    ", {name: hurt_status, field_corruption: {pipeline: cdc, column: status, how: garble, share: 100%, at: 10h30m, "
    "for: 30m}}";

}  // namespace

BOOST_AUTO_TEST_CASE(a_sum_is_not_credited_with_a_column_that_it_does_not_add_up) {
  Captured stream;
  stream.update("10:10", 1, 111, "a");
  stream.update("10:40", 2, 200, "b");
  const result::Result r =
      stream.rehearsed("",
                       "nulls: {aggregate: {between: [source, new], measures: [nulls v], every: 1h}}, "
                       "state: {field_compare: {between: [source, new], columns: [status], every: 1h}}, "
                       "sums: {checksum: {between: [source, new], columns: [v], every: 1h}}",
                       std::string(hurt_v) + hurt_status);
  BOOST_TEST(of(cell(r, "hurt_v", "nulls")) == "1 of 1");
  BOOST_TEST(of(cell(r, "hurt_status", "nulls")) == "0 of 1");
  BOOST_TEST(of(cell(r, "hurt_v", "sums")) == "1 of 1");
  BOOST_TEST(of(cell(r, "hurt_status", "sums")) == "0 of 1");
  BOOST_TEST(of(cell(r, "hurt_v", "state")) == "0 of 1");
  BOOST_TEST(of(cell(r, "hurt_status", "state")) == "1 of 1");
  BOOST_TEST(check(r, "nulls").false_alarms() == 0U);
}

// Both columns of one row are damaged: each check has its own cause.
BOOST_AUTO_TEST_CASE(of_two_causes_in_one_row_a_check_has_the_one_in_its_columns) {
  Captured stream;
  stream.update("10:10", 1, 111, "b");
  const std::string both =
      "{name: hurt_v, field_corruption: {pipeline: cdc, column: v, how: 'null', share: 100%, at: 10h, for: 30m}}, "
      "{name: hurt_status, field_corruption: {pipeline: cdc, column: status, how: 'null', share: 100%, at: 10h, for: "
      "30m}}";
  const result::Result r =
      stream.rehearsed("",
                       "nulls: {aggregate: {between: [source, new], measures: [nulls v], every: 1h}}, "
                       "state: {field_compare: {between: [source, new], columns: [status], every: 1h}}, "
                       "all: {field_compare: {between: [source, new], every: 1h}}",
                       both);
  BOOST_TEST(of(cell(r, "hurt_v", "nulls")) == "1 of 1");
  BOOST_TEST(of(cell(r, "hurt_status", "nulls")) == "0 of 1");
  BOOST_TEST(of(cell(r, "hurt_v", "state")) == "0 of 1");
  BOOST_TEST(of(cell(r, "hurt_status", "state")) == "1 of 1");
  BOOST_TEST(of(cell(r, "hurt_v", "all")) == "1 of 1");
  BOOST_TEST(of(cell(r, "hurt_status", "all")) == "1 of 1");
}

// A defect leaves rows 1 and 2 over, a fault hurts column v of row 3: a count is two too high and sees no v.
BOOST_AUTO_TEST_CASE(a_count_is_credited_with_rows_too_many_and_never_with_a_damaged_column) {
  Captured stream;
  stream.remove("09:10", 1);
  stream.remove("09:20", 2);
  stream.update("10:10", 3, 333, "a");
  const result::Result r =
      stream.rehearsed(", deletes: ignore",
                       "counts: {row_count: {between: [source, new], every: 1h}}, "
                       "groups: {event_counts: {between: [source, new], group_by: status, every: 1h}}",
                       hurt_v);
  BOOST_TEST(of(cell(r, "cdc.sink.deletes=ignore", "counts")) == "2 of 2");
  BOOST_TEST(of(cell(r, "hurt_v", "counts")) == "0 of 1");
  BOOST_TEST(of(cell(r, "cdc.sink.deletes=ignore", "groups")) == "2 of 2");
  BOOST_TEST(of(cell(r, "hurt_v", "groups")) == "0 of 1");
  BOOST_TEST(check(r, "counts").right() == check(r, "counts").claims());
}

// Rows 1 and 2 stay with v = 100 and 200 after their deletion, row 11 should have v = 5 and has none: from 10:10 on the
// sum is 95 too high. With either cause put right it is still off, and so it is with either cause alone.
BOOST_AUTO_TEST_CASE(causes_that_mask_each_other_are_caught_by_what_they_would_do_alone) {
  Captured stream;
  stream.remove("09:10", 1);
  stream.insert("10:10", 11, 5);
  stream.remove("12:10", 2);
  const std::string lost =
      "{name: lost, field_corruption: {pipeline: cdc, column: v, how: 'null', share: 100%, at: 10h, "
      "for: 30m}}";
  const result::Result r =
      stream.rehearsed(", deletes: ignore",
                       "nulls: {aggregate: {between: [source, new], measures: [nulls v], every: 1h}}, "
                       "sums: {aggregate: {between: [source, new], measures: [sum v], every: 1h}}",
                       lost);
  BOOST_TEST(of(cell(r, "lost", "nulls")) == "1 of 1");
  BOOST_TEST(of(cell(r, "cdc.sink.deletes=ignore", "nulls")) == "0 of 2");
  BOOST_TEST(of(cell(r, "lost", "sums")) == "1 of 1");
  BOOST_TEST(of(cell(r, "cdc.sink.deletes=ignore", "sums")) == "2 of 2");
}

// Row 1 stays with v = 100 after its deletion; row 11 should have v = 100 and has none. The sums are equal: no claim,
// so nobody is credited, though each cause alone would be.
BOOST_AUTO_TEST_CASE(sums_that_cancel_claim_nothing_and_credit_nobody) {
  Captured stream;
  stream.remove("10:05", 1);
  stream.insert("10:05", 11, 100);
  const std::string sums = "sums: {aggregate: {between: [source, new], measures: [sum v], every: 1h}}";
  const result::Result both = stream.rehearsed(", deletes: ignore", sums, hurt_v);
  BOOST_TEST(check(both, "sums").claims() == 0U);
  BOOST_TEST(of(cell(both, "hurt_v", "sums")) == "0 of 1");
  BOOST_TEST(of(cell(both, "cdc.sink.deletes=ignore", "sums")) == "0 of 1");
  AssemblyOptions without;
  without.without_faults = {"hurt_v"};
  BOOST_TEST(of(cell(stream.rehearsed(", deletes: ignore", sums, hurt_v, without), "cdc.sink.deletes=ignore",
                     "sums")) == "1 of 1");
  BOOST_TEST(of(cell(stream.rehearsed("", sums, hurt_v), "hurt_v", "sums")) == "1 of 1");
}

// Three rows stay over, each of a third: of a tolerance of two rows, the count claims them together.
BOOST_AUTO_TEST_CASE(a_tolerance_is_held_to_what_is_left_when_a_cause_is_put_right) {
  const auto cells = [](int tolerance) {
    Captured stream;
    for (int id = 1; id <= 3; ++id) stream.remove("09:10", id);
    stream.insert("10:10", 11, 5);  // hurt: not what a count sees
    return stream.rehearsed(
        ", deletes: ignore",
        "counts: {row_count: {between: [source, new], every: 1h, tolerance: " + std::to_string(tolerance) + "}}",
        hurt_v);
  };
  BOOST_TEST(of(cell(cells(2), "cdc.sink.deletes=ignore", "counts")) == "3 of 3");
  BOOST_TEST(of(cell(cells(2), "hurt_v", "counts")) == "0 of 1");
  BOOST_TEST(of(cell(cells(3), "cdc.sink.deletes=ignore", "counts")) == "0 of 3");
  BOOST_TEST(check(cells(3), "counts").claims() == 0U);
}

// The store is an hour behind by its polls, and damaged in a column: no count of it is right.
BOOST_AUTO_TEST_CASE(a_count_that_lag_alone_moves_is_not_right_because_of_a_damaged_column) {
  const Loaded loaded = from_text(R"yaml(
format: 1
name: lag
start: 2026-03-02T00:00:00Z
duration: 6h
source: {tables: {orders: {rows: 100, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}, workload: {peak_rate: 1/s, mix: {insert: 100%}}}}}
datasets: {orders: {of: orders}}
pipelines:
  cdc: {stream: {produces: orders, into: new, freshness: 1h, connector: {poll_every: 10m}}}
checks: {n: {row_count: {between: [source, new], every: 10m, align: naive, offset: 5m}}, rows: {key_coverage: {between: [source, new], every: 10m, align: naive, offset: 5m}}}
world: {faults: [field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 90m, for: 20m}]}
)yaml");
  const result::Result r = rehearse(loaded.scenario, loaded.inputs, {});
  BOOST_TEST(check(r, "n").claims() > 20U);
  BOOST_TEST(check(r, "n").right() == 0U);
  BOOST_TEST(check(r, "n").late() == 0U);
  BOOST_TEST(check(r, "n").false_alarms() == check(r, "n").claims());
}

// The same with a promise of five minutes, which ten minutes between polls break: claims of rows that are older than
// that are late, the others are false alarms.
BOOST_AUTO_TEST_CASE(claims_of_rows_that_are_late_beyond_the_promise_are_told_apart) {
  const Loaded loaded = from_text(R"yaml(
format: 1
name: lag
start: 2026-03-02T00:00:00Z
duration: 2h
source: {tables: {orders: {rows: 100, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}, workload: {peak_rate: 1/s, mix: {insert: 100%}}}}}
datasets: {orders: {of: orders}}
pipelines:
  cdc: {stream: {produces: orders, into: new, freshness: 5m, connector: {poll_every: 10m}}}
checks: {rows: {key_coverage: {between: [source, new], every: 10m, align: naive, offset: 9m}}, n: {row_count: {between: [source, new], every: 10m, align: naive, offset: 9m}}}
)yaml");
  const result::Result r = rehearse(loaded.scenario, loaded.inputs, {});
  const result::Check& rows = check(r, "rows");
  // Of each 9 minutes of changes the first 4 are overdue: four ninths of the claims, give or take the draw of arrivals.
  BOOST_TEST(rows.right() == 0U);
  BOOST_TEST(rows.late() + rows.false_alarms() == rows.claims());
  BOOST_TEST(static_cast<double>(rows.late()) / static_cast<double>(rows.claims()) == 4.0 / 9,
             boost::test_tools::tolerance(0.1));
  BOOST_TEST(check(r, "n").late() == check(r, "n").claims());
}

namespace {

// Takes a defect out of the scenario, by its cause's name: "cdc.sink.deletes=ignore", "cdc.mapping.total".
void take_out(scenario::Scenario& scenario, const std::string& defect) {
  for (scenario::Pipeline& pipeline : *scenario.mutable_pipelines()) {
    if (!defect.starts_with(pipeline.name() + ".")) continue;
    const std::string what = defect.substr(pipeline.name().size() + 1);
    if (what.starts_with("mapping.")) {
      auto& mapping = *pipeline.mutable_stream()->mutable_mapping();
      const auto of_column = [&](const scenario::ColumnTransform& c) { return "mapping." + c.name() == what; };
      mapping.erase(std::remove_if(mapping.begin(), mapping.end(), of_column), mapping.end());
    } else if (what.starts_with("rows.") && pipeline.has_stream()) {
      pipeline.mutable_stream()->clear_rows();
    } else if (what == "extract") {
      pipeline.mutable_batch()->mutable_extract()->mutable_snapshot();
    } else if (what == "sink.deletes=ignore") {
      pipeline.mutable_stream()->mutable_sink()->set_deletes(scenario::Sink::HARD);
    } else if (what == "sink.write=append") {
      pipeline.mutable_stream()->mutable_sink()->set_write(scenario::Sink::UPSERT);
    } else {
      BOOST_FAIL("the test does not know how to take out " + defect);
    }
  }
}

// The rehearsal with one cause and no other.
result::Result alone(const Loaded& loaded, const std::set<std::string>& causes, const std::string& cause) {
  LoadedScenario scenario = loaded.scenario;
  RehearsalOptions options;
  for (const std::string& other : causes) {
    if (other == cause) continue;
    const auto& faults = loaded.scenario.proto.world().faults();
    const bool fault = std::any_of(faults.begin(), faults.end(), [&](const auto& f) { return f.name() == other; });
    if (fault) options.assembly.without_faults.push_back(other);
    else take_out(scenario.proto, other);
  }
  return rehearse(scenario, loaded.inputs, options);
}

std::set<std::string> causes_in(const result::Result& r) {
  std::set<std::string> causes;
  for (const result::MatrixCell& c : r.matrix())
    if (c.divergences() > 0 && !c.cause().empty()) causes.insert(c.cause());
  return causes;
}

// The same rows in nearly the same intervals: where two causes meet in a row, two intervals are one.
void compare(const result::MatrixCell& with_others, const result::MatrixCell& alone, const std::string& where) {
  const std::string text = where + ": " + of(with_others) + ", alone " + of(alone);
  BOOST_TEST((with_others.caught() == 0) == (alone.caught() == 0), text);
  BOOST_TEST((with_others.missed() == 0) == (alone.missed() == 0), text);
  const auto share = [](const result::MatrixCell& c) {
    return c.divergences() == 0 ? 0 : static_cast<double>(c.caught()) / static_cast<double>(c.divergences());
  };
  BOOST_TEST(std::abs(share(with_others) - share(alone)) < 0.01, text);
}

}  // namespace

// A restart alone makes no sink that upserts wrong, and a sink that appends is wrong only of what comes twice: neither
// is there alone, and both have all rows of both.
BOOST_AUTO_TEST_CASE(the_matrix_gives_a_check_for_a_cause_what_it_catches_when_that_cause_is_alone) {
  std::uint64_t divergences = 0, untold = 0, compared = 0;
  for (const char* folder : {"faults", "defects", "own_logic"})
    for (const auto& file : fs::directory_iterator(std::string(REHEARSE_SOURCE_DIR) + "/scenarios/" + folder)) {
      if (file.path().extension() != ".yaml") continue;
      const std::string name = std::string(folder) + "/" + file.path().filename().string();
      const Loaded loaded = shipped(name);
      const result::Result r = rehearse(loaded.scenario, loaded.inputs, {});
      for (const result::MatrixCell& c : r.matrix()) divergences += c.divergences(), untold += c.untold();
      const std::set<std::string> causes = causes_in(r);
      for (const std::string& cause : causes) {
        if (causes.size() == 1) continue;  // it is alone
        const result::Result one = alone(loaded, causes, cause);
        if (causes_in(one).count(cause) == 0) {
          BOOST_TEST((cause == "connector_restart" || cause.ends_with("sink.write=append")), name + " " + cause);
          continue;
        }
        for (const result::MatrixCell& c : r.matrix()) {
          if (c.cause() != cause) continue;
          compare(c, cell(one, cause, c.check()), name + " " + cause + " × " + c.check());
          ++compared;
        }
      }
    }
  BOOST_TEST(compared >= 20U);
  BOOST_TEST(untold * 20 <= divergences);  // at most 5% is n/a
}

}  // namespace rehearse
