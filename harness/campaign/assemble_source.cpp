// The source, the datasets and the capture behind a scenario.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "faults/fault.h"
#include "faults/schema_change.h"
#include "harness/campaign/assembler.h"
#include "harness/campaign/emit_rows.h"
#include "harness/campaign/own_logic.h"
#include "scenarios/check_kinds.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/lint_context.h"
#include "scenarios/schema_rules.h"
#include "scenarios/table_files.h"
#include "scenarios/workload_rates.h"
#include "sim/capture/witness.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/civil.h"
#include "sim/rows/convert.h"

namespace rehearse {
namespace {

constexpr std::int64_t ppb_per_ppm = 1000;

std::uint32_t ppm(std::int64_t ppb) { return static_cast<std::uint32_t>(ppb / ppb_per_ppm); }

Column column_of(const scenario::Column& given) {
  Column column;
  column.name = given.name();
  column.type = type_name(given.type());
  column.value_type = value_type(given.type());
  column.distinct = given.has_distinct() ? static_cast<std::uint64_t>(given.distinct()) : 0;
  if (given.nullable()) column.null_share = given.has_null_share_ppb() ? ppm(given.null_share_ppb()) : 100'000;
  if (given.key()) column.role = ColumnRole::key;
  if (given.role() == scenario::Column::CREATED_AT) column.role = ColumnRole::created_at;
  if (given.role() == scenario::Column::UPDATED_AT) column.role = ColumnRole::updated_at;
  if (given.has_default_text()) column.distinct = 1;
  column.changes = column.role == ColumnRole::none && !given.has_default_text();
  return column;
}

double zipf_exponent(const values::Distribution& pick) {
  return pick.kind() == values::Distribution::ZIPF ? static_cast<double>(pick.shape_ppb()) / 1e9 : 0;
}

// Distributions of counts come in 10^-9; transactions have whole numbers of changes.
constexpr std::int64_t counted = 1'000'000'000;
values::Distribution whole_numbers(values::Distribution counts) {
  counts.set_a(counts.a() / counted);
  counts.set_b(counts.b() / counted);
  for (auto& point : *counts.mutable_points()) point.set_value(point.value() / counted);
  return counts;
}

SyntheticTableOptions workload_of(const scenario::Table& table, std::int64_t start_unix_ns) {
  SyntheticTableOptions options;
  options.rows = static_cast<RowId>(table.rows());
  if (!table.has_workload()) return options;
  const scenario::Workload& w = table.workload();
  options.geometric_sizes = w.transactions().kind() == values::Distribution::GEOMETRIC;
  if (options.geometric_sizes) {
    options.mean_size = static_cast<double>(w.transactions().a()) / counted;
  } else {
    options.sizes = sampler(whole_numbers(w.transactions()));
    options.mean_size = options.sizes.mean_ns();
  }
  options.calendar = calendar_of(w, start_unix_ns);
  options.calendar.peak_rate_nhz =  // of transactions
      static_cast<std::uint64_t>(static_cast<double>(w.peak_rate_nano()) / options.mean_size);
  options.inserts_ppm = ppm(w.mix().insert_ppb());
  // What is left are the deletes, so the two are rounded together: without deletes nothing may be left.
  options.updates_ppm = ppm(w.mix().insert_ppb() + w.mix().update_ppb()) - options.inserts_ppm;
  options.reinserts_ppm = ppm(w.reinserts_ppb());
  options.updates.zipf = zipf_exponent(w.pick().updates());
  options.deletes.zipf = zipf_exponent(w.pick().deletes());
  if (w.has_long_transactions()) {
    options.long_share_ppm = ppm(w.long_transactions().share_ppb());
    options.long_hold = sampler(w.long_transactions().hold());
  }
  return options;
}

// The columns by which incremental extracts read the table forward.
std::set<std::string> cursors_of(const scenario::Scenario& s, const std::string& table) {
  std::set<std::string> cursors;
  for (const scenario::Pipeline& pipeline : s.pipelines()) {
    if (!pipeline.has_batch() || !pipeline.batch().extract().has_incremental()) continue;
    for (const std::string& produced : pipeline.batch().produces())
      for (const scenario::Dataset& dataset : s.datasets())
        if (dataset.name() == produced && dataset.of() == table)
          cursors.insert(pipeline.batch().extract().incremental().cursor());
  }
  return cursors;
}

// The user's own logic may read every column.
bool read_by_own_logic(const scenario::Scenario& s) {
  return std::any_of(s.checks().begin(), s.checks().end(),
                     [](const scenario::Check& check) { return reads(check, scenario::CheckKind::TABLES); });
}

bool counted_by_creation(const scenario::Scenario& s) {
  const bool in_windows = std::any_of(s.datasets().begin(), s.datasets().end(),
                                      [](const scenario::Dataset& d) { return d.aggregate().has_window(); });
  return in_windows || read_by_own_logic(s) ||
         std::any_of(s.checks().begin(), s.checks().end(), [](const scenario::Check& check) {
           return window_of(check) != nullptr || align_of(check) == scenario::WINDOW_CUT;
         });
}

SourceTableOptions synthetic_table(const scenario::Scenario& s, const scenario::Table& given) {
  SourceTableOptions table;
  table.schema.name = given.name();
  SchemaVersion version;
  for (const scenario::Column& column : given.columns()) {
    version.columns.push_back(
        {static_cast<ColumnId>(table.schema.columns.size()), column.name(), type_name(column.type())});
    table.schema.columns.push_back(column_of(column));
  }
  table.schema.versions.push_back(std::move(version));
  table.rows = static_cast<RowId>(given.rows());
  table.keep_created_at = counted_by_creation(s);
  table.keep_updated_at = read_by_own_logic(s);
  for (const std::string& cursor : cursors_of(s, given.name()))
    (says_creation(s, given.name(), cursor) ? table.keep_created_at : table.keep_updated_at) = true;
  return table;
}

DeclaredSchemaChange declared_change(const LoadedScenario& loaded, int index) {
  const scenario::Ddl& ddl = loaded.proto.source().ddl(index);
  const Place place = loaded.place(fmt::format("source.ddl[{}]", index));
  DeclaredSchemaChange declared;
  declared.table = ddl.table();
  declared.lsn = static_cast<std::uint64_t>(ddl.at_lsn());
  declared.place = fmt::format("{}:{}:{}", place.file, place.line, place.column);
  if (ddl.what_case() == scenario::Ddl::kRenameTable) {
    declared.kind = SchemaChangeKind::rename_table;
    declared.rename_table.to = ddl.rename_table();
    return declared;
  }
  const faults::SchemaChange& change = ddl.change();
  switch (change.change_case()) {
    case faults::SchemaChange::kAdd:
      declared.kind = SchemaChangeKind::add_column;
      declared.add = {change.add().column(), printed_type(type_name(change.add().type())), std::nullopt,
                      change.add().volatile_default()};
      if (change.add().has_default_text()) declared.add.default_text = change.add().default_text();
      break;
    case faults::SchemaChange::kDrop:
      declared.kind = SchemaChangeKind::drop_column;
      declared.drop = {change.drop()};
      break;
    case faults::SchemaChange::kRename:
      declared.kind = SchemaChangeKind::rename_column;
      declared.rename = {change.rename().from(), change.rename().to()};
      break;
    default:
      declared.kind = SchemaChangeKind::retype_column;
      declared.retype = {change.retype().column(), printed_type(type_name(change.retype().to())), false};
      break;
  }
  return declared;
}

Diagnostic at_place(const LoadedScenario& loaded, const std::string& path, std::string message,
                    std::string expected = {}) {
  const Place place = loaded.place(path);
  return {Diagnostic::Level::error, place.file,          place.line, place.column, path,
          std::move(message),       std::move(expected), {}};
}

bool is_a_date(std::string_view text) {
  const std::size_t year = text.find_first_not_of("0123456789");
  if (text == "infinity" || text == "-infinity") return true;
  return year != std::string_view::npos && year >= 4 && text.size() >= year + 6 && text[year] == '-' &&
         text[year + 3] == '-';
}

// A date that a captured column holds and a cast to a time cannot: it would be NULL, which the database's cast is not.
std::optional<std::string> date_beyond_casts(const CapturedStream& stream, std::uint32_t table, std::uint16_t column) {
  std::optional<std::string> found;
  const auto look = [&](ImageId image) {
    if (found || image == no_image || column >= stream.images[image].size()) return;
    const ValueId value = stream.images[image][column];
    if (!ValuePool::is_text(value)) return;
    const std::string_view text = stream.values.text(value);
    if (is_a_date(text) && !instant_of(text)) found = std::string(text);
  };
  for (const CapturedRow& row : stream.tables[table].initial) look(row.image);
  for (const CapturedChange& change : stream.changes)
    if (change.table == table) look(change.image);
  return found;
}

void check_cast_times(const LoadedScenario& loaded, const scenario::Dataset& dataset, const CapturedStream& stream,
                      std::vector<Diagnostic>& diagnostics) {
  const auto table = stream.find_table(loaded.proto.source().capture().schema(), dataset.of());
  if (!table) return;
  for (const scenario::ColumnTransform& made : dataset.columns()) {
    if (!made.has_cast() || value_type(type_name(made.cast())) != ValueType::timestamp) continue;
    const auto& columns = stream.tables[*table].columns;
    const auto from =
        std::ranges::find(columns, made.from().empty() ? made.name() : made.from(), &CapturedColumn::name);
    if (from == columns.end()) continue;
    const auto date = date_beyond_casts(stream, *table, static_cast<std::uint16_t>(from - columns.begin()));
    if (!date) continue;
    diagnostics.push_back(
        at_place(loaded, fmt::format("datasets.{}.columns.{}.cast", dataset.name(), made.name()),
                 fmt::format("column {} holds {}, which no cast to a time can hold here", from->name, *date),
                 "no `cast`, so that the text stays, or times from 1678 to 2261 alone"));
  }
}

// What is said of columns can be held against a captured table only now.
bool check_captured_columns(const LoadedScenario& loaded, const CapturedStream& stream,
                            std::vector<Diagnostic>& diagnostics) {
  const auto errors_before = diagnostics.size();
  const auto report = [&](const std::string& path, const ColumnProblem& problem) {
    if (problem.weight != ColumnProblem::Weight::error) return;
    Diagnostic d = at_place(loaded, path + "." + problem.path, problem.message, problem.expected);
    d.nearest = problem.nearest;
    diagnostics.push_back(std::move(d));
  };
  std::map<std::string, TableSchema> schemas;  // by dataset
  for (const scenario::Dataset& dataset : loaded.proto.datasets()) {
    check_cast_times(loaded, dataset, stream, diagnostics);
    const auto tables = captured_beneath(dataset, stream, loaded.proto.source().capture().schema());
    if (!tables) continue;
    const TableSchema& schema = schemas[dataset.name()] = schema_beneath(dataset, *tables);
    for (const ColumnProblem& problem : column_problems(dataset, schema, true))
      report("datasets." + dataset.name(), problem);
    for (const ColumnProblem& problem : row_problems(dataset, *tables, true))
      report("datasets." + dataset.name(), problem);
    const auto slots = static_cast<std::int64_t>(stream.tables[tables->id].slots());
    for (const ColumnProblem& problem : snapshot_problems(dataset, loaded.proto.duration_ns(), slots))
      report("datasets." + dataset.name(), problem);
    for (const scenario::Pipeline& pipeline : loaded.proto.pipelines())
      for (const scenario::OwnRows& own : rows_of(pipeline))
        if (own.dataset() == dataset.name())
          for (const ColumnProblem& problem : own_row_problems(own, dataset, tables->table, true))
            report(pipeline_path(pipeline), problem);
  }
  for (const scenario::Pipeline& pipeline : loaded.proto.pipelines())
    for (const scenario::ColumnTransform& mapping : mapping_of(pipeline)) {
      std::vector<std::string> known;
      for (const std::string& name : datasets_of(pipeline))
        for (const scenario::Dataset& dataset : loaded.proto.datasets()) {
          if (dataset.name() != name) continue;
          for (const scenario::ColumnTransform& column : columns_of(dataset, schemas[name]))
            known.push_back(column.name());
          for (const ColumnProblem& problem : mapping_problems(mapping, dataset, schemas[name], true))
            report(pipeline_path(pipeline), problem);
        }
      if (std::find(known.begin(), known.end(), mapping.name()) == known.end())
        report(pipeline_path(pipeline),
               {"mapping." + mapping.name(), fmt::format("the pipeline makes no column {}", shown(mapping.name())),
                one_of(known, "a column that it has"), nearest_name(mapping.name(), known)});
    }
  return diagnostics.size() == errors_before;
}

std::string tables_of(const CapturedStream& stream) {
  std::vector<std::string> names;
  for (const rehearse::CapturedTable& table : stream.tables) names.push_back(table.schema + "." + table.name);
  for (const OtherTables::Table& table : stream.other_tables.named) names.push_back(table.schema + "." + table.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_capture_error(const LoadedScenario& loaded, const CaptureError& error, const std::string& path,
                       std::vector<Diagnostic>& diagnostics) {
  Diagnostic d = at_place(loaded, path, error.message, error.expected);
  d.file = error.file;
  d.line = static_cast<int>(std::min<std::uint64_t>(error.line, 2'000'000'000));
  d.column = static_cast<int>(std::min<std::uint64_t>(error.column, 2'000'000'000));
  diagnostics.push_back(std::move(d));
}

// The replayed tables against those that the database printed. Nothing if one of them cannot be held against the other,
// which is said of each.
std::optional<std::vector<WitnessComparison>> second_witness(const LoadedScenario& loaded, const CapturedStream& stream,
                                                             std::vector<Diagnostic>& diagnostics) {
  const scenario::Capture& capture = loaded.proto.source().capture();
  const std::string prefix = loaded.file_named_at("source.capture.final");
  const CapturedState state = final_state(stream);
  std::vector<WitnessComparison> compared;
  bool all = true;
  for (const scenario::CapturedTable& table : capture.tables()) {
    const std::string path = captured_table_file(prefix, table.name());
    if (path.empty()) continue;
    const auto witness = read_csv_table({capture.schema(), table.name(), path, {}});
    auto comparison = witness ? compare_with_witness(stream, state, *witness.value)
                              : CaptureResult<WitnessComparison>{std::nullopt, witness.error};
    if (comparison) {
      compared.push_back(std::move(*comparison.value));
      continue;
    }
    add_capture_error(loaded, comparison.error, "source.capture.final", diagnostics);
    all = false;
  }
  if (!all) return std::nullopt;
  return compared;
}

// Writes are numbered over all repetitions, in 32 bits; commit times lie within the log's 56. A sentence if they do not
// fit.
std::optional<std::string> set_pace(const scenario::Capture& capture, CapturedStream& stream) {
  constexpr std::int64_t replay_days_max = 700;
  stream.pace.time_scale_ppb = capture.time_scale_ppb();
  stream.pace.repeat = static_cast<std::uint32_t>(capture.repeat());
  const std::int64_t repeat = capture.repeat();
  if (repeat > 1 && (stream.transactions.size() < 2 || stream.changes.empty()))
    return "a stream of fewer than two transactions has no rhythm to repeat";
  if (stream.changes.size() > (std::uint64_t{1} << 32) / static_cast<std::uint64_t>(repeat) - first_captured_write)
    return fmt::format("{} repetitions of {} changes are more than 2^32", repeat, stream.changes.size());
  const std::int64_t length = repetition_length(stream).ns;
  if (length <= (day * replay_days_max).ns / repeat) return std::nullopt;
  if (repeat > 1)
    return fmt::format("{} repetitions of {} s take longer than {} days", repeat, length / second.ns, replay_days_max);
  const auto [first, last] =
      std::ranges::minmax_element(stream.transactions, {}, &CapturedTransaction::commit_time_unix_ns);
  return fmt::format("the stream's commit times reach from {} to {}, which is replayed in more than {} days",
                     format_rfc3339(first->commit_time_unix_ns, 0), format_rfc3339(last->commit_time_unix_ns, 0),
                     replay_days_max);
}

// An incremental extract of captured rows goes forward by the times in a column.
std::optional<Diagnostic> unfit_cursor(const LoadedScenario& loaded, const scenario::Pipeline& pipeline,
                                       const CapturedStream& stream) {
  if (!pipeline.has_batch() || !pipeline.batch().extract().has_incremental()) return std::nullopt;
  const std::string& cursor = pipeline.batch().extract().incremental().cursor();
  const std::string path = "pipelines." + pipeline.name() + ".batch.extract.incremental.cursor";
  for (const scenario::Dataset& dataset : loaded.proto.datasets()) {
    if (std::ranges::count(pipeline.batch().produces(), dataset.name()) == 0) continue;
    const auto table = stream.find_table(loaded.proto.source().capture().schema(), dataset.of());
    if (!table) continue;
    std::string times;
    for (const CapturedColumn& column : stream.tables[*table].columns) {
      const bool holds_times =
          column.type.empty() || column.type.starts_with("timestamp") || column.type.starts_with("datetime");
      if (column.name == cursor && holds_times) times = "-";
      else if (holds_times && times != "-") times += (times.empty() ? "" : ", ") + column.name;
    }
    if (times == "-") continue;
    return at_place(loaded, path, fmt::format("`{}` of {} holds no times", cursor, dataset.of()),
                    times.empty() ? "a column of times, or `extract: snapshot`" : "one of " + times);
  }
  return std::nullopt;
}

}  // namespace

bool says_creation(const scenario::Scenario& s, const std::string& table, const std::string& column) {
  for (const scenario::Table& given : s.source().tables())
    for (const scenario::Column& of_it : given.columns())
      if (given.name() == table && of_it.name() == column) return of_it.role() != scenario::Column::UPDATED_AT;
  return false;
}

std::optional<SharedInputs> load_inputs(const LoadedScenario& loaded, std::vector<Diagnostic>& diagnostics) {
  SharedInputs inputs;
  inputs.files = find_own_files(loaded);
  const scenario::Source& source = loaded.proto.source();
  if (!source.has_capture()) return inputs;
  CaptureOptions options;
  options.stream_path = loaded.file_named_at("source.capture.stream");
  for (const scenario::CapturedTable& table : source.capture().tables())
    options.tables.emplace_back(source.capture().schema(), table.name());
  const std::string initial = source.capture().initial().empty() ? "" : loaded.file_named_at("source.capture.initial");
  for (const scenario::CapturedTable& table : source.capture().tables()) {
    const std::vector<std::string> key(table.key().begin(), table.key().end());
    if (!key.empty()) options.keys.push_back({source.capture().schema(), table.name(), key});
    if (initial.empty()) continue;
    TableFile file;
    file.schema = source.capture().schema();
    file.table = table.name();
    file.path = captured_table_file(initial, table.name());
    file.key = key;
    options.initial.push_back(std::move(file));
  }
  for (int i = 0; i < source.ddl_size(); ++i) {
    options.schema_changes.push_back(declared_change(loaded, i));
    options.schema_changes.back().schema = source.capture().schema();
  }
  CaptureResult<CapturedStream> read = load_capture(options);
  if (!read) {
    add_capture_error(loaded, read.error, "source.capture", diagnostics);
    return std::nullopt;
  }
  if (read.value->tables.size() > max_tables) {
    diagnostics.push_back(at_place(loaded, "source.capture",
                                   fmt::format("the stream has {} tables", read.value->tables.size()), "at most 16"));
    return std::nullopt;
  }
  for (const scenario::Dataset& dataset : loaded.proto.datasets())
    if (!read.value->find_table(source.capture().schema(), dataset.of())) {
      diagnostics.push_back(
          at_place(loaded, "datasets." + dataset.name() + ".of",
                   fmt::format("the capture has no table `{}` in `{}`", dataset.of(), source.capture().schema()),
                   "a table of the stream or its snapshot: " + tables_of(*read.value)));
      return std::nullopt;
    }
  for (const scenario::Pipeline& pipeline : loaded.proto.pipelines())
    if (auto problem = unfit_cursor(loaded, pipeline, *read.value)) {
      diagnostics.push_back(std::move(*problem));
      return std::nullopt;
    }
  if (const auto problem = set_pace(source.capture(), *read.value)) {
    const bool repeats = source.capture().repeat() > 1;
    diagnostics.push_back(at_place(loaded, repeats ? "source.capture.repeat" : "source.capture.stream", *problem,
                                   repeats ? "fewer repetitions" : "commit times that belong together"));
    return std::nullopt;
  }
  if (!source.capture().final().empty()) {
    inputs.witness = second_witness(loaded, *read.value, diagnostics);
    if (!inputs.witness) return std::nullopt;
  }
  inputs.capture = std::make_shared<const CapturedStream>(std::move(*read.value));
  if (!check_captured_columns(loaded, *inputs.capture, diagnostics)) return std::nullopt;
  if (!check_captured_sql(loaded, *inputs.capture, diagnostics)) return std::nullopt;
  return inputs;
}

std::int64_t start_of(const LoadedScenario& loaded, const SharedInputs& inputs) {
  if (loaded.proto.has_start_unix_ns()) return loaded.proto.start_unix_ns();
  if (inputs.capture && !inputs.capture->transactions.empty())
    return inputs.capture->transactions.front().commit_time_unix_ns;
  return 0;
}

WorldOptions world_options(const LoadedScenario& loaded, const SharedInputs& inputs) {
  const scenario::Scenario& s = loaded.proto;
  WorldOptions options;
  options.source.seed = static_cast<std::uint64_t>(s.seed());
  options.source.start_unix_ns = start_of(loaded, inputs);
  options.source.capture = inputs.capture;
  if (inputs.capture) {
    for (std::size_t i = 0; i < inputs.capture->tables.size(); ++i) {
      SourceTableOptions table;
      table.schema = captured_schema(*inputs.capture, i);
      for (const std::string& cursor : cursors_of(s, table.schema.name)) {  // at most one, the linter sees to it
        table.keep_updated_at = true;
        table.forward_by = table.schema.column(cursor);
      }
      options.source.tables.push_back(std::move(table));
    }
  } else {
    for (const scenario::Table& table : s.source().tables()) {
      options.source.tables.push_back(synthetic_table(s, table));
      options.source.workload.push_back(workload_of(table, options.source.start_unix_ns));
    }
  }
  add_derived_tables(loaded, inputs, options);
  add_datasets(loaded, inputs, options);
  return options;
}

}  // namespace rehearse
