#include "harness/campaign/fit_data.h"

#include <algorithm>
#include <map>

#include "sim/kernel/draw.h"

namespace rehearse {
namespace {

constexpr std::uint32_t not_hit = 0xFFFFFFFFU;

// What is known of a table's keys while the stream goes by.
struct KeyTrack {
  std::vector<std::uint8_t> touched, removed;  // by slot
  std::vector<std::uint32_t> dense;            // by slot, of those hit
};

void note_first_touch(TableData& table, KeyTrack& track, std::uint32_t slot, bool by_insert) {
  if (track.touched[slot]) return;
  track.touched[slot] = 1;
  if (!by_insert) ++table.rows_before;
}

void hit(TableData& table, KeyTrack& track, std::uint32_t slot, std::uint32_t transaction) {
  if (track.dense[slot] == not_hit) track.dense[slot] = table.keys_hit++;
  table.hits.push_back({transaction, track.dense[slot]});
}

// One change: counted if its transaction is fitted, and noted in any case.
void take(const CapturedChange& change, TableData& table, KeyTrack& track, TableCounts* counts) {
  switch (change.kind) {
    case ChangeKind::insert:
      if (counts) {
        ++counts->inserts;
        counts->reinserts += track.removed[change.new_row];
      }
      note_first_touch(table, track, change.new_row, true);
      track.removed[change.new_row] = 0;
      break;
    case ChangeKind::update:
      if (change.old_row == no_row) break;
      note_first_touch(table, track, change.old_row, false);
      if (!counts) break;
      ++counts->updates;
      hit(table, track, change.old_row, counts->transaction);
      break;
    case ChangeKind::remove:
      if (change.old_row == no_row) break;
      note_first_touch(table, track, change.old_row, false);
      track.removed[change.old_row] = 1;
      if (!counts) break;
      ++counts->deletes;
      hit(table, track, change.old_row, counts->transaction);
      break;
    case ChangeKind::truncate:
      break;
  }
}

std::uint64_t kind_of(const std::map<std::uint32_t, TableCounts>& by_table) {
  std::uint64_t kind = 0;
  for (const auto& [table, counts] : by_table)
    kind = finalise(kind ^ (std::uint64_t{table} << 3 | (counts.inserts > 0) << 2 | (counts.updates > 0) << 1 |
                            static_cast<std::uint64_t>(counts.deletes > 0)));
  return kind;
}

}  // namespace

bool is_fitted(const FitOptions& options, std::uint64_t number) {
  if (number < options.first.value_or(1) || number > options.last.value_or(number)) return false;
  return options.which == FittedTransactions::all || (number % 2 == 1) == (options.which == FittedTransactions::odd);
}

FitData gather(const CapturedStream& stream, const FitOptions& options) {
  FitData data;
  std::vector<KeyTrack> tracks;
  for (std::uint32_t i = 0; i < stream.tables.size(); ++i) {
    const std::uint32_t slots = stream.tables[i].slots();
    data.tables.push_back({});
    data.tables.back().table = i;
    data.tables.back().keys = slots;
    tracks.push_back({std::vector<std::uint8_t>(slots), std::vector<std::uint8_t>(slots),
                      std::vector<std::uint32_t>(slots, not_hit)});
  }
  data.first = options.first.value_or(1);
  data.last = std::min<std::uint64_t>(options.last.value_or(stream.transactions.size()), stream.transactions.size());
  std::int64_t from = 0, until = 0;
  for (std::uint64_t number = data.first; number <= data.last; ++number) {
    const std::int64_t at = stream.transactions[number - 1].commit_time_unix_ns;
    from = number == data.first ? at : std::min(from, at);
    until = number == data.first ? at : std::max(until, at);
  }
  data.began_unix_ns = from;
  data.duration_ns = until - from;

  for (std::uint64_t number = 1; number <= stream.transactions.size(); ++number) {
    const CapturedTransaction& transaction = stream.transactions[number - 1];
    const bool fitted = is_fitted(options, number) && transaction.end > transaction.begin;
    std::map<std::uint32_t, TableCounts> by_table;
    for (std::uint64_t i = transaction.begin; i < transaction.end; ++i) {
      const CapturedChange& change = stream.changes[i];
      TableCounts* counts = nullptr;
      if (fitted) {
        counts = &by_table[change.table];
        counts->transaction = static_cast<std::uint32_t>(data.transactions.size());
      }
      take(change, data.tables[change.table], tracks[change.table], counts);
    }
    if (!fitted) continue;
    FittedTransaction out{number, transaction.commit_time_unix_ns - from, 0, kind_of(by_table)};
    for (const auto& [table, counts] : by_table) {
      if (counts.changes() == 0) continue;
      out.changes += counts.changes();
      data.tables[table].counts.push_back(counts);
    }
    data.transactions.push_back(out);
  }
  return data;
}

}  // namespace rehearse
