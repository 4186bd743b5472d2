// The ledger of one batch job's store: its divergent rows, by comparing each load with the source as the job's extract
// should have seen it.
//
// Expected is the source as of the last completed cycle's extract. Nothing is pending: what changed since is staleness.
// A restore brings back the load that it restores, with what was wrong in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "harness/oracle/divergence.h"
#include "harness/oracle/live_rows.h"

namespace rehearse {

class BatchLedger {
 public:
  BatchLedger(PipelineId batch, StoreId store) : batch_(batch), store_(store) {}

  void start(const World& world);
  // Call around the handling of an event that may move the batch job.
  void before_event(const World& world);
  void after_event(World& world, const Contracts& contracts);
  // A repair of a row.
  void observe(const World& world, const Contracts& contracts, const Fact& fact);
  void contract_changed(const World& world, const Contracts& contracts, TableId table, Time at);

  std::optional<Time> divergent_since(RowKey key) const {
    const auto at = rows_.find(key);
    return at != rows_.end() && at->second.wrong ? std::optional(at->second.since) : std::nullopt;
  }
  const KeySteps& keys_of_extracts() const { return keys_; }  // that are expected: of the extract that it holds
  std::vector<RowKey> divergent_rows() const;
  void append_divergent(TableId table, std::vector<DivergentInterval>& all) const;
  void append_intervals(std::vector<DivergentInterval>& all) const;

 private:
  struct Row {  // that was wrong when it was loaded, or was repaired since
    RowState state;
    CauseSet causes = 0;
    bool wrong = false;
    Time since;
    RowState was;  // when it was last wrong
  };
  using Rows = std::map<RowKey, Row>;
  std::uint64_t keys_at_source(const World& world) const;
  void compare_load(World& world, const Contracts& contracts);
  void compare_table(World& world, const Contracts& contracts, TableId table, Rows& wrong) const;
  // The store holds other content from now on; what is wrong in both goes on.
  void replace(Rows now, Time at);
  void judge(const World& world, const Contracts& contracts, RowKey key, Row& row, Time at);
  void close(RowKey key, const Row& row, Time until);

  PipelineId batch_;
  StoreId store_;
  std::vector<std::optional<TableCopy::Snapshot>> extract_;  // by table: the source as of the attempt's start
  bool was_running_ = false;
  std::uint64_t loads_ = 0, restores_ = 0;  // seen
  Rows rows_;
  std::map<std::uint64_t, Rows> by_load_;  // for restores
  std::vector<DivergentInterval> closed_;
  std::uint64_t keys_at_extract_ = 0;                    // of the attempt under way
  std::map<std::uint64_t, std::uint64_t> keys_by_load_;  // for restores
  KeySteps keys_;                                        // that its content should have
};

}  // namespace rehearse
