// The transactions that are fitted, as counts: by transaction and table what was changed, and which keys were hit.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/campaign/fit.h"
#include "sim/capture/captured_stream.h"

namespace rehearse {

struct TableCounts {              // of one transaction
  std::uint32_t transaction = 0;  // its place among those that are fitted
  std::uint32_t inserts = 0, updates = 0, deletes = 0, reinserts = 0;
  std::uint32_t changes() const { return inserts + updates + deletes; }
};
struct KeyHit {  // by an update or a delete
  std::uint32_t transaction = 0;
  std::uint32_t key = 0;  // dense over the keys that were hit
};

struct TableData {
  std::uint32_t table = 0;
  std::vector<TableCounts> counts;  // of transactions that change it
  std::vector<KeyHit> hits;
  std::uint32_t keys_hit = 0;
  std::uint64_t rows_before = 0;  // seen to be there before the stream
  std::uint64_t keys = 0;         // that could be hit: rows before the stream and all that came
};

struct FittedTransaction {
  std::uint64_t number = 0;    // in the capture, from 1
  std::int64_t commit_ns = 0;  // since the first commit
  std::uint32_t changes = 0;
  std::uint64_t kind = 0;  // a hash of which tables it inserts into, updates, deletes from
};

struct FitData {
  std::vector<FittedTransaction> transactions;
  std::vector<TableData> tables;                    // all, by number
  std::int64_t began_unix_ns = 0, duration_ns = 0;  // of the whole range, fitted or not
  std::uint64_t first = 0, last = 0;
};

FitData gather(const CapturedStream& stream, const FitOptions& options);

FittedLateness fit_lateness(const CapturedStream& stream, std::uint32_t table, const FitOptions& options);
std::vector<FittedColumn> fit_columns(const CapturedStream& stream, std::uint32_t table);
std::vector<FittedChange> find_changes(const std::vector<FittedTransaction>& transactions);
bool is_fitted(const FitOptions& options, std::uint64_t number);

}  // namespace rehearse
