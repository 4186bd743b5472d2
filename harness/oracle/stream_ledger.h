// The ledger of one stream's store: its divergent rows, kept by exception from facts alone.
//
// A row that no fact speaks of is right, or pending because its newest change has not come yet. A row that one speaks
// of is followed, change by change, until it is such a row again. What is known of it: the source's newest write;
// whether that write's first delivery is under way; which further deliveries are; what the store holds. A row is
// pending while a delivery of the newest write is under way, whatever this sink will make of it, and divergent while it
// is not and contents differ.
// Invariant: `wrong` is exact after every event in the order of time, however the world's advances were cut.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "harness/oracle/divergence.h"

namespace rehearse {

class StreamLedger {
 public:
  explicit StreamLedger(StoreId store) : store_(store) {}

  bool follows(RowKey key) const { return rows_.count(key) > 0; }
  Write newest(RowKey key) const { return rows_.at(key).newest; }
  // Begins to follow a row, of which nothing had been told, as a fact finds it. `contract` counts only if nothing of
  // the newest write is under way.
  void follow(const Fact& fact, Write newest, Cell contract);
  // Of a row that is followed, in the order of time.
  void observe(World& world, const Contracts& contracts, const Fact& fact);
  void contract_changed(World& world, const Contracts& contracts, TableId table, Time at);
  // Stops following a row if nothing is special about it any more; true if the row is not followed now.
  bool let_go(RowKey key);

  bool divergent(RowKey key) const;
  std::vector<RowKey> divergent_rows() const;
  void append_divergent(TableId table, std::vector<DivergentInterval>& all) const;
  void append_intervals(std::vector<DivergentInterval>& all) const;

 private:
  struct Row {
    Write newest = 0;            // the source's
    Write highest = 0;           // that has reached the store
    bool owed = false;           // its first delivery is under way
    std::vector<Write> copies;   // further deliveries under way, one entry each
    RowState state;              // its contract is what `newest` says; unknown while `owed` and never delivered
    CauseSet cell_causes = 0;    // why the cell is as it is, and
    CauseSet newest_causes = 0;  // what befell the newest write; none once it is there, as it should be
    bool wrong = false;
    DivergentInterval interval;  // if wrong

    bool pending() const { return owed || std::find(copies.begin(), copies.end(), newest) != copies.end(); }
  };
  void settle(World& world, Row& row, const Fact& fact);
  // Opens or closes its interval as of `at`.
  void judge(World& world, const Contracts& contracts, RowKey key, Row& row, Time at);
  void close(const Row& row, Time until);

  StoreId store_;
  std::map<RowKey, Row> rows_;
  std::vector<DivergentInterval> closed_;
};

}  // namespace rehearse
