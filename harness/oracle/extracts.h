// What a batch job's store should hold: the source as the extract of its content saw it.
//
// A load is compared with the source as of the start of the attempt that made it. A restore brings back the load that
// it restores, and with it what was expected of that one, and what was wrong in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "harness/oracle/divergence.h"
#include "harness/oracle/live_rows.h"
#include "harness/oracle/store_ledger.h"

namespace rehearse {

class Extracts {
 public:
  Extracts(PipelineId batch, StoreId store) : batch_(batch), store_(store) {}

  void start(const World& world);
  // Call around the handling of an event that may move the batch job.
  void before_event(const World& world);
  void after_event(World& world, const Contracts& contracts, StoreLedger& ledger);
  // How many keys the store should have at each instant.
  const KeySteps& keys() const { return keys_; }

 private:
  using HeldRows = std::vector<StoreLedger::HeldRow>;
  struct Load {
    HeldRows otherwise;      // than expected, by this contract or perhaps by one to come
    std::uint64_t keys = 0;  // at its extract
  };
  std::uint64_t keys_at_source(const World& world) const;
  Load compare_load(World& world, const Contracts& contracts) const;
  void compare_table(World& world, const Contracts& contracts, TableId table, HeldRows& rows) const;

  PipelineId batch_;
  StoreId store_;
  std::vector<std::optional<TableCopy::Snapshot>> extract_;  // by table: the source as of the attempt's start
  bool was_running_ = false;
  std::uint64_t loads_ = 0, restores_ = 0;  // seen
  std::uint64_t keys_at_extract_ = 0;       // of the attempt under way
  std::map<std::uint64_t, Load> by_load_;   // for restores
  KeySteps keys_;
};

}  // namespace rehearse
