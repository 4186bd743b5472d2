// The truth ledger: which rows of which store are divergent, since when, and by what cause – kept by exception.
//
// Definitions (docs/model.md): a row is divergent if it differs from what the dataset's contract expects of its store,
// and no live carrier holds the change which makes it right. For a stream's store the expectation is the source now;
// for a batch store it is the source as of the last completed extract.
//
// How: the world tells of rows to which something befell (sim/rows/facts.h); this file puts what it tells into the
// order of time, from all stores, and hands it to each store's own ledger. What is expected of a store is the source
// now, or what an extract saw (extracts.h). It never repeats pipeline logic: contents
// are compared through the contract. The proof is the fork (fork.h): copy the world, heal, stop writes, drain, and
// compare every row; rows that the drain itself strikes are those that differ.
#pragma once

#include <optional>
#include <vector>

#include "harness/oracle/extracts.h"
#include "harness/oracle/store_ledger.h"

namespace rehearse {

class Ledger {
 public:
  // Call once the world has started.
  void start(World& world);
  // Takes the world's facts. Call after every advance, and after every event that was handled.
  void observe(World& world);
  // Call around the handling of an event that may move a batch job.
  void before_batch_event(const World& world);
  void after_batch_event(World& world);

  // Since when the row has been divergent for the reasons that it has now; none if it is not. Now is where the world
  // was last observed.
  std::optional<Time> divergent_since(StoreId store, TableId table, RowId row) const;
  bool divergent(StoreId store, TableId table, RowId row) const {
    return divergent_since(store, table, row).has_value();
  }
  // Rows of a store that are divergent now, by table and row.
  std::vector<RowKey> divergent_rows(StoreId store) const;
  std::uint64_t divergent_count(StoreId store) const { return stores_[store] ? stores_[store]->divergent_count() : 0; }
  // How many keys a batch job's store should have at each instant: those of the extract that its content is of.
  const KeySteps& keys_of_extracts(StoreId store) const { return extracts_[store]->keys(); }
  // The intervals of a table's rows that are divergent now, by row; of all rows, by store, table and row.
  std::vector<DivergentInterval> divergent_now(StoreId store, TableId table) const;
  std::vector<DivergentInterval> divergent_now() const;
  // Every interval so far, those of a row in their order; those that last have no end.
  std::vector<DivergentInterval> intervals() const;

 private:
  struct NewRow {  // of which nothing had been told
    RowKey key;
    Time since;
    std::optional<Cell> newest_before{};  // of the commits since then
  };
  using NewRows = std::vector<NewRow>;  // by key
  bool expects_the_source_now(StoreId store) const { return store != source_store && !extracts_[store]; }
  NewRows begin_to_watch(World& world, Facts& facts) const;
  void follow(const World& world, const Fact& fact, const NewRows& rows);
  // In a ledger that expects the source now; null if none follows the row.
  const Cell* newest_elsewhere(RowKey key) const;
  bool follows_elsewhere(RowKey key) const;
  // Has something of a fact whose turn is coming fetched into the cache.
  template <class Fetch>
  void fetch(const Facts& facts, std::size_t coming, Fetch fetch) const;
  void observe_source(World& world, const Fact& fact);
  void let_go(World& world);

  Contracts contracts_;
  std::vector<std::optional<StoreLedger>> stores_;  // by store; those that a pipeline writes
  std::vector<std::optional<Extracts>> extracts_;   // by store; those of which an extract's content is expected
};

}  // namespace rehearse
