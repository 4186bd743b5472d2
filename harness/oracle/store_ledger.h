// The ledger of one store: its divergent rows, kept by exception from facts alone.
//
// It knows a store by what is expected of it, not by who writes it. Of a row two things are known: what is expected of
// it, and what the store shows. Where the expectation is the source now, changes are under way besides, and a row may
// be late; where it is an extract, nothing is: the row is right or divergent until other content comes (hold()).
//
// A row that nothing was told of is right, or late because its newest changes have not come yet. A row that a fact
// speaks of is followed, change by change, until it is such a row again. It is late while the newest write is under way
// and what the store shows was expected once, unless a change that it lacks was lost before a newer one was committed:
// no commit excuses a loss, or damage.
// Invariant: what is divergent is exact after every event in the order of time, however the world's advances were cut.
// Cost: a fact costs the same however many rows are followed.
#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "harness/oracle/copies_under_way.h"
#include "harness/oracle/divergence.h"
#include "harness/oracle/row_table.h"
#include "harness/oracle/write_set.h"

namespace rehearse {

class StoreLedger {
 public:
  explicit StoreLedger(StoreId store) : store_(store) {}

  bool follows(RowKey key) const { return rows_.contains(key); }
  // Where what is known of a row lies, and a while later what lies there, is fetched into the cache.
  void prefetch_place(RowKey key) const { rows_.prefetch_place(key); }
  void prefetch(RowKey key) const { rows_.prefetch(key); }
  // What is expected of a row that is followed; null of others.
  const Cell* expected(RowKey key) const {
    const Row* row = rows_.find(key);
    return row == nullptr ? nullptr : &row->state.contract;
  }
  // Begins to follow a row, of which nothing had been told, as a fact finds it.
  void follow(const Fact& fact, Cell expected);
  // Of a row that is followed, in the order of time.
  void observe(World& world, const Contracts& contracts, const Fact& fact);
  void contract_changed(World& world, const Contracts& contracts, TableId table, Time at);

  struct HeldRow {  // that differs from what is expected of it
    RowKey key;
    RowState state;
    CauseSet causes = 0;  // but for those of the columns that were altered
  };
  // The store has other content from now on: these rows, the others as expected. What is wrong in both goes on.
  void hold(World& world, const Contracts& contracts, const std::vector<HeldRow>& rows, Time at);

  // Stops following rows that have become ordinary again; visits them (RowKey).
  template <class Visit>
  void let_go(const MarkTable& marks, Visit visit) {
    for (const RowKey& key : perhaps_ordinary_) {
      Row* row = rows_.find(key);
      if (row == nullptr) continue;
      row->listed = false;
      if (!row->may_be_let_go(marks)) continue;
      rows_.erase(key);
      visit(key);
    }
    perhaps_ordinary_.clear();
  }

  std::optional<Time> divergent_since(RowKey key) const;
  std::uint64_t divergent_count() const { return divergent_; }
  std::vector<RowKey> divergent_rows() const;
  void append_divergent(TableId table, std::vector<DivergentInterval>& all) const;
  void append_divergent(std::vector<DivergentInterval>& all) const;
  const std::vector<DivergentInterval>& ended() const { return ended_; }

 private:
  struct Row {
    RowState state;
    Write highest = 0;                 // that has reached the store
    Cell left_by;                      // the record that left what the store shows
    Write unexcused = 0;               // of the writes up to here, only those under way are not missed,
    Write landed = 0;                  // but for those up to here, which or a newer one have landed since
    Time last{0};                      // of what was told
    WriteSet first;                    // whose first delivery is under way
    CopiesUnderWay copies;             // further deliveries
    std::optional<Cell> meant;         // what should have stood there when the row became wrong
    std::optional<Write> shown_after;  // the write after which what the store shows was expected
    CauseSet cell_causes = 0;          // why the cell is as it is, and
    CauseSet newest_causes = 0;        // what befell the newest write; none once it is there, as it should be
    CauseSet missed_causes = 0;        // why earlier writes came to nothing
    bool listed = false;               // among those that are perhaps ordinary
    bool wrong = false;                // and if so
    DivergenceKind kind = DivergenceKind::missing;
    CauseSet causes = 0;
    Time since{0};
    RowState shown;                 // beside what was meant
    CauseSet alterations = 0;       // of the columns in which the two differ, as the contracts stood
    std::uint32_t compared_at = 0;  // after so many changes of contracts, counted from 1; 0: never

    Write newest() const { return state.contract.write; }
    // The write before those that lead up to `write` and are all under way; `write` itself if it is not.
    Write before_those_under_way_up_to(Write write) const;
    bool late() const;
    bool ordinary() const;  // what follow() would make of it
    // A contract to come may see what was altered.
    bool may_be_let_go(const MarkTable& marks) const { return ordinary() && marks.clean(state.cell.mark); }
  };
  // What the row was like at the end of the instant that is over now.
  static void remember(Row& row, Time now);
  bool show(World& world, const Contracts& contracts, Row& row, const Fact& fact);
  void settle(World& world, RowKey key, Row& row, const Fact& fact, bool changes);
  // Opens or closes its interval as of `at`.
  void judge(World& world, const Contracts& contracts, RowKey key, Row& row, Time at);
  // What is known of its interval from `at` on.
  void describe(World& world, const Contracts& contracts, RowKey key, Row& row, Time at);
  DivergentInterval interval(RowKey key, const Row& row) const;
  void close(RowKey key, const Row& row, Time until);

  StoreId store_;
  RowTable<Row> rows_;
  std::uint64_t divergent_ = 0;
  std::vector<RowKey> perhaps_ordinary_;  // each once
  std::vector<DivergentInterval> ended_;
};

}  // namespace rehearse
