#include "sim/source/captured.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>

#include "sim/kernel/assert.h"
#include "sim/kernel/wide.h"
#include "sim/source/captured_history.h"
#include "sim/source/source.h"

namespace rehearse {
namespace {

ColumnRole role_of(const CapturedTable& table, std::uint16_t number) {
  if (std::find(table.key.begin(), table.key.end(), number) != table.key.end()) return ColumnRole::key;
  const std::string& name = table.columns[number].name;
  if (name == "created_at") return ColumnRole::created_at;
  if (name == "updated_at") return ColumnRole::updated_at;
  return ColumnRole::none;
}

SchemaVersion version_of(const CapturedTableVersion& captured) {
  SchemaVersion version;
  for (const std::uint16_t number : captured.columns) {
    const CapturedColumn& column = captured.column_names[number];
    version.columns.push_back({static_cast<ColumnId>(number), column.name, column.type});
  }
  return version;
}

std::vector<std::uint16_t> columns_added(const CapturedStream& stream, const CapturedSchemaChange& change) {
  if (change.version == 0) return {};
  const std::vector<CapturedTableVersion>& versions = stream.tables[change.table].versions;
  const std::vector<std::uint16_t>& before = versions[change.version - 1].columns;
  std::vector<std::uint16_t> added;
  for (const std::uint16_t number : versions[change.version].columns)
    if (std::find(before.begin(), before.end(), number) == before.end()) added.push_back(number);
  return added;
}

// What the rows that were there show in an added column: each of them was written anew with it.
ValueId default_of(const CapturedStream& stream, const CapturedSchemaChange& change, std::uint16_t column) {
  return change.rewritten.empty() ? null_value : stream.images[change.rewritten.front().image][column];
}

constexpr std::int64_t unscaled_ppb = 1'000'000'000;

std::int64_t scaled(std::int64_t ns, std::int64_t ppb) {
  if (ppb == unscaled_ppb) return ns;
  const Unsigned128 magnitude = ns < 0 ? -static_cast<Unsigned128>(ns) : static_cast<Unsigned128>(ns);
  const auto size = static_cast<std::int64_t>(magnitude * static_cast<Unsigned128>(ppb) / unscaled_ppb);
  return ns < 0 ? -size : size;
}

class Images : public CapturedImages {
 public:
  explicit Images(std::shared_ptr<const CapturedStream> stream) : stream_(std::move(stream)) {
    for (const CapturedTable& table : stream_->tables) {
      std::vector<ImageId> initial(table.slots(), no_image);
      for (const CapturedRow& row : table.initial) initial[row.slot] = row.image;
      initial_.push_back(std::move(initial));
      defaults_.emplace_back(table.columns.size(), null_value);
      shown_.push_back(table.final_images);
    }
    for (const CapturedChange& change : stream_->changes)
      if (change.new_row != no_row && shown_[change.table][change.new_row] == no_image)
        shown_[change.table][change.new_row] = change.image;
    for (const CapturedSchemaChange& change : stream_->schema_changes)
      for (const std::uint16_t number : columns_added(*stream_, change))
        defaults_[change.table][number] = default_of(*stream_, change, number);
  }
  void value_ids(TableId table, ColumnId column, std::span<const RowCell> rows, std::uint32_t* out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) out[i] = value_id(table, column, rows[i]);
  }
  std::string text(std::uint32_t value_id) const override {
    if (value_id == unknown_value) return "(unknown)";
    return std::string(stream_->values.text(value_id));
  }
  std::string key_text(TableId table, RowId row) const override {
    ImageId image = initial_[table][row];
    if (image == no_image) image = shown_[table][row];
    return image == no_image ? "row " + std::to_string(row) : row_text(*stream_, table, image);
  }
  Write write_before(TableId table, RowId row, Write write) const override {
    std::call_once(history_made_, [&] { history_.emplace(*stream_); });
    return history_->write_before(table, row, write);
  }

 private:
  std::uint32_t value_id(TableId table, ColumnId column, const RowCell& at) const {
    const ImageId image =
        at.cell.write < first_captured_write ? initial_[table][at.row] : change_of(*stream_, at.cell.write).image;
    if (image == no_image) return null_value;
    const auto values = stream_->images[image];
    return column < values.size() ? values[column] : defaults_[table][column];
  }
  std::shared_ptr<const CapturedStream> stream_;
  std::vector<std::vector<ImageId>> initial_;
  std::vector<std::vector<ImageId>> shown_;  // some image of each row that the stream wrote
  std::vector<std::vector<ValueId>> defaults_;
  mutable std::once_flag history_made_;  // only where something is damaged does somebody ask
  mutable std::optional<CapturedHistory> history_;
};

}  // namespace

TableSchema captured_schema(const CapturedStream& stream, std::size_t index) {
  const CapturedTable& table = stream.tables[index];
  REHEARSE_ASSERT(table.columns.size() <= captured_columns_max, "a captured table has at most 64 columns");
  TableSchema schema;
  schema.name = table.name;
  for (std::uint16_t number = 0; number < table.columns.size(); ++number) {
    Column column;
    column.name = table.columns[number].name;
    column.type = table.columns[number].type;
    column.value_type = value_type(column.type).value_or(ValueType::text);
    column.role = role_of(table, number);
    schema.columns.push_back(std::move(column));
  }
  for (const CapturedSchemaChange& change : stream.schema_changes) {
    if (change.table != index) continue;
    for (const std::uint16_t number : columns_added(stream, change)) {
      schema.columns[number].added_in = change.version;
      schema.columns[number].default_null = default_of(stream, change, number) == null_value;
    }
  }
  schema.versions.push_back(version_of(table.versions.front()));
  return schema;
}

std::shared_ptr<const CapturedImages> captured_images(std::shared_ptr<const CapturedStream> stream) {
  return std::make_shared<Images>(std::move(stream));
}

CapturedReplay::CapturedReplay(std::shared_ptr<const CapturedStream> stream, std::int64_t start_unix_ns)
    : stream_(std::move(stream)), start_unix_ns_(start_unix_ns) {
  for (const CapturedTable& table : stream_->tables) {
    std::optional<ColumnId> found;
    for (std::uint16_t number = 0; number < table.columns.size(); ++number)
      if (role_of(table, number) == ColumnRole::updated_at) found = static_cast<ColumnId>(number);
    updated_at_.push_back(found);
  }
  length_ = repetition_length(*stream_);
}

Duration repetition_length(const CapturedStream& stream) {
  if (stream.transactions.size() < 2) return {};
  std::int64_t last = stream.transactions.front().commit_time_unix_ns;
  const std::int64_t first = last;
  for (const CapturedTransaction& transaction : stream.transactions)
    last = std::max(last, transaction.commit_time_unix_ns);
  const auto span = static_cast<Unsigned128>(last - first);
  const Unsigned128 length = (span + span / (stream.transactions.size() - 1)) *
                             static_cast<Unsigned128>(stream.pace.time_scale_ppb) / unscaled_ppb;
  constexpr auto most = static_cast<Unsigned128>(std::numeric_limits<std::int64_t>::max());
  return {static_cast<std::int64_t>(std::min(length, most))};
}

Time CapturedReplay::paced(std::int64_t unix_ns, std::uint64_t repetition) const {
  if (stream_->transactions.empty()) return Time{unix_ns - start_unix_ns_};
  const std::int64_t first = stream_->transactions.front().commit_time_unix_ns;
  return Time{first - start_unix_ns_ + scaled(unix_ns - first, stream_->pace.time_scale_ppb) +
              static_cast<std::int64_t>(repetition) * length_.ns};
}

std::uint64_t CapturedReplay::transactions_before_start() const {
  const auto later = [&](const CapturedTransaction& t) { return paced(t.commit_time_unix_ns, 0) >= Time{}; };
  const auto first = std::find_if(stream_->transactions.begin(), stream_->transactions.end(), later);
  return static_cast<std::uint64_t>(first - stream_->transactions.begin());
}

std::vector<std::optional<Time>> CapturedReplay::schema_change_times() const {
  std::vector<std::optional<Time>> times;
  Time latest{};
  std::size_t transaction = 0;
  for (const CapturedSchemaChange& change : stream_->schema_changes) {
    for (; transaction < stream_->transactions.size() && transaction <= change.transaction; ++transaction)
      latest = std::max(latest, paced(stream_->transactions[transaction].commit_time_unix_ns, 0));
    times.push_back(change.transaction < stream_->transactions.size() ? std::optional(latest) : std::nullopt);
  }
  return times;
}

void CapturedReplay::for_each_initial_row(TableId table, const std::function<void(RowId)>& each) const {
  for (const CapturedRow& row : stream_->tables[table].initial) each(row.slot);
}

Time CapturedReplay::updated_at(TableId table, RowId row, Write write) const {
  if (!updated_at_[table]) return Time::before_all();
  ImageId image = no_image;
  if (write >= first_captured_write) {
    image = change_of(*stream_, write).image;
  } else {
    const auto& initial = stream_->tables[table].initial;
    const auto at = std::lower_bound(initial.begin(), initial.end(), row,
                                     [](const CapturedRow& r, RowId wanted) { return r.slot < wanted; });
    if (at != initial.end() && at->slot == row) image = at->image;
  }
  if (image == no_image) return Time::before_all();
  const auto parsed = parse_timestamp(stream_->values.text(stream_->images[image][*updated_at_[table]]));
  if (!parsed) return Time::before_all();
  const std::uint64_t repetition = stream_->pace.repeat == 1 || write < first_captured_write
                                       ? 0
                                       : (write - first_captured_write) / stream_->changes.size();
  return paced(*parsed, repetition);
}

void CapturedReplay::advance(Source& source, Time to) {
  while (!stopped_ && repetition_ < stream_->pace.repeat && next_ < stream_->transactions.size()) {
    const CapturedTransaction& transaction = stream_->transactions[next_];
    const Time at = std::max(latest_, paced(transaction.commit_time_unix_ns, repetition_));
    if (at > to) break;
    latest_ = at;
    commit(source, transaction, at);
    if (repetition_ == 0) positions_.emplace_back(transaction.commit_lsn, source.end());
    if (++next_ < stream_->transactions.size()) continue;
    next_ = 0;
    ++repetition_;
  }
}

void CapturedReplay::commit(Source& source, const CapturedTransaction& transaction, Time at) {
  for (std::uint64_t i = transaction.begin; i <= transaction.end; ++i) {
    while (next_schema_change_ < stream_->schema_changes.size() &&
           stream_->schema_changes[next_schema_change_].change <= i &&
           stream_->schema_changes[next_schema_change_].transaction <= next_) {
      const CapturedSchemaChange& change = stream_->schema_changes[next_schema_change_++];
      source.replay_schema_version(static_cast<TableId>(change.table),
                                   version_of(stream_->tables[change.table].versions[change.version]), at);
    }
    if (i == transaction.end) break;
    const CapturedChange& change = stream_->changes[i];
    const TableId table = static_cast<TableId>(change.table);
    const Write write = static_cast<Write>(repetition_ * stream_->changes.size() + i) + first_captured_write;
    if (change.kind == ChangeKind::truncate) {
      for (RowId row = 0; row < source.rows(table).slots(); ++row)
        if (source.rows(table)[row].live()) source.replay(table, row, Op::remove, write, at, at, false);
      continue;
    }
    if (repetition_ > 0) {
      replay_again(source, change, write, at);
      continue;
    }
    const bool removes = change.kind == ChangeKind::remove || change.key_changed;
    if (removes) source.replay(table, change.old_row, Op::remove, write, at, at, false);
    if (change.kind == ChangeKind::remove) continue;
    const Op op = change.kind == ChangeKind::insert || change.key_changed ? Op::insert : Op::update;
    const Time updated = source.keeps_updated_at(table) ? updated_at(table, change.new_row, write) : at;
    source.replay(table, change.new_row, op, write, updated, at, change.unchanged != 0);
  }
}

// A change of a later repetition, on tables that the stream has been over. It carries its whole row.
void CapturedReplay::replay_again(Source& source, const CapturedChange& change, Write write, Time at) {
  const TableId table = static_cast<TableId>(change.table);
  const TableCopy& rows = source.rows(table);
  const bool removes = change.kind == ChangeKind::remove || change.key_changed;
  if (removes && rows[change.old_row].live()) source.replay(table, change.old_row, Op::remove, write, at, at, false);
  if (change.kind == ChangeKind::remove) return;
  const bool live = rows[change.new_row].live();
  const Time updated = source.keeps_updated_at(table) ? updated_at(table, change.new_row, write) : at;
  source.replay(table, change.new_row, live ? Op::update : Op::insert, write, updated, at, false);
}

std::vector<Write> CapturedReplay::rows_visible(TableId table,
                                                const std::function<bool(const CapturedTransaction&)>& visible) const {
  std::vector<Write> rows(stream_->tables[table].slots(), 0);
  for_each_initial_row(table, [&](RowId row) { rows[row] = 1; });
  for (const CapturedTransaction& transaction : stream_->transactions) {
    if (!visible(transaction)) continue;
    for (std::uint64_t i = transaction.begin; i < transaction.end; ++i) {
      const CapturedChange& change = stream_->changes[i];
      if (change.table != table) continue;
      if (change.kind == ChangeKind::truncate) std::fill(rows.begin(), rows.end(), 0);
      if (change.old_row != no_row) rows[change.old_row] = 0;
      if (change.new_row != no_row) rows[change.new_row] = static_cast<Write>(i) + first_captured_write;
    }
  }
  return rows;
}

Lsn CapturedReplay::position_after(std::uint64_t commit_lsn) const {
  const auto at = std::upper_bound(positions_.begin(), positions_.end(), commit_lsn,
                                   [](std::uint64_t lsn, const auto& entry) { return lsn < entry.first; });
  return at == positions_.begin() ? 0 : std::prev(at)->second;
}

}  // namespace rehearse
