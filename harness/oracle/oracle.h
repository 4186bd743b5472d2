// The oracle: sees the world at every event, keeps the ledger, staleness and harm, and says at the end what was true.
#pragma once

#include <vector>

#include "harness/oracle/harm.h"
#include "harness/oracle/highest.h"
#include "harness/oracle/ledger.h"
#include "harness/oracle/live_rows.h"
#include "harness/oracle/no_longer_shown.h"
#include "harness/oracle/truth_record.h"
#include "sim/world/world.h"

namespace rehearse {

class Oracle {
 public:
  void start(World& world);
  void advanced(World& world);  // after every advance
  void before_event(World& world, const Event& event);
  void after_event(World& world, const Event& event);
  void saw(const Read& read, const World& world) { harm_.saw(read, world, ledger_, highest_); }
  // The plan is about to roll back, and has done nothing about it yet.
  void rollback_begins(World& world) { taken_back_.rollback_begins(world); }
  // At the horizon, before anything is healed: what was true until then.
  void close(const World& world);
  const TruthRecord& closed() const { return until_horizon_; }  // by close()
  // After the drain: what is left.
  TruthRecord record(const World& drained) const;
  const Ledger& ledger() const { return ledger_; }
  // The intervals of a table's rows that are divergent now, by row: all that credit asks.
  std::vector<DivergentInterval> divergent_now(StoreId store, TableId table) const {
    return ledger_.divergent_now(store, table);
  }
  const std::vector<ConsumerTruth>& consumers() const { return harm_.consumers(); }  // until now

 private:
  struct Extract {
    Time loaded;
    Time as_of;
  };
  void look_at_stores(const World& world);
  std::vector<Span> older_than(const World& world, const Store& store, std::size_t number, Duration age) const;
  std::vector<Span> at_no_position(const World& world, const Store& store) const;
  Duration worst_age(const World& world, const Store& store) const;
  // Of a store at each instant: expected, or there although they should not be.
  KeySteps keys_of(const World& world, StoreId store) const;
  Ledger ledger_;
  Harm harm_;
  std::vector<std::vector<Extract>> extracts_;  // by batch pipeline: what the store held from when on
  std::vector<std::optional<Time>> loaded_;     // by StoreId
  LiveRows live_rows_;
  HighestShown highest_;
  ChangesTakenBack taken_back_;
  TruthRecord until_horizon_;
};

}  // namespace rehearse
