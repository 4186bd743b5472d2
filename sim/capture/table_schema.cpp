// The part of TableReplay that knows columns and how declared changes alter them.

#include <fmt/format.h>

#include <algorithm>

#include "sim/capture/positions.h"
#include "sim/capture/table_replay.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

std::string declared_text(const DeclaredSchemaChange& change) {
  std::string what;
  switch (change.kind) {
    case SchemaChangeKind::add_column:
      what = "add_column " + change.add.column;
      break;
    case SchemaChangeKind::drop_column:
      what = "drop_column " + change.drop.column;
      break;
    case SchemaChangeKind::rename_column:
      what = "rename_column " + change.rename.from + " to " + change.rename.to;
      break;
    case SchemaChangeKind::retype_column:
      what = "retype_column " + change.retype.column + " to " + change.retype.to_type;
      break;
    case SchemaChangeKind::rename_table:
      what = "rename_table to " + change.rename_table.to;
      break;
  }
  what += " at " + format_lsn(change.lsn);
  return change.place.empty() ? what : what + " (" + change.place + ")";
}

// The column that a declared change is about, as lines after it name it; empty for a table's rename.
std::string_view column_of(const DeclaredSchemaChange& change) {
  switch (change.kind) {
    case SchemaChangeKind::add_column:
      return change.add.column;
    case SchemaChangeKind::drop_column:
      return change.drop.column;
    case SchemaChangeKind::rename_column:
      return change.rename.to;
    case SchemaChangeKind::retype_column:
      return change.retype.column;
    case SchemaChangeKind::rename_table:
      return {};
  }
  return {};
}

}  // namespace

std::string TableReplay::nearest_declared(std::string_view column) const {
  std::vector<std::string> names;
  for (const DeclaredSchemaChange* change : declared_) names.emplace_back(column_of(*change));
  const std::string near = nearest_name(column, names);
  if (near.empty()) return "no change is declared for this column";
  const auto at = static_cast<std::size_t>(std::ranges::find(names, near) - names.begin());
  return "the nearest declared change is " + declared_text(*declared_[at]);
}

void TableReplay::fail_declared(const DeclaredSchemaChange& change, const TextInput* input, std::string message) const {
  message = fmt::format("table {}: the declared {} {}", name(), declared_text(change), message);
  if (input != nullptr) input->fail(0, message);
  throw CaptureFailure({"", 0, 0, message, ""});
}

std::string TableReplay::declare_before(std::string_view what) const {
  return fmt::format("a declared {} before this line (at_lsn: \"{}\")", what, format_lsn(at_lsn_));
}

// A table without a snapshot: its first inserted row names the columns. Changes declared before it are in it already;
// one that was declared too early shows as a column that does not fit in a later line.
void TableReplay::learn_columns(const ChangeEvent& line, const TextInput& input) {
  if (line.columns.size() > captured_columns_max)
    input.fail(0, fmt::format("table {} has {} columns", name(), line.columns.size()),
               fmt::format("at most {}", captured_columns_max));
  for (const EventColumn& column : line.columns) {
    for (const CapturedColumn& before : table().columns)
      if (before.name == column.name)
        input.fail(0, fmt::format("table {}: the row names column {} twice", name(), column.name));
    version().columns.push_back(static_cast<std::uint16_t>(table().columns.size()));
    table().columns.push_back({std::string(column.name), std::string(column.type), false});
  }
  version().column_names = table().columns;
  columns_known_ = true;
  for (; next_declared_ < declared_.size() && declared_[next_declared_]->lsn <= line.lsn; ++next_declared_)
    if (declared_[next_declared_]->kind == SchemaChangeKind::rename_table)
      table().name = version().table_name = declared_[next_declared_]->rename_table.to;
}

void TableReplay::apply_due(std::uint64_t lsn, const TextInput* input) {
  while (next_declared_ < declared_.size() && declared_[next_declared_]->lsn <= lsn)
    apply_declared(*declared_[next_declared_++], input);
}

std::uint16_t TableReplay::live_column(const std::string& column, const DeclaredSchemaChange& change,
                                       const TextInput* input) {
  std::vector<std::string> names;
  for (const std::uint16_t number : version().columns) {
    if (table().columns[number].name == column) return number;
    names.push_back(table().columns[number].name);
  }
  const std::string near = nearest_name(column, names);
  fail_declared(change, input,
                fmt::format("names no column that the table has here{}",
                            near.empty() ? "" : fmt::format("; the nearest is {}", near)));
}

template <typename Alter>
void TableReplay::rewrite_rows(Alter&& alter) {
  std::vector<CapturedRow>& rewritten = out_.schema_changes.back().rewritten;
  std::vector<ValueId> values;
  for (std::uint32_t slot = 0; slot < images_.size(); ++slot) {
    if (!live_[slot]) continue;
    const auto image = out_.images[images_[slot]];
    values.assign(image.begin(), image.end());
    alter(values);
    set_live(slot, out_.images.intern(values));
    rewritten.push_back({slot, images_[slot]});
  }
}

std::string text_of(const DeclaredSchemaChange& change) {
  switch (change.kind) {
    case SchemaChangeKind::add_column:
      return "add " + change.add.column;
    case SchemaChangeKind::drop_column:
      return "drop " + change.drop.column;
    case SchemaChangeKind::rename_column:
      return fmt::format("rename {} to {}", change.rename.from, change.rename.to);
    case SchemaChangeKind::retype_column:
      return "retype " + change.retype.column;
    case SchemaChangeKind::rename_table:
      return "rename the table to " + change.rename_table.to;
  }
  REHEARSE_ASSERT(false, "a schema change has a kind");
}

void TableReplay::begin_version(const DeclaredSchemaChange& change) {
  CapturedTableVersion next;
  next.table_name = table().name;
  next.from_lsn = change.lsn;
  next.column_names = table().columns;
  for (std::size_t number = 0; number < table().columns.size(); ++number)
    if (!table().columns[number].dropped) next.columns.push_back(static_cast<std::uint16_t>(number));
  table().versions.push_back(std::move(next));
}

void TableReplay::apply_declared(const DeclaredSchemaChange& change, const TextInput* input) {
  note_schema_change(change);
  std::vector<CapturedColumn>& columns = table().columns;
  const auto refuse_existing = [&](const std::string& column) {
    for (const std::uint16_t number : version().columns)
      if (columns[number].name == column) fail_declared(change, input, "names a column that the table has already");
  };
  switch (change.kind) {
    case SchemaChangeKind::add_column: {
      refuse_existing(change.add.column);
      if (columns.size() == captured_columns_max)
        fail_declared(change, input, fmt::format("makes more than {} columns", captured_columns_max));
      columns.push_back({change.add.column, change.add.type, false});
      const ValueId value = change.add.default_unknown ? unknown_value
                            : change.add.default_text  ? out_.values.intern(*change.add.default_text)
                                                       : null_value;
      rewrite_rows([&](std::vector<ValueId>& values) { values.push_back(value); });
      if (change.add.default_unknown) note_unknown(static_cast<std::uint16_t>(columns.size() - 1));
      break;
    }
    case SchemaChangeKind::drop_column: {
      const std::uint16_t number = live_column(change.drop.column, change, input);
      if (std::ranges::find(table().key, number) != table().key.end())
        fail_declared(change, input, "drops a column of the key");
      columns[number].dropped = true;
      rewrite_rows([&](std::vector<ValueId>& values) { values[number] = dropped_value; });
      break;
    }
    case SchemaChangeKind::rename_column: {
      const std::uint16_t number = live_column(change.rename.from, change, input);
      refuse_existing(change.rename.to);
      columns[number].name = change.rename.to;
      break;
    }
    case SchemaChangeKind::retype_column: {
      const std::uint16_t number = live_column(change.retype.column, change, input);
      columns[number].type = change.retype.to_type;
      if (!change.retype.values_unknown) break;
      if (std::ranges::find(table().key, number) != table().key.end())
        fail_declared(change, input, "makes the values of a key unknown");
      rewrite_rows([&](std::vector<ValueId>& values) {
        if (values[number] != null_value) values[number] = unknown_value;
      });
      note_unknown(number);
      break;
    }
    case SchemaChangeKind::rename_table:
      table().name = change.rename_table.to;
      break;
  }
  begin_version(change);
}

void TableReplay::note_unknown(std::uint16_t column) {
  const std::size_t rows = out_.schema_changes.back().rewritten.size();
  if (rows > 0) note(EvidenceKind::values_unknown, column, 0, {}, rows);
}

// The log says only that the change lies before the table's next event. Its transaction is the first that could hold
// it: committed at or after the declared position, and no earlier than the table's last change in the old form.
void TableReplay::note_schema_change(const DeclaredSchemaChange& change) {
  CapturedSchemaChange made;
  made.table = index_;
  made.version = static_cast<std::uint16_t>(table().versions.size());
  made.lsn = change.lsn;
  made.what = text_of(change);
  const auto& done = out_.transactions;  // without the one that is open
  const auto first = std::ranges::lower_bound(done, change.lsn, {}, &CapturedTransaction::commit_lsn);
  made.transaction = static_cast<std::uint64_t>(first - done.begin());
  if (last_transaction_ && *last_transaction_ > made.transaction) made.transaction = *last_transaction_;
  made.change = made.transaction < done.size() ? done[made.transaction].end : out_.changes.size();
  out_.schema_changes.push_back(std::move(made));
}

}  // namespace rehearse
