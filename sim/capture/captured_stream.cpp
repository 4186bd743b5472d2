#include "sim/capture/captured_stream.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

std::string_view evidence_name(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::update_of_unknown_row:
      return "update_of_unknown_row";
    case EvidenceKind::delete_of_unknown_row:
      return "delete_of_unknown_row";
    case EvidenceKind::insert_of_live_row:
      return "insert_of_live_row";
    case EvidenceKind::update_without_identity:
      return "update_without_identity";
    case EvidenceKind::delete_without_identity:
      return "delete_without_identity";
    case EvidenceKind::inserts_only:
      return "inserts_only";
    case EvidenceKind::null_may_be_not_a_number:
      return "null_may_be_not_a_number";
    case EvidenceKind::unchanged_value_unknown:
      return "unchanged_value_unknown";
    case EvidenceKind::values_unknown:
      return "values_unknown";
    case EvidenceKind::snapshot_contradicts_stream:
      return "snapshot_contradicts_stream";
    case EvidenceKind::old_row_contradicts_replay:
      return "old_row_contradicts_replay";
    case EvidenceKind::may_be_delivered_again:
      return "may_be_delivered_again";
    case EvidenceKind::table_dropped:
      return "table_dropped";
    case EvidenceKind::ddl_passed_over:
      return "ddl_passed_over";
  }
  return "";
}

bool leaves_out_a_change(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::update_of_unknown_row:
    case EvidenceKind::delete_of_unknown_row:
    case EvidenceKind::insert_of_live_row:
    case EvidenceKind::update_without_identity:
    case EvidenceKind::delete_without_identity:
    case EvidenceKind::unchanged_value_unknown:
    case EvidenceKind::snapshot_contradicts_stream:
    case EvidenceKind::old_row_contradicts_replay:
    case EvidenceKind::may_be_delivered_again:
      return true;
    case EvidenceKind::inserts_only:
    case EvidenceKind::null_may_be_not_a_number:
    case EvidenceKind::values_unknown:
    case EvidenceKind::table_dropped:
    case EvidenceKind::ddl_passed_over:
      return false;
  }
  return false;
}

std::optional<std::uint32_t> CapturedStream::find_table(std::string_view schema, std::string_view name) const {
  for (std::uint32_t index = 0; index < tables.size(); ++index)
    if (tables[index].schema == schema && tables[index].name == name) return index;
  return std::nullopt;
}

CapturedState final_state(const CapturedStream& stream) {
  CapturedState state;
  for (const CapturedTable& table : stream.tables) state.push_back(table.final_images);
  return state;
}

namespace {

void apply(const CapturedChange& change, CapturedState& state) {
  std::vector<ImageId>& rows = state[change.table];
  if (change.kind == ChangeKind::truncate) {
    std::ranges::fill(rows, no_image);
    return;
  }
  if (change.old_row != no_row) rows[change.old_row] = no_image;
  if (change.new_row != no_row) rows[change.new_row] = change.image;
}

void apply(const CapturedSchemaChange& change, CapturedState& state) {
  std::vector<ImageId>& rows = state[change.table];
  for (const CapturedRow& row : change.rewritten)
    if (rows[row.slot] != no_image) rows[row.slot] = row.image;
}

}  // namespace

CapturedState replay_capture(const CapturedStream& stream,
                             const std::function<bool(const CapturedTransaction&)>& visible) {
  CapturedState state;
  for (const CapturedTable& table : stream.tables) {
    state.emplace_back(table.slots(), no_image);
    for (const CapturedRow& row : table.initial) state.back()[row.slot] = row.image;
  }
  std::size_t next_schema_change = 0;
  const auto schema_changes_until = [&](std::uint64_t change) {
    while (next_schema_change < stream.schema_changes.size() &&
           stream.schema_changes[next_schema_change].change <= change)
      apply(stream.schema_changes[next_schema_change++], state);
  };
  for (const CapturedTransaction& transaction : stream.transactions) {
    const bool seen = visible(transaction);
    for (std::uint64_t at = transaction.begin; at < transaction.end; ++at) {
      schema_changes_until(at);
      if (seen) apply(stream.changes[at], state);
    }
  }
  schema_changes_until(stream.changes.size());
  return state;
}

std::string row_text(const CapturedStream& stream, std::uint32_t table, ImageId image) {
  const CapturedTable& of = stream.tables[table];
  const auto cells = stream.images[image];
  std::string text;
  const auto add = [&](std::uint16_t number) {
    if (!text.empty()) text += ", ";
    const ValueId value = number < cells.size() ? cells[number] : unknown_value;
    text += value == null_value ? "NULL" : value == unknown_value ? "unknown" : cut_text(stream.values.text(value), 80);
  };
  if (of.key.empty()) {
    for (std::uint16_t number = 0; number < of.columns.size(); ++number)
      if (!of.columns[number].dropped) add(number);
  } else {
    for (const std::uint16_t number : of.key) add(number);
  }
  return text;
}

}  // namespace rehearse
