#include "harness/campaign/emit.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/emit_feed.h"
#include "harness/campaign/run.h"
#include "scenarios/workload_rates.h"
#include "sim/capture/positions.h"
#include "sim/capture/write_text.h"

namespace rehearse {
namespace {

constexpr Duration step{60'000'000'000};  // between two looks at the topics; changes nothing but memory
constexpr std::size_t buffered_bytes = std::size_t{1} << 20;

// As COPY ... WITH (FORMAT csv, HEADER) writes it: NULL is an empty field, '' a quoted one.
class CsvFile {
 public:
  explicit CsvFile(const std::filesystem::path& path) : file_(path, std::ios::binary) {}
  void header(const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) out_ += (i > 0 ? "," : "") + field(names[i]);
    out_ += '\n';
  }
  void row(const std::vector<EventColumn>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out_ += ',';
      if (!columns[i].is_null) out_ += field(columns[i].text);
    }
    out_ += '\n';
    ++rows_;
    if (out_.size() > buffered_bytes) flush();
  }
  bool finish() {
    flush();
    file_.close();
    return file_.good();
  }
  std::uint64_t rows() const { return rows_; }

 private:
  static std::string field(std::string_view text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    return quoted_name(text);
  }
  void flush() {
    file_.write(out_.data(), static_cast<std::streamsize>(out_.size()));
    out_.clear();
  }
  std::ofstream file_;
  std::string out_;
  std::uint64_t rows_ = 0;
};

class Emission final : public RunWatcher {
 public:
  Emission(const LoadedScenario& loaded, const SharedInputs& inputs, const std::filesystem::path& folder,
           const EmitOptions& options)
      : loaded_(loaded), folder_(folder), options_(options), run_(assemble(loaded, inputs), {}), history_(run_.world) {
    for (PipelineId i = 0; i < run_.world.streams.size(); ++i) {
      names_.push_back(
          fmt::format("stream.{}.{}", run_.world.streams[i].name, options.format == EmitFormat::sql ? "sql" : "jsonl"));
      feeds_.emplace_back(run_.world, i, folder / names_.back(), options.format);
    }
  }

  Emitted run() {
    if (!tables("initial", "before the stream") || !run_to_the_end() || !tables("final", "after the stream") ||
        !datasets() || !drain() || !finish())
      return std::move(out_);
    write_text("schema.sql", schema_sql(), "the tables before the stream");
    write_text("capture.yaml", capture_yaml(), "the source of a scenario that replays the stream");
    const std::string changes = schema_changes();
    if (!changes.empty()) write_text("schema_changes.sql", changes, "what changes the tables, with positions");
    return std::move(out_);
  }

  void before(World&) override {}
  void after(World& world) override {
    history_.follow(world);
    world.kept_from = world.source.end();
    for (EmittedFeed& feed : feeds_) {
      feed.collect(world, history_);
      world.kept_from = std::min(world.kept_from, feed.connector().needed_from());
    }
  }

 private:
  bool fail(std::string problem) {
    if (!out_.problem) out_.problem = std::move(problem);
    return false;
  }
  bool interrupted() const { return options_.interrupted != nullptr && options_.interrupted->load(); }

  // The source's own; others follow them in the simulation.
  std::vector<TableId> own_tables() const {
    std::vector<TableId> tables;
    for (TableId table = 0; table < run_.world.source.tables(); ++table)
      if (!run_.world.source.derived(table)) tables.push_back(table);
    return tables;
  }

  bool tables(const std::string& when, const std::string& what) {
    for (const TableId table : own_tables()) {
      const TableSchema& schema = run_.world.source.schema(table);
      std::vector<std::string> names;
      for (const VersionColumn& column : schema.current().columns) names.push_back(column.name);
      if (!rows_of(table, fmt::format("{}.{}.csv", when, schema.name), fmt::format("table {} {}", schema.name, what),
                   names, [&](RowTexts& texts, RowCell at, const RowTimes& times) {
                     return texts.row(table, schema.current_version(), at, times);
                   }))
        return false;
    }
    return true;
  }

  // What a right pipeline ends with.
  bool datasets() {
    const World& world = run_.world;
    for (const Dataset& dataset : world.datasets) {
      const TableSchema& schema = world.source.schema(dataset.table);
      std::vector<std::string> names;
      for (const ColumnId id : world.contract_columns(dataset)) names.push_back(schema.columns[id].name);
      if (!rows_of(dataset.table, fmt::format("expected.{}.csv", dataset.name),
                   fmt::format("dataset {} as a right pipeline leaves it", dataset.name), names,
                   [&](RowTexts& texts, RowCell at, const RowTimes& times) { return texts.row(dataset, at, times); }))
        return false;
    }
    return true;
  }

  // One line for each row of the source's table.
  template <class Columns>
  bool rows_of(TableId table, const std::string& name, const std::string& what, const std::vector<std::string>& names,
               Columns columns) {
    RowTexts texts(run_.world);
    CsvFile csv(folder_ / name);
    csv.header(names);
    const TableCopy& rows = run_.world.source.rows(table);
    for (RowId row = 0; row < rows.slots(); ++row) {
      if (!rows[row].live()) continue;
      const Time updated = history_.updated(table, row);
      csv.row(columns(texts, {row, rows[row]}, {history_.created(run_.world, table, row), updated, updated}));
      texts.clear();
      if (interrupted()) return fail("interrupted");
    }
    if (!csv.finish()) return fail(fmt::format("cannot write {}", (folder_ / name).string()));
    out_.files.push_back({name, what, csv.rows()});
    return true;
  }

  bool goes_on() {
    for (const EmittedFeed& feed : feeds_)
      if (!feed.good()) return fail(fmt::format("cannot write in {}", folder_.string()));
    return !interrupted() || fail("interrupted");
  }

  bool run_to_the_end() {
    const Time horizon{loaded_.proto.duration_ns()};
    while (run_.world.now() < horizon) {
      if (options_.progress) options_.progress(run_.world.now(), horizon);
      run_.until(
          std::min(run_.world.now() + step, horizon), [&] { return !goes_on(); }, this);
      if (out_.problem || !goes_on()) return false;
    }
    return true;
  }

  // The connectors come to the end of the log: faults are healed, writes stop, what was held back is let go.
  bool drain() {
    World& world = run_.world;
    run_.injector.heal_all(world);
    world.stop_writes();
    after(world);
    const auto delivered = [&](const EmittedFeed& feed) { return feed.connector().delivered(world); };
    while (!std::ranges::all_of(feeds_, delivered)) {
      world.advance(world.now() + step);
      after(world);
      if (!goes_on()) return false;
    }
    return true;
  }

  bool finish() {
    for (std::size_t i = 0; i < feeds_.size(); ++i) {
      feeds_[i].finish();
      if (!feeds_[i].good()) return fail(fmt::format("cannot write {}", (folder_ / names_[i]).string()));
      out_.files.push_back({names_[i], fmt::format("what the connector of {} delivers", run_.world.streams[i].name),
                            feeds_[i].records()});
    }
    return true;
  }

  void write_text(const std::string& name, const std::string& text, const std::string& what) {
    std::ofstream file(folder_ / name, std::ios::binary);
    file << text;
    file.close();
    if (!file) fail(fmt::format("cannot write {}", (folder_ / name).string()));
    out_.files.push_back({name, what, 0});
  }

  std::string schema_sql() const {
    std::string sql;
    for (const TableId table : own_tables()) {
      const TableSchema& schema = run_.world.source.schema(table);
      std::vector<std::string> lines, key;
      for (const VersionColumn& column : schema.versions.front().columns) {
        const Column& logical = schema.columns[column.id];
        if (logical.role == ColumnRole::key) key.push_back(quoted_name(column.name));
        lines.push_back(fmt::format("  {} {}{}", quoted_name(column.name), printed_type(column.type),
                                    logical.null_share == 0 ? " NOT NULL" : ""));
      }
      lines.push_back(fmt::format("  PRIMARY KEY ({})", fmt::join(key, ", ")));
      sql += fmt::format("CREATE TABLE \"public\".{} (\n{}\n);\n", quoted_name(schema.name), fmt::join(lines, ",\n"));
    }
    return sql;
  }

  std::string schema_changes() const {
    std::string sql;
    for (const TableId table : own_tables()) {
      const TableSchema& schema = run_.world.source.schema(table);
      for (std::uint16_t version = 1; version < schema.versions.size(); ++version)
        sql += fmt::format("-- rows of {} at or after position {}\n{}", schema.name,
                           format_lsn(emitted_lsn(history_.position_of_version(table, version))),
                           schema_change_sql(schema, version));
    }
    return sql;
  }

  std::string capture_yaml() const {
    std::vector<std::string> tables;
    for (const TableId table : own_tables()) {
      if (!feeds_.front().connector().reads(table)) continue;
      const TableSchema& schema = run_.world.source.schema(table);
      std::vector<std::string> key;
      for (const VersionColumn& column : schema.versions.front().columns)
        if (schema.columns[column.id].role == ColumnRole::key) key.push_back(column.name);
      tables.push_back(fmt::format("{}: {{key: [{}]}}", schema.name, fmt::join(key, ", ")));
    }
    return fmt::format(
        "# Replays this folder. With faults that deliver records twice, late or altered, the stream is not the\n"
        "# source's log any more, and is refused or shows as evidence. Schema changes are declared under `ddl`.\n"
        "source:\n  capture: {{stream: {}, initial: initial., final: final., tables: {{{}}}}}\n",
        names_.front(), fmt::join(tables, ", "));
  }

  const LoadedScenario& loaded_;
  std::filesystem::path folder_;
  EmitOptions options_;
  Run run_;
  SourceHistory history_;
  std::vector<EmittedFeed> feeds_;
  std::vector<std::string> names_;  // files of the feeds
  Emitted out_;
};

}  // namespace

const std::vector<EmitFormatName>& emit_formats() {
  static const std::vector<EmitFormatName> all{
      {"wal2json2", EmitFormat::wal2json2, 165, 75}, {"wal2json1", EmitFormat::wal2json1, 97, 51},
      {"debezium", EmitFormat::debezium, 880, 197},  {"maxwell", EmitFormat::maxwell, 105, 34},
      {"canal", EmitFormat::canal, 148, 65},         {"sql", EmitFormat::sql, 1, 36}};
  return all;
}

std::uint64_t about_bytes(const LoadedScenario& scenario, EmitFormat format) {
  constexpr double bytes_a_cell = 12;  // of a table as CSV
  const auto& formats = emit_formats();
  const EmitFormatName& of =
      *std::find_if(formats.begin(), formats.end(), [&](const EmitFormatName& f) { return f.format == format; });
  const auto streams =
      static_cast<double>(std::count_if(scenario.proto.pipelines().begin(), scenario.proto.pipelines().end(),
                                        [](const auto& pipeline) { return pipeline.has_stream(); }));
  double bytes = 0;
  for (const scenario::Table& table : scenario.proto.source().tables()) {
    const double rows = static_cast<double>(table.rows()), columns = table.columns_size();
    bytes += 3 * rows * columns * bytes_a_cell;  // before, after, and in a dataset
    const double seconds = static_cast<double>(scenario.proto.duration_ns()) / 1e9;
    const double changes = static_cast<double>(offered_by({&table}, scenario.proto).mean) / 1e9 * seconds;
    bytes +=
        streams * changes * (static_cast<double>(of.bytes_a_change) + columns * static_cast<double>(of.bytes_a_column));
  }
  constexpr double most = 1e18;
  return static_cast<std::uint64_t>(std::min(bytes, most));
}

Emitted emit(const LoadedScenario& scenario, const SharedInputs& inputs, const std::filesystem::path& folder,
             const EmitOptions& options) {
  return Emission(scenario, inputs, folder, options).run();
}

}  // namespace rehearse
