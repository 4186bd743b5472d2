// The truth ledger: which rows of which store are divergent, since when, and by what cause – kept by exception.
//
// Definitions (docs/model.md): a row is divergent if it differs from what the dataset's contract expects of its store,
// and no live carrier holds a change which, applied correctly, makes it right. For a stream's store the expectation is
// the source now; for a batch store it is the source as of the last completed extract.
//
// How: a row without an exception is right or pending. Facts (a write that deviates from its record, a loss, any later
// write of such a row) open, move and close exceptions. An interval starts at the deviation, or at the loss of the last
// carrier, and ends when a newer change commits, a copy comes under way again, or a repair or load makes the row equal.
// A carrier counts while it holds a change that would make the row right if a sink wrote it as it is; whether this sink
// will is not asked. Only pipelines settle a write; a repair changes what the store holds and nothing else.
// It never repeats pipeline logic: contents are compared through the contract. The proof is the fork (fork.h): copy the
// world, heal, stop writes, drain, and compare every row; rows that the drain itself strikes are those that differ.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/time.h"
#include "sim/world/world.h"

namespace rehearse {

struct DivergentInterval {
  StoreId store = 0;
  TableId table = 0;
  RowId row = 0;
  Time from;
  Time until;  // not included; Time::never() while it lasts
  CauseSet causes = 0;
  enum class Kind : std::uint8_t { missing, extra, duplicate, mismatch } kind = Kind::missing;
};

class Ledger {
 public:
  // Call once the world has started.
  void start(World& world);
  // Takes the world's facts. Call after every advance, and after every event that was handled.
  void observe(World& world);
  // Call around the handling of a batch job's event.
  void before_batch_event(World& world);
  void after_batch_event(World& world);

  // Whether the row is divergent now (the world stands where it was last observed).
  bool divergent(const World& world, StoreId store, TableId table, RowId row) const;
  // Rows of a store that are divergent now, by table and row.
  std::vector<std::pair<TableId, RowId>> divergent_rows(const World& world, StoreId store) const;
  std::uint64_t divergent_count(const World& world, StoreId store) const { return divergent_rows(world, store).size(); }

  // Every interval so far; those that last end at `now`'s judgement: still divergent, never; pending since: then.
  std::vector<DivergentInterval> intervals(const World& world) const;

 private:
  struct Exception {
    Write settled = 0;        // the highest write that was delivered or lost
    Cell contract;            // what that write says of the row
    CauseSet settled_by = 0;  // why that delivery deviated, if it did
    Cell cell;                // what the store holds
    std::uint32_t extra = 0;
    bool wrong = false;
    Time since;  // if wrong
    CauseSet causes = 0;
    DivergentInterval::Kind kind = DivergentInterval::Kind::missing;
  };
  using Key = std::pair<TableId, RowId>;
  struct BatchTruth {
    std::vector<std::optional<TableCopy::Snapshot>> extract;  // by table: the source as of the attempt's start
    bool running = false;
    std::uint64_t loads = 0;
    Lsn position = 0;
    std::map<Lsn, std::map<Key, Exception>> by_version;  // for restores
  };

  void observe_stream_fact(World& world, const Fact& fact);
  void observe_batch_fact(const World& world, const Fact& fact);
  // Since when, as of a fact, the row's exception had been pending; never if it was not.
  Time pending_until_fact(const World& world, const Fact& fact, const Exception& exception) const;
  // The commit of the row's first change after what was settled; never if there is none.
  static Time next_commit(const World& world, Key key, const Exception& exception);
  void reconsider_changed_contracts(const World& world);
  bool differs(const World& world, TableId table, RowId row, Cell contract, Cell cell, std::uint32_t extra) const;
  // Compares the row with its contract as of `at`, and opens or closes its interval.
  void judge(const World& world, StoreId store, Key key, Exception& exception, Time at, CauseSet causes);
  void close(StoreId store, Key key, const Exception& exception, Time until);
  static DivergentInterval::Kind kind_of(const Exception& exception);
  void compare_load(World& world, PipelineId batch);
  void restored(World& world, PipelineId batch);
  // Since when a carrier has held a change that makes the row right; none: no carrier does.
  struct Copies;
  std::optional<Time> pending_since(const World& world, StoreId store, Key key, const Exception& exception,
                                    const Copies& copies) const;
  Copies copies(const World& world, StoreId store) const;

  std::vector<std::map<Key, Exception>> exceptions_;  // by store
  std::vector<BatchTruth> batches_;
  std::vector<DivergentInterval> closed_;
  std::vector<std::uint16_t> schema_versions_;  // by table, as of the last observation: contracts may follow them
};

}  // namespace rehearse
