// What checks over a million rows a side cost: SQL from the start of the query to its first row, and a field compare
// that has to make the content of every row. Run `bench_checks`; times are of the processor, so that other work on the
// machine does not count.
#include <benchmark/benchmark.h>

#include <ctime>

#include "harness/reconcile/side_table.h"
#include "scenarios/sql/sides.h"
#include "tests/reconcile/fixture.h"

using namespace rehearse;
using namespace rehearse::reconcile_test;

namespace {

constexpr RowId million = 1'000'000;

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The source and a stream that holds all of its rows.
Small& world_of_a_million() {
  static Small small({.rows = million});
  static const bool filled = [] {
    small.run(Time{} + hour);
    return small.world.rows(small.stream, orders).live_rows() == million;
  }();
  if (!filled) throw std::runtime_error("the stream does not hold all rows");
  return small;
}

// One row of the stream is lost, or has lost its amount: the last, so that a query that looks for such a row reads all.
enum class Damage : std::uint8_t { lost, no_amount };
struct Query {
  const char* text;
  Damage damage;
};
constexpr Query anti_join{"SELECT s.id FROM source.orders s LEFT JOIN stream_store t ON t.id = s.id WHERE t.id IS NULL",
                          Damage::lost};
constexpr Query full_join{
    "SELECT s.id, t.id FROM source.orders s FULL JOIN stream_store t ON t.id = s.id WHERE s.id IS NULL OR t.id IS NULL",
    Damage::lost};
constexpr Query fields{
    "SELECT s.id FROM source.orders s JOIN stream_store t ON t.id = s.id WHERE s.amount IS DISTINCT FROM t.amount OR "
    "s.status IS DISTINCT FROM t.status",
    Damage::no_amount};
constexpr Query every_row{"SELECT s.id FROM source.orders s JOIN stream_store t ON t.id = s.id", Damage::lost};
constexpr Query sums{
    "SELECT count(*) FROM (SELECT status, sum(amount) a FROM source.orders GROUP BY status) JOIN (SELECT status, "
    "sum(amount) b FROM stream_store GROUP BY status) USING (status)",
    Damage::lost};

void sql(benchmark::State& state, Query query) {
  Small& small = world_of_a_million();
  constexpr RowId last = million - 1;
  const Cell whole = small.stream_cell(last);
  if (query.damage == Damage::lost) small.lose(last);
  else small.alter(last, amount, AlterationKind::null);
  ReadView view(small.world, false);
  const Reading reference = view.open(source_store, orders), trial = view.open(small.stream, orders);
  double whole_time = 0;
  for (auto _ : state) {
    SqlDatabase database;
    const auto nothing = std::make_shared<RowSet>();
    std::vector<NamedSide> sides{
        {"source", {{"orders", std::make_shared<SideTable>(view, reference, reference.store, nothing)}}},
        {"stream_store", {{"orders", std::make_shared<SideTable>(view, trial, trial.store, nothing)}}}};
    add_sides(database, sides);
    SqlRequest request;
    request.text = query.text;
    double first = 0;
    const double began = processor_seconds();
    SqlListener listener;
    listener.statement = [](const SqlStatement&) { return std::nullopt; };
    listener.end_of_rows = [] { return std::nullopt; };
    listener.row = [&](const std::vector<Field>&) -> std::optional<std::string> {
      if (first == 0) first = processor_seconds() - began;
      return std::nullopt;
    };
    if (const auto problem = database.run(request, listener)) state.SkipWithError(problem->message.c_str());
    else if (first == 0) state.SkipWithError("there was no row");
    whole_time += processor_seconds() - began;
    state.SetIterationTime(first);
  }
  state.counters["all_rows_s"] = benchmark::Counter(whole_time, benchmark::Counter::kAvgIterations);
  view.close(reference);
  view.close(trial);
  small.put(last, whole);
}

// Every row of the stream is marked as altered, by the value that it has: only content tells that nothing differs.
void field_compare(benchmark::State& state) {
  static Small small({.rows = million});
  static bool marked = false;
  if (!marked) {
    small.run(Time{} + hour);
    for (RowId row = 0; row < million; ++row) {
      const Cell cell = small.stream_cell(row);
      const Alteration same{.column = status, .kind = AlterationKind::stale, .parameter = cell.write};
      small.put(row, {cell.write, small.world.marks.altered(cell.mark, same, small.world.causes), 0});
    }
    marked = true;
  }
  ReadView view(small.world, false);
  std::uint64_t compared = 0;
  for (auto _ : state) {
    CompareRequest request;
    request.scope = Scope::all;
    Comparison comparison(source_store, small.stream, orders);
    const CompareAnswer answer =
        comparison.evaluate(view, view.open(source_store, orders), view.open(small.stream, orders), request);
    if (answer.rows_compared != million || !answer.differences.empty()) state.SkipWithError("something differs");
    compared += answer.rows_compared;
  }
  state.counters["rows_per_s"] = benchmark::Counter(static_cast<double>(compared), benchmark::Counter::kIsRate);
}

constexpr int times = 5;  // most of them end long after their first row, which alone is timed
BENCHMARK_CAPTURE(sql, anti_join, anti_join)->UseManualTime()->Iterations(times)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sql, full_join, full_join)->UseManualTime()->Iterations(times)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sql, fields, fields)->UseManualTime()->Iterations(times)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sql, every_row, every_row)->UseManualTime()->Iterations(times)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sql, sums, sums)->UseManualTime()->Iterations(times)->Unit(benchmark::kMillisecond);
BENCHMARK(field_compare)->Unit(benchmark::kMillisecond);

}  // namespace
