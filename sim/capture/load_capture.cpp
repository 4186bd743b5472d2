// Reads a stream event by event, checks that transactions are in commit order, and hands rows to their tables. Of
// tables that are not chosen nothing is kept but how many rows they had; a transaction of such rows alone is none.

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
  // Those that a table has at some time, by any of them.
  std::vector<TableName> all_names(const TableName& one) const {
    std::vector<TableName> origins{one}, names{one};
    if (const auto found = spans_.find(one); found != spans_.end())
      for (const Span& span : found->second) origins.push_back(span.origin);
    for (const auto& [name, spans] : spans_)
      for (const Span& span : spans)
        if (std::ranges::find(origins, span.origin) != origins.end()) names.push_back(name);
    return names;
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

  TableChoice choice() const {
    if (options_.tables.empty()) return {};
    std::vector<TableName> names;
    for (const TableName& chosen : options_.tables)
      for (TableName& name : names_.all_names(chosen)) names.push_back(std::move(name));
    return TableChoice(std::move(names));
  }

  void read_stream() {
    ChangeReader reader(options_.stream_path, limits_, choice());
    while (const ChangeEvent* event = reader.next()) take(*event, reader.input());
    out_.lines = reader.input().line_number();
    if (out_.transactions.empty() && out_.messages.empty()) fail_empty(reader.input());
  }

  [[noreturn]] void fail_empty(const TextInput& input) const {
    std::string others;
    for (const OtherTables::Table& table : out_.other_tables.named)
      others += fmt::format("{}{}.{}", others.empty() ? "" : ", ", table.schema, table.name);
    throw CaptureFailure({input.path(), 0, 0,
                          others.empty()
                              ? "the file holds no transaction"
                              : "the file holds no transaction of the tables that are listed, but of " + others,
                          "a change stream, one JSON object a line"});
  }

  void take(const ChangeEvent& event, const TextInput& input) {
    switch (event.kind) {
      case EventKind::begin:
        return begin(event, input);
      case EventKind::commit:
        return commit(event, input);
      case EventKind::message:
        out_.messages.push_back({event.transactional, event.lsn, out_.transactions.size(), out_.changes.size(),
                                 std::string(event.prefix), std::string(event.content)});
        return;
      case EventKind::insert:
      case EventKind::update:
      case EventKind::remove:
      case EventKind::truncate:
        return change(event, input);
      case EventKind::snapshot_row:
        ++out_.row_events;
        return table_of(event, input).apply(event, input);
      case EventKind::drop_table:
        if (!for_each_named(event, [&](TableReplay& table) {
              enter_row(input);
              table.apply(event, input);
            }))
          ++rows_of_others_;
        return;
      case EventKind::ddl:
        if (!for_each_named(event, [&](TableReplay& table) { table.pass_over_statement(input.line_number()); }))
          pass_over("statement about a table before its first row", input.line_number());
        return;
      case EventKind::other_table:
        ++rows_of_others_;
        return count_other(event, input.line_number());
      case EventKind::passed_over:
        return pass_over(event.content, input.line_number());
    }
  }

  void change(const ChangeEvent& event, const TextInput& input) {
    TableReplay& table = table_of(event, input);
    if (table.comes_again(event, input)) {
      ++again_;
      if (out_.delivered_again.count++ == 0) out_.delivered_again.first_line = input.line_number();
      return;
    }
    ++out_.row_events;
    out_.database = event.database;
    enter_row(input);
    table.apply(event, input);
  }

  void pass_over(std::string_view what, std::uint64_t line) {
    const auto known = std::ranges::find(out_.passed_over, what, &PassedOver::what);
    if (known != out_.passed_over.end()) ++known->count;
    else out_.passed_over.push_back({std::string(what), 1, line});
  }

  void enter_row(const TextInput& input) {
    if (rows_++ == 0) check_order(input);
  }

  // The tables that a statement names, if they had rows before it; whether there is one.
  template <typename Each>
  bool for_each_named(const ChangeEvent& event, Each&& each) {
    bool any = false;
    for (TableReplay& table : tables_) {
      if (table.schema() != event.schema || (!event.table.empty() && table.table_name() != event.table)) continue;
      each(table);
      any = true;
    }
    return any;
  }

  void count_other(const ChangeEvent& event, std::uint64_t line) {
    std::vector<OtherTables::Table>& named = out_.other_tables.named;
    const auto known = std::ranges::find_if(
        named, [&](const OtherTables::Table& t) { return t.name == event.table && t.schema == event.schema; });
    if (known != named.end()) ++known->rows;
    else if (named.size() < OtherTables::named_max)
      named.push_back({std::string(event.schema), std::string(event.table), 1, line});
    else ++out_.other_tables.rows_of_more;
  }

  void begin(const ChangeEvent& event, const TextInput& input) {
    transaction_ = {event.xid, event.time_unix_ns, event.lsn, out_.changes.size(), 0};
    begin_line_ = input.line_number();
    rows_ = 0;
    rows_of_others_ = 0;
    again_ = 0;
  }

  // A format whose transactions show their position only with their last row gives it here.
  void commit(const ChangeEvent& event, const TextInput& input) {
    if (rows_ == 0 && rows_of_others_ + again_ > 0) return;
    if (rows_ == 0) check_order(input);
    check_time(input);
    transaction_.commit_lsn = event.lsn;
    transaction_.end = out_.changes.size();
    if (rows_ == 0) ++out_.empty_transactions;
    out_.transactions.push_back(transaction_);
  }

  void check_order(const TextInput& input) const {
    if (out_.transactions.empty() || transaction_.commit_lsn > out_.transactions.back().commit_lsn) return;
    throw CaptureFailure(
        {input.path(), begin_line_, 0,
         fmt::format("the commit LSN {} does not follow the previous one, {}", format_lsn(transaction_.commit_lsn),
                     format_lsn(out_.transactions.back().commit_lsn)),
         "commit order; transactions delivered again after a reconnect must be taken out"});
  }

  void check_time(const TextInput& input) {
    const std::int64_t time = transaction_.commit_time_unix_ns;
    if (time <= 0)
      throw CaptureFailure({input.path(), begin_line_, 0,
                            "the commit time is 0 or lies before 1970, as where a source does not know it",
                            "the time of the commit"});
    if (time < latest_time_) {
      TimesGoingBack& back = out_.times_going_back;
      if (back.count++ == 0) back.first_line = begin_line_;
      back.most_ns = std::max(back.most_ns, latest_time_ - time);
    }
    latest_time_ = std::max(latest_time_, time);
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
  std::uint64_t begin_line_ = 0;
  std::uint64_t rows_ = 0;  // of the transaction
  std::uint64_t rows_of_others_ = 0;
  std::uint64_t again_ = 0;  // its rows that came a second time
  std::int64_t latest_time_ = 0;
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
