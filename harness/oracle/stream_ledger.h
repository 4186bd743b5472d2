// The ledger of one stream's store: its divergent rows, kept by exception from facts alone.
//
// A row that no fact speaks of is right, or late because its newest changes have not come yet. A row that one speaks of
// is followed, change by change, until it is such a row again. What is known of it: the source's newest write; which
// first deliveries are under way, and which further ones that hold what they should; what the store shows, and after
// which write that was expected. It is late while the newest write is under way and what the store shows was expected
// once, unless a change that it lacks was lost before a newer one was committed: no commit excuses a loss, or damage.
// Invariant: `wrong` is exact after every event in the order of time, however the world's advances were cut.
#pragma once

#include <optional>
#include <vector>

#include "harness/oracle/divergence.h"
#include "harness/oracle/row_table.h"
#include "harness/oracle/write_set.h"

namespace rehearse {

class StreamLedger {
 public:
  explicit StreamLedger(StoreId store) : store_(store) {}

  bool follows(RowKey key) const { return rows_.find(key) != nullptr; }
  // The source's newest, as far as has been told; none of a row that is not followed.
  const Cell* newest(RowKey key) const {
    const Row* row = rows_.find(key);
    return row ? &row->state.contract : nullptr;
  }
  // Begins to follow a row, of which nothing had been told, as a fact finds it. `newest` is what the source says.
  void follow(const Fact& fact, Cell newest);
  // Of a row that is followed, in the order of time.
  void observe(World& world, const Contracts& contracts, const Fact& fact);
  void contract_changed(World& world, const Contracts& contracts, TableId table, Time at);
  // Stops following a row if nothing is special about it any more; true if the row is not followed now.
  bool let_go(RowKey key);

  std::optional<Time> divergent_since(RowKey key) const;
  std::vector<RowKey> divergent_rows() const;
  void append_divergent(TableId table, std::vector<DivergentInterval>& all) const;
  void append_intervals(std::vector<DivergentInterval>& all) const;

 private:
  struct Copy {  // a further delivery under way
    Cell record;
    Write before;  // the row's write before
    Mark held;
    bool serves;  // what it holds is what it should
  };
  struct Row {
    Write newest = 0;          // the source's
    Write highest = 0;         // that has reached the store
    WriteSet first;            // whose first delivery is under way
    std::vector<Copy> copies;  // further deliveries under way
    RowState state;
    std::optional<Cell> meant;         // what should have stood there when the row became wrong
    std::optional<Write> shown_after;  // the write after which what the store shows was expected
    Write unexcused = 0;               // of the writes up to here, only those under way are not missed
    CauseSet cell_causes = 0;          // why the cell is as it is, and
    CauseSet newest_causes = 0;        // what befell the newest write; none once it is there, as it should be
    CauseSet missed_causes = 0;        // why earlier writes came to nothing
    bool wrong = false;
    DivergentInterval interval;  // if wrong

    // The write before those that lead up to `write` and are all under way; `write` itself if it is not.
    Write before_those_under_way_up_to(Write write) const;
    bool late() const;
    bool ordinary() const;  // what follow() would make of it
  };
  void settle(World& world, const Contracts& contracts, RowKey key, Row& row, const Fact& fact);
  // Opens or closes its interval as of `at`.
  void judge(World& world, const Contracts& contracts, RowKey key, Row& row, Time at);
  // What is known of its interval from `at` on.
  void describe(World& world, const Contracts& contracts, RowKey key, Row& row, Time at);
  void close(const Row& row, Time until);

  StoreId store_;
  RowTable<Row> rows_;
  std::vector<DivergentInterval> closed_;
};

}  // namespace rehearse
