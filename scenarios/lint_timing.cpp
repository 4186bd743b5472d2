// Checks that are slower than their schedules, and alignments that take lag for an error.
#include "scenarios/lint_timing.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/dataset_rows.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"
#include "scenarios/workload_rates.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

using scenario::Check;
using scenario::CheckKind;
using scenario::Comparison;

// One record a change and one row a key, whatever the pipeline.
bool follows_its_table(const scenario::Dataset& dataset) {
  const bool each_change = dataset.kind() == scenario::Dataset::CHANGE_LOG && dataset.where().empty();
  return each_change || !has_rows_of_its_own(dataset);
}

bool shrinks(const scenario::Table& table) {
  return table.workload().mix().delete_ppb() > table.workload().mix().insert_ppb();
}

std::int64_t time_of_rows(std::int64_t rows, std::int64_t rate_nano) {
  const Signed128 ns = static_cast<Signed128>(rows) * 1'000'000'000 * 1'000'000'000 / rate_nano;
  return ns > INT64_MAX / 4 ? INT64_MAX / 4 : static_cast<std::int64_t>(ns);
}

// Of a field that a kind may have; nothing if it has none.
std::optional<std::int64_t> integer_of(const Message& parameters, const char* name) {
  const FieldDescriptor* field = parameters.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_INT64) return std::nullopt;
  return parameters.GetReflection()->GetInt64(parameters, field);
}

bool reads_rows(const Check& check) {
  return reads(check, CheckKind::ROWS) || reads(check, CheckKind::TOTALS) || reads(check, CheckKind::TABLES) ||
         reads(check, CheckKind::TIMES);
}

// Of both sides of a comparison, or of the one store.
std::int64_t rows_read(const LintContext& context, const Check& check) {
  const std::optional<std::int64_t> sample = integer_of(parameters_of(check), "sample_ppb");
  if (!reads_rows(check) || (reads(check, CheckKind::SAMPLE) && !sample)) return 0;
  std::int64_t rows = 0;
  const std::vector<std::string> sides = sides_of(check);
  for (const std::string& side : sides) {
    std::vector<std::string> datasets = context.held(side);
    const Comparison* comparison = comparison_of(check);
    std::erase_if(datasets, [&](const std::string& name) {
      if (comparison == nullptr) return false;
      const auto& wanted = comparison->datasets();
      const bool left_out = !wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end();
      const auto lacks = [&](const std::string& other) {
        const std::vector<std::string> held = context.held(other);
        return std::find(held.begin(), held.end(), name) == held.end();
      };
      return left_out || std::any_of(sides.begin(), sides.end(), lacks);
    });
    const scenario::Pipeline* writer = context.writer_of(side);
    const bool begins_empty = writer != nullptr && writer->stream().connector().snapshot() == scenario::Connector::NONE;
    if (!begins_empty) rows += rows_at_least(context, datasets);
  }
  return sample ? static_cast<std::int64_t>(static_cast<Signed128>(rows) * *sample / parts_per_billion) : rows;
}

void lint_duration(LintContext& context, const Check& check) {
  if (!passes_over_runs(context, check)) return;
  const std::int64_t takes = run_takes(context, check);
  const bool by_every = runs_of(check).has_every_ns();
  const std::string rate = comparison_of(check) != nullptr || integer_of(parameters_of(check), "scan_rate_nano")
                               ? ", or a higher `scan_rate`"
                               : "";
  const bool settles = comparison_of(check) != nullptr && align_of(check) == scenario::AS_OF;
  context.warning(check_path(check) + (by_every ? ".every" : ""),
                  fmt::format("a run takes {} or more, longer than the {} between two runs, so runs are passed over",
                              about(takes), format_duration(*context.longest_gap(runs_of(check)))),
                  about(takes, Towards::above) + " or more" + rate + (settles ? ", or a shorter `settle`" : ""));
}

// ---- alignment ------------------------------------------------------------------------------------------------------

bool sees_updates(const Check& check) {
  const std::vector<scenario::DiscrepancyClass> claims = claims_of(check);
  const auto& blind = kind_of(check).blind_to();
  const auto claimed = [&](scenario::DiscrepancyClass kind) {
    return std::find(claims.begin(), claims.end(), kind) != claims.end();
  };
  const bool sums =
      claimed(scenario::AGGREGATE) && std::find(blind.begin(), blind.end(), scenario::MISMATCH) == blind.end();
  return claimed(scenario::MISMATCH) || sums;
}

// Whose changes a check can take for an error.
std::vector<const scenario::Table*> changing_tables(const LintContext& context, const Check& check,
                                                    const scenario::Pipeline& pipeline) {
  std::vector<const scenario::Table*> tables = tables_as_they_are(context, pipeline);
  std::erase_if(tables, [&](const scenario::Table* table) {
    const bool updates_alone = table->workload().mix().update_ppb() == parts_per_billion;
    return table->workload().peak_rate_nano() == 0 || (updates_alone && !sees_updates(check));
  });
  return tables;
}

// When something runs, also where it runs every so often; the first some thousands.
std::vector<std::int64_t> runs(const LintContext& context, const scenario::Recurrence& recurrence) {
  if (!recurrence.has_every_ns()) return context.occurrences(recurrence);
  constexpr std::size_t most = 5'000;
  std::vector<std::int64_t> times;
  for (std::int64_t t = recurrence.offset_ns(); t <= context.proto.duration_ns() && times.size() < most;
       t += recurrence.every_ns())
    times.push_back(t);
  return times;
}

// How old a store's content is at the runs of a check, or so long before them, at the worst, while nothing is wrong.
std::int64_t oldest_at_runs(const LintContext& context, const Check& check, const scenario::Pipeline& writer,
                            std::int64_t before_ns) {
  if (writer.has_stream()) {
    const scenario::Connector& connector = writer.stream().connector();
    const std::int64_t poll = connector.mode() == scenario::Connector::POLL ? connector.poll_every_ns() : 0;
    return std::max(poll, writer.stream().sink().flush_every_ns());
  }
  const std::vector<std::int64_t> cycles = runs(context, writer.batch().runs());
  const std::int64_t takes = cycle_takes(context, writer);
  std::int64_t oldest = 0;
  for (const std::int64_t run : runs(context, runs_of(check))) {
    const std::int64_t at = std::max<std::int64_t>(0, run - before_ns);
    const auto next = std::upper_bound(cycles.begin(), cycles.end(), at - takes);
    oldest = std::max(oldest, next == cycles.begin() ? at : at - *std::prev(next));
  }
  return oldest;
}

bool tolerates(const Check& check) {
  const Message& parameters = parameters_of(check);
  const FieldDescriptor* field = parameters.GetDescriptor()->FindFieldByName("tolerance");
  if (field == nullptr) return integer_of(parameters, "tolerance_ppb").value_or(0) > 0;
  const auto& amount = static_cast<const scenario::Amount&>(parameters.GetReflection()->GetMessage(parameters, field));
  return amount.rows() > 0 || amount.share_ppb() > 0;
}

// With `as_of` the reference is read `settle` before the trial store, and what the source changed in between is left
// out; with `naive` nothing is.
void lint_lag_of(LintContext& context, const Check& check, const std::string& side, std::int64_t before_ns,
                 std::int64_t left_out_ns) {
  const scenario::Pipeline* writer = context.writer_of(side);
  if (writer == nullptr || changing_tables(context, check, *writer).empty()) return;
  const std::int64_t oldest = oldest_at_runs(context, check, *writer, before_ns);
  if (oldest <= left_out_ns) return;
  const bool settles = align_of(check) == scenario::AS_OF && before_ns == 0;
  const std::string why =
      writer->has_batch() ? fmt::format("`{}` shows its last extract, which is {} old at a run", side, about(oldest))
                          : fmt::format("`{}` shows a change up to {} after it", side, about(oldest));
  context.warning(
      check_path(check) + (settles ? ".settle" : ".align"),
      fmt::format("{}, so rows that changed since look like an error{}", why,
                  settles ? fmt::format(" beyond the {} that `settle` leaves out", format_duration(left_out_ns)) : ""),
      settles ? about(oldest, Towards::above) + " or more, or `align: position`"
              : "`position`, a `recheck`, or a tolerance");
}

void lint_lag(LintContext& context, const Check& check) {
  const Comparison* comparison = comparison_of(check);
  if (comparison == nullptr || context.captured() || comparison->has_recheck() || tolerates(check)) return;
  const bool naive = align_of(check) == scenario::NAIVE;
  if (!naive && align_of(check) != scenario::AS_OF) return;
  if (reads(check, CheckKind::TABLES)) return;  // the user's own logic may know of lag what nobody else does
  const std::int64_t settle = naive ? 0 : comparison->settle_ns();
  lint_lag_of(context, check, comparison->between(0), settle, 0);
  lint_lag_of(context, check, comparison->between(1), 0, settle);
}

}  // namespace

std::string about(std::int64_t ns, Towards towards) {
  const std::int64_t step = ns >= minute.ns        ? second.ns
                            : ns >= second.ns      ? millisecond.ns
                            : ns >= millisecond.ns ? microsecond.ns
                                                   : 1;
  const std::int64_t rest = ns % step;
  const bool up = rest > 0 && (towards == Towards::above || (towards == Towards::nearest && rest >= step - rest));
  return format_duration(ns - rest + (up ? step : 0));
}

std::vector<const scenario::Table*> tables_as_they_are(const LintContext& context, const scenario::Pipeline& pipeline) {
  std::vector<const scenario::Table*> tables;
  for (const std::string& name : datasets_of(pipeline)) {
    const scenario::Dataset* dataset = context.dataset(name);
    if (dataset == nullptr || !follows_its_table(*dataset)) continue;
    const auto& own = rows_of(pipeline);
    const bool otherwise =
        std::any_of(own.begin(), own.end(), [&](const auto& rows) { return rows.dataset() == name; });
    const scenario::Table* table = context.table(dataset->of());
    if (table != nullptr && !otherwise) tables.push_back(table);
  }
  return tables;
}

std::int64_t rows_at_least(const LintContext& context, const std::vector<std::string>& datasets) {
  std::int64_t rows = 0;
  for (const std::string& name : datasets) {
    const scenario::Dataset* dataset = context.dataset(name);
    const scenario::Table* table = dataset != nullptr ? context.table(dataset->of()) : nullptr;
    if (table != nullptr && !has_rows_of_its_own(*dataset) && !shrinks(*table)) rows += table->rows();
  }
  return rows;
}

std::int64_t cycle_takes(const LintContext& context, const scenario::Pipeline& pipeline) {
  if (!pipeline.batch().extract().has_snapshot()) return 0;
  return time_of_rows(rows_at_least(context, datasets_of(pipeline)), pipeline.batch().rate_nano());
}

std::int64_t run_takes(const LintContext& context, const Check& check) {
  const Message& parameters = parameters_of(check);
  const Comparison* comparison = comparison_of(check);
  const std::optional<std::int64_t> rate =
      comparison != nullptr ? comparison->scan_rate_nano() : integer_of(parameters, "scan_rate_nano");
  const std::int64_t settle = comparison != nullptr && align_of(check) == scenario::AS_OF ? comparison->settle_ns() : 0;
  const std::int64_t own = check.has_library()   ? check.library().library().takes_ns()
                           : check.has_command() ? check.command().command().takes_ns()
                                                 : 0;
  return settle + own + (rate ? time_of_rows(rows_read(context, check), *rate) : 0);
}

bool passes_over_runs(const LintContext& context, const Check& check) {
  if (runs_of(check).has_every_ns() &&
      context.proto.duration_ns() < runs_of(check).offset_ns() + runs_of(check).every_ns())
    return false;  // it runs once
  const bool again = runs_of(check).has_every_ns() || context.occurrences(runs_of(check)).size() > 1;
  const std::optional<std::int64_t> gap = context.longest_gap(runs_of(check));
  return again && gap && run_takes(context, check) > *gap;
}

std::int64_t oldest_in_order(const LintContext& context, const std::string& store) {
  const scenario::Pipeline* writer = context.writer_of(store);
  if (writer == nullptr || !writer->has_batch()) return 0;
  return context.longest_gap(writer->batch().runs()).value_or(0) + cycle_takes(context, *writer);
}

void lint_timing(LintContext& context) {
  for (const Check& check : context.proto.checks()) {
    if (kind_field(check) == nullptr) continue;
    lint_duration(context, check);
    lint_lag(context, check);
  }
}

}  // namespace rehearse
