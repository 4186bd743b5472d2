#include "sim/capture/table_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>

#include "sim/capture/change_fingerprint.h"
#include "sim/capture/printed_values.h"
#include "sim/capture/type_names.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

// Types whose NaN and infinities JSON cannot say.
bool may_be_not_a_number(std::string_view type) {
  return type.starts_with("numeric") || type == "double precision" || type == "real";
}

// Types of a fixed length are never stored apart, so an update always carries them.
bool never_left_out(std::string_view type) {
  static constexpr std::string_view types[] = {"smallint",         "integer", "bigint", "boolean", "real",
                                               "double precision", "date",    "uuid",   "oid"};
  return type.starts_with("timestamp") || std::ranges::find(types, type) != std::end(types);
}

constexpr std::uint64_t bit(std::size_t column) { return std::uint64_t{1} << column; }

}  // namespace

TableReplay::TableReplay(CapturedStream& out, std::uint32_t index, const std::string& schema, const std::string& name)
    : out_(out), index_(index) {
  CapturedTable made;
  made.schema = schema;
  made.name = name;
  made.versions.push_back({name, 0, {}, {}});
  out_.tables.push_back(std::move(made));
}

void TableReplay::load_snapshot(const TableFile& file, TextLimits limits) {
  CsvReader csv(file.path, limits);
  if (csv.header().size() > captured_columns_max)
    csv.input().fail(0, fmt::format("the table has {} columns", csv.header().size()),
                     fmt::format("at most {}", captured_columns_max));
  for (const std::string& column : csv.header()) {
    version().columns.push_back(static_cast<std::uint16_t>(table().columns.size()));
    table().columns.push_back({column, "", false});
  }
  version().column_names = table().columns;
  columns_known_ = true;
  initial_path_ = file.path;
  declare_key(file.key);
  for (const std::string& column : file.key)
    if (declared_.empty() && std::ranges::find(csv.header(), column) == csv.header().end())
      csv.input().fail(0, fmt::format("the table has no column {} to be its key", column),
                       fmt::format("the columns {}, or another `key`", fmt::join(csv.header(), ", ")));
  std::vector<CsvCell> cells;
  std::vector<ValueId> values;
  while (csv.next(cells)) {
    values.clear();
    for (const CsvCell& cell : cells) values.push_back(cell.is_null ? null_value : out_.values.intern(cell.text));
    const ImageId image = out_.images.intern(values);
    table().initial.push_back({static_cast<std::uint32_t>(images_.size()), image});
    images_.push_back(image);
    live_.push_back(true);
    initial_lines_.push_back(csv.line_number());
  }
}

bool TableReplay::comes_again(const ChangeEvent& line, const TextInput& input) {
  const bool told_apart = !table().key.empty();
  bool again = line.same_as_before;
  bool sure = told_apart;
  if (!again && line.has_position) {
    if (fingerprinted_ != out_.transactions.size()) fingerprints_.clear();
    fingerprinted_ = out_.transactions.size();
    const std::uint64_t fingerprint = change_fingerprint(line);
    const std::pair place{line.lsn, line.number.value_or(0)};
    const bool known = !fingerprints_.insert(fingerprint).second;
    // Where all rows of a transaction say its own position, a row may be made, deleted and made again.
    again = known && (fingerprint == last_fingerprint_ || place < last_place_);
    if (!again) {
      last_fingerprint_ = fingerprint;
      last_place_ = place;
    }
    // One log record of PostgreSQL may insert several rows, which then have one position.
    sure = told_apart || line.number || line.kind != EventKind::insert;
  }
  if (again && !sure) note(EvidenceKind::may_be_delivered_again, no_column, input.line_number());
  return again && sure;
}

void TableReplay::apply(const ChangeEvent& line, const TextInput& input) {
  at_lsn_ = line.lsn;
  ++table().events;
  if (columns_known_) apply_due(line.lsn, &input);
  switch (line.kind) {
    case EventKind::insert:
      return insert(line, input);
    case EventKind::update:
      return update(line, input);
    case EventKind::remove:
      return remove(line, input);
    case EventKind::truncate:
      return truncate(line, input);
    case EventKind::snapshot_row:
      return snapshot_row(line, input);
    case EventKind::drop_table:
      return drop(line, input);
    case EventKind::begin:
    case EventKind::commit:
    case EventKind::message:
    case EventKind::ddl:
    case EventKind::other_table:
    case EventKind::passed_over:
      REHEARSE_ASSERT(false, "a table is given row events only");
  }
}

// ---- columns of an event

std::uint16_t TableReplay::find_column(const EventColumn& column, std::size_t& cursor, const TextInput& input,
                                       const char* part) const {
  const CapturedTableVersion& now = table().versions.back();
  for (std::size_t step = 0; step < now.columns.size(); ++step) {
    const std::size_t at = (cursor + step) % now.columns.size();
    if (now.column_names[now.columns[at]].name == column.name) {
      cursor = at + 1;
      return now.columns[at];
    }
  }
  std::vector<std::string> names;
  for (const std::uint16_t number : now.columns) names.push_back(now.column_names[number].name);
  const std::string near = nearest_name(column.name, names);
  input.fail(0,
             fmt::format("table {}: {} has a column {} ({}) that the table does not have here{}", name(), part,
                         column.name, column.type, near.empty() ? "" : fmt::format("; the nearest is {}", near)),
             fmt::format("the columns {}, or {}; {}", fmt::join(names, ", "), declare_before("change"),
                         nearest_declared(column.name)));
}

ValueId TableReplay::value_of(const EventColumn& column, const std::string& type, SourceDatabase database) {
  if (column.is_null) return null_value;
  const auto number = printed_float(column.text, type, database);
  return out_.values.intern(number ? std::string_view(*number) : column.text);
}

TableReplay::Columns TableReplay::read_columns(const std::vector<EventColumn>& columns, SourceDatabase database,
                                               Values& values, const TextInput& input, const char* part) {
  Columns read;
  std::size_t cursor = 0;
  for (const EventColumn& column : columns) {
    const std::uint16_t number = find_column(column, cursor, input, part);
    CapturedColumn& known = version().column_names[number];
    if (known.type.empty()) {
      known.type = column.type;
      table().columns[number].type = column.type;
    } else if (known.type != column.type && !same_type(known.type, column.type)) {
      input.fail(0, fmt::format("table {}: column {} has type {} here", name(), column.name, column.type),
                 fmt::format("type {}, or {}; {}", known.type, declare_before("retype_column"),
                             nearest_declared(column.name)));
    }
    if (((read.present | read.left_out) & bit(number)) != 0)
      input.fail(0, fmt::format("table {}: {} names column {} twice", name(), part, column.name));
    (column.left_out ? read.left_out : read.present) |= bit(number);
    if (!column.left_out) values[number] = value_of(column, known.type, database);
  }
  return read;
}

void TableReplay::check_all_present(const Columns& read, const ChangeEvent& line, const char* part,
                                    const TextInput& input) const {
  const CapturedTableVersion& now = table().versions.back();
  for (const std::uint16_t number : now.columns) {
    if (((read.present | read.left_out) & bit(number)) != 0) continue;
    const std::string& column = now.column_names[number].name;
    input.fail(0, fmt::format("table {}: {} has no column {}", name(), part, column),
               fmt::format("every column, or {}; {}{}{}", declare_before("drop_column or rename_column"),
                           nearest_declared(column), line.absent_means.empty() ? "" : "; ", line.absent_means));
  }
}

void TableReplay::count_nulls(const std::vector<EventColumn>& columns, std::uint64_t line) {
  std::size_t cursor = 0;
  for (const EventColumn& column : columns) {
    if (!column.is_null || !may_be_not_a_number(column.type)) continue;
    const auto& now = version();
    while (now.column_names[now.columns[cursor]].name != column.name) cursor = (cursor + 1) % now.columns.size();
    note(EvidenceKind::null_may_be_not_a_number, now.columns[cursor], line);
  }
}

// ---- keys

std::uint64_t TableReplay::key_mask() const {
  std::uint64_t mask = 0;
  for (const std::uint16_t number : table().key) mask |= bit(number);
  return mask;
}

std::vector<ValueId> TableReplay::key_of(std::span<const ValueId> values) const {
  std::vector<ValueId> key;
  for (const std::uint16_t number : table().key)  // a row that died before a column was added has no cell for it
    key.push_back(number < values.size() ? values[number] : unknown_value);
  return key;
}

// Takes the primary key that the first row event names; it does not change within a capture.
void TableReplay::read_key(const ChangeEvent& line, const TextInput& input) {
  if (!line.names_key) {
    if (!primary_key_known_ && !declared_key_.empty()) take_declared_key(&input);
    return;
  }
  // A log can say that there is no primary key, where the user knows which columns tell rows apart.
  if (line.key.empty() && !declared_key_.empty()) {
    if (!primary_key_known_) take_declared_key(&input);
    return;
  }
  std::size_t cursor = 0;
  if (primary_key_known_) {
    bool same = line.key.size() == primary_key_.size();
    for (std::size_t i = 0; same && i < line.key.size(); ++i)
      same = version().column_names[primary_key_[i]].name == line.key[i];
    if (same) return;
    input.fail(0, fmt::format("table {}: the primary key is another than in the lines before", name()),
               "one primary key for the whole capture");
  }
  check_declared_key(line, input);
  for (const std::string_view column : line.key)
    primary_key_.push_back(find_column({column, "key", false, {}}, cursor, input, "\"pk\""));
  primary_key_known_ = true;
  if (!primary_key_.empty()) adopt_key(primary_key_, &input);
}

void TableReplay::check_declared_key(const ChangeEvent& line, const TextInput& input) const {
  if (declared_key_.empty()) return;
  std::vector<std::string> named(line.key.begin(), line.key.end());
  std::vector<std::string> declared = declared_key_;
  std::ranges::sort(named);
  std::ranges::sort(declared);
  if (named == declared) return;
  input.fail(0,
             fmt::format("table {}: the stream says that its key is ({}), the scenario that it is ({})", name(),
                         fmt::join(line.key, ", "), fmt::join(declared_key_, ", ")),
             "the key that the stream names, or no `key` for the table");
}

void TableReplay::take_declared_key(const TextInput* input) {
  for (const std::string& column : declared_key_) {
    const auto& columns = table().columns;
    const auto found = std::ranges::find_if(columns, [&](const auto& c) { return !c.dropped && c.name == column; });
    if (found == columns.end()) {
      const std::string message = fmt::format("table {} has no column {} to be its key", name(), column);
      const char* expected = "the key that is declared for the table";
      if (!initial_path_.empty()) throw CaptureFailure({initial_path_, 1, 0, message, expected});
      if (input != nullptr) input->fail(0, message, expected);
      throw CaptureFailure({"", 0, 0, message, expected});
    }
    primary_key_.push_back(static_cast<std::uint16_t>(found - columns.begin()));
  }
  primary_key_known_ = true;
  adopt_key(primary_key_, input);
}

// Numbers the keys of all slots so far: slots were given one a row, so each must have a key of its own.
void TableReplay::adopt_key(std::vector<std::uint16_t> key, const TextInput* input) {
  table().key = std::move(key);
  keys_ = TuplePool();
  for (std::uint32_t slot = 0; slot < images_.size(); ++slot) {
    const std::vector<ValueId> values = key_of(out_.images[images_[slot]]);
    if (keys_.intern(values) == slot) continue;
    fail_at_row(slot, input,
                fmt::format("table {}: two rows have the key {}", name(), row_text(out_, index_, images_[slot])),
                "rows that the key tells apart");
  }
  live_by_image_.clear();
  indexed_ = false;
}

void TableReplay::fail_at_row(std::uint32_t slot, const TextInput* input, std::string message,
                              std::string expected) const {
  if (slot < initial_lines_.size())
    throw CaptureFailure({initial_path_, initial_lines_[slot], 0, std::move(message), std::move(expected)});
  if (input != nullptr) input->fail(0, std::move(message), std::move(expected));
  throw CaptureFailure({"", 0, 0, std::move(message), std::move(expected)});
}

// ---- rows

ImageId TableReplay::intern(const Values& values) {
  return out_.images.intern({values.data(), table().columns.size()});
}

void TableReplay::set_live(std::uint32_t slot, ImageId image) {
  if (indexed_ && live_[slot]) live_by_image_.erase({images_[slot], slot});
  images_[slot] = image;
  live_[slot] = true;
  if (indexed_) live_by_image_.insert({image, slot});
}

void TableReplay::set_dead(std::uint32_t slot) {
  if (indexed_) live_by_image_.erase({images_[slot], slot});
  live_[slot] = false;
}

// The slot for a new row, made live: that of its key, or one more where there is no key.
std::uint32_t TableReplay::place(ImageId image, std::span<const ValueId> values, std::uint64_t line, bool& was_live) {
  const auto next = static_cast<std::uint32_t>(images_.size());
  const std::uint32_t slot = table().key.empty() ? next : keys_.intern(key_of(values));
  REHEARSE_ASSERT(slot <= next && slot != no_row, "slots are dense");
  if (slot == next) {
    images_.push_back(image);
    live_.push_back(false);
  }
  was_live = live_[slot];
  if (was_live) note(EvidenceKind::insert_of_live_row, no_column, line, row_text(out_, index_, image));
  set_live(slot, image);
  return slot;
}

CapturedChange& TableReplay::record(ChangeKind kind, const ChangeEvent& line, const TextInput& input) {
  CapturedChange change;
  change.table = index_;
  change.lsn = line.lsn;
  change.line = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(input.line_number(), std::numeric_limits<std::uint32_t>::max()));
  change.version = static_cast<std::uint16_t>(table().versions.size() - 1);
  change.kind = kind;
  last_transaction_ = out_.transactions.size();
  return out_.changes.emplace_back(change);
}

ImageId TableReplay::read_whole_row(const ChangeEvent& line, const TextInput& input, Values& values) {
  if (!columns_known_) learn_columns(line, input);
  values.fill(dropped_value);
  const Columns read = read_columns(line.columns, line.database, values, input, "the row");
  check_all_present(read, line, "the inserted row", input);
  for (const std::uint16_t number : version().columns) {  // a moved key comes as an insert, without large values
    if ((read.left_out & bit(number)) == 0) continue;
    values[number] = unknown_value;
    note(EvidenceKind::unchanged_value_unknown, number, input.line_number());
  }
  read_key(line, input);
  count_nulls(line.columns, input.line_number());
  return intern(values);
}

void TableReplay::insert(const ChangeEvent& line, const TextInput& input) {
  Values values;
  const ImageId image = read_whole_row(line, input, values);
  ++inserts_;
  bool was_live = false;
  const std::uint32_t slot = place(image, values, input.line_number(), was_live);
  CapturedChange& change = record(was_live ? ChangeKind::update : ChangeKind::insert, line, input);
  if (was_live) change.old_row = slot;
  change.new_row = slot;
  change.image = image;
}

std::uint32_t TableReplay::find_equal_row(const Values& identity) {
  const auto image = out_.images.find({identity.data(), table().columns.size()});
  if (!image) return no_row;
  if (!indexed_) {
    for (std::uint32_t slot = 0; slot < images_.size(); ++slot)
      if (live_[slot]) live_by_image_.insert({images_[slot], slot});
    indexed_ = true;
  }
  const auto lowest = live_by_image_.lower_bound({*image, 0});
  return lowest != live_by_image_.end() && lowest->first == *image ? lowest->second : no_row;
}

std::uint32_t TableReplay::find_row(const ChangeEvent& line, Values& identity, std::uint64_t& identity_mask,
                                    const TextInput& input) {
  const bool is_update = line.kind == EventKind::update;
  const auto unknown = is_update ? EvidenceKind::update_of_unknown_row : EvidenceKind::delete_of_unknown_row;
  const auto nameless = is_update ? EvidenceKind::update_without_identity : EvidenceKind::delete_without_identity;
  if (!columns_known_) {
    note(unknown, no_column, input.line_number(), identity_text(line));
    return no_row;
  }
  identity.fill(dropped_value);
  identity_mask = read_columns(line.old_columns, line.database, identity, input, "the identity").present;
  read_key(line, input);
  if (line.old_image == OldImage::of_new_row || (line.old_image == OldImage::key_only && !table().key.empty()))
    identity_mask &= key_mask();
  if (identity_mask == 0) {
    note(nameless, no_column, input.line_number());
    return no_row;
  }
  const bool whole_row = static_cast<std::size_t>(std::popcount(identity_mask)) == version().columns.size();
  const bool beyond_key = (identity_mask & ~key_mask()) != 0;
  if (whole_row && beyond_key) table().replica_identity = ReplicaIdentity::full;
  else if (table().replica_identity != ReplicaIdentity::full) table().replica_identity = ReplicaIdentity::key;
  if (!whole_row && (table().key.empty() || (key_mask() & ~identity_mask) != 0)) {
    if (addressed_)
      input.fail(0, fmt::format("table {}: the identity has other columns than in the lines before", name()),
                 "one replica identity for the whole capture");
    std::vector<std::uint16_t> key;
    for (const std::uint16_t number : version().columns)
      if ((identity_mask & bit(number)) != 0) key.push_back(number);
    adopt_key(std::move(key), &input);
  }
  addressed_ = true;
  std::uint32_t slot = no_row;
  if (table().key.empty()) slot = find_equal_row(identity);
  else if (const auto found = keys_.find(key_of(identity)); found && live_[*found]) slot = *found;
  // Without a key, an image that may be the key alone, filled up, says no more than that there was a row.
  const bool filled_up = line.old_image == OldImage::key_only && table().key.empty();
  if (slot == no_row) note(filled_up ? nameless : unknown, no_column, input.line_number(), identity_text(line));
  else check_old_row(line, slot, input);
  return slot;
}

bool TableReplay::is_from_file(std::uint32_t slot) const {
  return slot < initial_lines_.size() && images_[slot] == table().initial[slot].image;
}

void TableReplay::check_old_row(const ChangeEvent& line, std::uint32_t slot, const TextInput& input) {
  if (line.old_image == OldImage::of_new_row) return;
  const bool filled_up = line.old_image == OldImage::key_only;
  const std::vector<EventColumn>& old_columns = line.before.empty() ? line.old_columns : line.before;
  // An update that left the key as it was shows an old row only where the log holds all of it.
  if (filled_up && line.kind == EventKind::update && old_columns.size() > table().key.size())
    old_rows_are_whole_ = true;
  if (filled_up && !old_rows_are_whole_) return;
  Values values;
  const std::uint64_t told = read_columns(old_columns, line.database, values, input, "the old row").present;
  const auto replayed = out_.images[images_[slot]];
  for (const std::uint16_t number : version().columns) {
    const CapturedColumn& column = version().column_names[number];
    if ((told & ~key_mask() & bit(number)) == 0 || values[number] == replayed[number]) continue;
    if (replayed[number] == unknown_value || (column.type.empty() && is_from_file(slot))) continue;
    const bool both = values[number] != null_value && replayed[number] != null_value;
    if (both &&
        same_printed(out_.values.text(values[number]), out_.values.text(replayed[number]), column.type, line.database))
      continue;
    if (filled_up && may_be_filler(values[number])) continue;
    return note(EvidenceKind::old_row_contradicts_replay, number, input.line_number(),
                row_text(out_, index_, images_[slot]));
  }
}

// What stands in place of a value that the log does not hold: NULL, or a type's own nothing.
bool TableReplay::may_be_filler(ValueId value) const {
  if (value == null_value) return true;
  const std::string_view text = out_.values.text(value);
  return text.find_first_not_of("0.") == std::string_view::npos || text == "f" || text.starts_with("1970-01-01");
}

// The cells that an update did not carry: the row's previous ones, or what a full identity says where those are
// unknown.
void TableReplay::merge_unchanged(std::uint32_t slot, const Columns& read, const ChangeEvent& line, Values& values,
                                  const Values& identity, std::uint64_t identity_mask, const TextInput& input) {
  if (line.whole_row) check_all_present(read, line, "the updated row", input);
  const auto previous = out_.images[images_[slot]];
  for (const std::uint16_t number : version().columns) {
    if ((read.present & bit(number)) != 0) continue;
    const CapturedColumn& column = version().column_names[number];
    if (never_left_out(column.type))
      input.fail(0, fmt::format("table {}: the updated row has no column {} ({})", name(), column.name, column.type),
                 fmt::format("every column but unchanged long values, or {}; {}", declare_before("drop_column"),
                             nearest_declared(column.name)));
    values[number] = previous[number];
    if (values[number] != unknown_value) continue;
    if ((identity_mask & bit(number)) != 0) values[number] = identity[number];
    else note(EvidenceKind::unchanged_value_unknown, number, input.line_number());
  }
}

void TableReplay::update(const ChangeEvent& line, const TextInput& input) {
  Values identity;
  std::uint64_t identity_mask = 0;
  const std::uint32_t old_slot = find_row(line, identity, identity_mask, input);
  if (!columns_known_) return;
  Values values;
  values.fill(dropped_value);
  const Columns read = read_columns(line.columns, line.database, values, input, "the row");
  count_nulls(line.columns, input.line_number());
  if (old_slot == no_row) return;
  merge_unchanged(old_slot, read, line, values, identity, identity_mask, input);
  const ImageId image = intern(values);
  const bool key_changed = !table().key.empty() && key_of(values) != key_of(out_.images[images_[old_slot]]);
  std::uint32_t new_slot = old_slot;
  if (key_changed) {
    bool was_live = false;
    set_dead(old_slot);
    new_slot = place(image, values, input.line_number(), was_live);
  } else {
    set_live(old_slot, image);
  }
  CapturedChange& change = record(ChangeKind::update, line, input);
  change.old_row = old_slot;
  change.new_row = new_slot;
  change.image = image;
  change.key_changed = key_changed;
  for (const std::uint16_t number : version().columns)
    if ((read.present & bit(number)) == 0) change.unchanged |= bit(number);
}

void TableReplay::remove(const ChangeEvent& line, const TextInput& input) {
  Values identity;
  std::uint64_t identity_mask = 0;
  const std::uint32_t slot = find_row(line, identity, identity_mask, input);
  if (slot == no_row) return;
  set_dead(slot);
  record(ChangeKind::remove, line, input).old_row = slot;
}

void TableReplay::truncate(const ChangeEvent& line, const TextInput& input) {
  std::fill(live_.begin(), live_.end(), false);
  live_by_image_.clear();
  record(ChangeKind::truncate, line, input);
}

void TableReplay::drop(const ChangeEvent& line, const TextInput& input) {
  note(EvidenceKind::table_dropped, no_column, input.line_number());
  truncate(line, input);
}

void TableReplay::snapshot_row(const ChangeEvent& line, const TextInput& input) {
  Values values;
  const ImageId image = read_whole_row(line, input, values);
  const auto next = static_cast<std::uint32_t>(images_.size());
  const bool in_mid_stream = !out_.transactions.empty() || !out_.changes.empty();
  if (in_mid_stream && !initial_path_.empty() && !table().key.empty() && !keys_.find(key_of(values))) {
    // It was not there before the stream, and the stream has not made it.
    note(EvidenceKind::snapshot_contradicts_stream, no_column, input.line_number(), row_text(out_, index_, image));
    return;
  }
  const std::uint32_t slot = table().key.empty() ? next : keys_.intern(key_of(values));
  if (slot < next) {  // an incremental snapshot reads rows that the stream has written, too
    if (!live_[slot] || images_[slot] != image)
      note(EvidenceKind::snapshot_contradicts_stream, no_column, input.line_number(), row_text(out_, index_, image));
    return;
  }
  images_.push_back(image);
  live_.push_back(false);
  set_live(slot, image);
  table().initial.push_back({slot, image});
}

// ---- evidence and the end

std::string TableReplay::identity_text(const ChangeEvent& line) const {
  std::string text;
  const auto is_of_key = [&](std::string_view column) {
    return std::ranges::any_of(table().key,
                               [&](std::uint16_t number) { return table().columns[number].name == column; });
  };
  for (const EventColumn& column : line.old_columns) {
    if (!table().key.empty() && !is_of_key(column.name)) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{}={}", column.name, column.is_null ? std::string_view("NULL") : cut_text(column.text, 80));
  }
  return text;
}

void TableReplay::note(EvidenceKind kind, std::uint16_t column, std::uint64_t line, std::string row,
                       std::uint64_t count) {
  auto [at, first] = evidence_.try_emplace({kind, column});
  CaptureEvidence& evidence = at->second;
  evidence.count += count;
  if (!first) return;
  evidence.kind = kind;
  evidence.table = index_;
  evidence.first_line = line;
  evidence.first_row = std::move(row);
}

void TableReplay::finish() {
  if (columns_known_) apply_due(std::numeric_limits<std::uint64_t>::max(), nullptr);
  if (columns_known_ && !primary_key_known_ && !declared_key_.empty()) take_declared_key(nullptr);
  if (table().key.empty() && !addressed_ && inserts_ > 0) note(EvidenceKind::inserts_only, no_column, 0, {}, inserts_);
  for (std::uint32_t slot = 0; slot < images_.size(); ++slot)
    table().final_images.push_back(live_[slot] ? images_[slot] : no_image);
  for (auto& [key, evidence] : evidence_) {
    if (key.column != no_column) evidence.column = table().columns[key.column].name;
    out_.evidence.push_back(std::move(evidence));
  }
}

}  // namespace rehearse
