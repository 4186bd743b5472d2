// Reads a stream event by event, checks that transactions are in commit order, and hands rows to their tables.

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "sim/capture/captured_stream.h"
#include "sim/capture/change_event.h"
#include "sim/capture/positions.h"
#include "sim/capture/table_replay.h"

namespace rehearse {
namespace {

using TableName = std::pair<std::string, std::string>;

std::string joined(const TableName& name) { return name.first + "." + name.second; }

// Which table a name meant at an LSN: declared renames give a name to one table until, to another one after.
class TableNames {
 public:
  struct Span {
    std::uint64_t from = 0;
    std::uint64_t until = ~std::uint64_t{0};
    TableName origin;  // the table's name before all declared renames
  };

  // `changes` in the order of their LSNs.
  explicit TableNames(const std::vector<const DeclaredSchemaChange*>& changes) {
    for (const DeclaredSchemaChange* change : changes) {
      if (change->kind != SchemaChangeKind::rename_table) continue;
      std::vector<Span>& before = spans_[{change->schema, change->table}];
      if (before.empty()) before.push_back({0, ~std::uint64_t{0}, {change->schema, change->table}});
      const TableName origin = before.back().origin;
      before.back().until = change->lsn;
      spans_[{change->schema, change->rename_table.to}].push_back({change->lsn, ~std::uint64_t{0}, origin});
    }
  }
  // nullopt if the name belonged to no table there.
  std::optional<TableName> origin(const TableName& name, std::uint64_t lsn) const {
    const auto found = spans_.find(name);
    if (found == spans_.end()) return name;
    for (const Span& span : found->second)
      if (span.from <= lsn && lsn < span.until) return span.origin;
    return std::nullopt;
  }

 private:
  std::map<TableName, std::vector<Span>> spans_;
};

class Loader {
 public:
  explicit Loader(const CaptureOptions& options)
      : options_(options),
        limits_{options.line_bytes_max, options.total_bytes_max},
        declared_(by_lsn(options)),
        names_(declared_) {}

  CapturedStream run() {
    for (const TableFile& file : options_.initial) {
      const TableName name{file.schema, file.table};
      if (by_name_.contains(name))
        throw CaptureFailure(
            {file.path, 0, 0, fmt::format("a second snapshot of table {}", joined(name)), "one a table"});
      make_table(name).load_snapshot(file, limits_);
    }
    read_stream();
    check_declared_tables();
    for (TableReplay& table : tables_) table.finish();
    std::ranges::stable_sort(out_.schema_changes, {}, &CapturedSchemaChange::change);
    return std::move(out_);
  }

 private:
  static std::vector<const DeclaredSchemaChange*> by_lsn(const CaptureOptions& options) {
    std::vector<const DeclaredSchemaChange*> sorted;
    for (const DeclaredSchemaChange& change : options.schema_changes) sorted.push_back(&change);
    std::ranges::stable_sort(sorted, {}, &DeclaredSchemaChange::lsn);
    return sorted;
  }

  TableReplay& make_table(const TableName& origin) {
    const auto index = static_cast<std::uint32_t>(tables_.size());
    tables_.emplace_back(out_, index, origin.first, origin.second);
    by_name_.emplace(origin, index);
    for (const DeclaredSchemaChange* change : declared_)
      if (names_.origin({change->schema, change->table}, change->lsn == 0 ? 0 : change->lsn - 1) == origin)
        tables_.back().declare(*change);
    for (const TableKey& key : options_.keys)
      if (key.schema == origin.first && key.table == origin.second) tables_.back().declare_key(key.columns);
    return tables_.back();
  }

  void read_stream() {
    ChangeReader reader(options_.stream_path, limits_);
    while (const ChangeEvent* event = reader.next()) take(*event, reader.input());
    out_.lines = reader.input().line_number();
    if (out_.transactions.empty() && out_.messages.empty())
      throw CaptureFailure(
          {reader.input().path(), 0, 0, "the file holds no transaction", "a change stream, one JSON object a line"});
  }

  void take(const ChangeEvent& event, const TextInput& input) {
    switch (event.kind) {
      case EventKind::begin:
        return begin(event, input);
      case EventKind::commit:
        return commit(event);
      case EventKind::message:
        out_.messages.push_back({event.transactional, event.lsn, out_.transactions.size(), out_.changes.size(),
                                 std::string(event.prefix), std::string(event.content)});
        return;
      case EventKind::insert:
      case EventKind::update:
      case EventKind::remove:
      case EventKind::truncate:
        has_rows_ = true;
        break;
      case EventKind::snapshot_row:
        break;
    }
    table_of(event, input).apply(event, input);
  }

  void begin(const ChangeEvent& event, const TextInput& input) {
    if (!out_.transactions.empty() && event.lsn <= out_.transactions.back().commit_lsn)
      input.fail(0,
                 fmt::format("the commit LSN {} does not follow the previous one, {}", format_lsn(event.lsn),
                             format_lsn(out_.transactions.back().commit_lsn)),
                 "commit order; transactions delivered again after a reconnect must be taken out");
    transaction_ = {event.xid, event.time_unix_ns, event.lsn, out_.changes.size(), 0};
    has_rows_ = false;
  }

  // A format whose transactions show their position only with their last row gives it here.
  void commit(const ChangeEvent& event) {
    transaction_.commit_lsn = event.lsn;
    transaction_.end = out_.changes.size();
    if (!has_rows_) ++out_.empty_transactions;
    out_.transactions.push_back(transaction_);
  }

  TableReplay& table_of(const ChangeEvent& line, const TextInput& input) {
    const TableName name{line.schema, line.table};
    const auto origin = names_.origin(name, line.lsn);
    if (!origin)
      input.fail(0, fmt::format("table {} has another name at {}", joined(name), format_lsn(line.lsn)),
                 "the name that the declared rename_table gives");
    const auto found = by_name_.find(*origin);
    return found == by_name_.end() ? make_table(*origin) : tables_[found->second];
  }

  void check_declared_tables() const {
    for (const DeclaredSchemaChange* change : declared_) {
      const TableName name{change->schema, change->table};
      const auto origin = names_.origin(name, change->lsn == 0 ? 0 : change->lsn - 1);
      if (origin && by_name_.contains(*origin)) continue;
      std::vector<std::string> known;
      for (const auto& [table, index] : by_name_) known.push_back(joined(table));
      const std::string near = nearest_name(joined(name), known);
      throw CaptureFailure(
          {options_.stream_path, 0, 0,
           fmt::format("a change is declared at {} for table {}, which neither the stream nor a snapshot has{}{}",
                       format_lsn(change->lsn), joined(name), near.empty() ? "" : "; the nearest is ", near),
           "a table of the capture, by its name just before the change"});
    }
  }

  const CaptureOptions& options_;
  TextLimits limits_;
  std::vector<const DeclaredSchemaChange*> declared_;
  TableNames names_;
  CapturedStream out_;
  std::deque<TableReplay> tables_;  // never move: by index and in order
  std::map<TableName, std::uint32_t> by_name_;
  CapturedTransaction transaction_;
  bool has_rows_ = false;
};

}  // namespace

CaptureResult<CapturedStream> load_capture(const CaptureOptions& options) {
  return capture_result([&] {
    try {
      return Loader(options).run();
    } catch (const CaptureFailure& failure) {
      CaptureError error = failure.error();
      if (error.file.empty()) error.file = options.stream_path;
      throw CaptureFailure(std::move(error));
    }
  });
}

}  // namespace rehearse
