// A synthetic workload: transactions arrive by a calendar, each with a few changes picked by a mix and by popularity.
//
// Models: arrivals as an exact time change of a Poisson process per table; transaction sizes; updates and
// deletes by Zipf popularity or uniformly; inserts with the next key or, for a share of them, a deleted one; long
// transactions that commit later than their statements ran; bursts as superposed arrival streams with ids of their own.
// Leaves out: rolled-back transactions (they leave nothing in the log), locks, primary-key updates. Invariant: every
// draw is keyed by (table, stream, transaction, change), so a burst adds changes and moves no other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/calendar.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "sim/kernel/time.h"
#include "sim/kernel/zipf.h"
#include "sim/rows/types.h"

namespace rehearse {

class Source;

// Which keys of a table are popular: from rank to key, over up to twice `rows` keys.
KeyPermutation popular_keys(std::uint64_t seed, TableId table, RowId rows);

struct Popularity {
  double zipf = 0;  // 0 = uniform
};

struct SyntheticTableOptions {
  RowId rows = 0;
  RateCalendarOptions calendar;   // of transactions
  std::uint32_t inserts_ppm = 0;  // of the changes; the rest of the million are deletes
  std::uint32_t updates_ppm = 1'000'000;
  std::uint32_t reinserts_ppm = 0;  // of the inserts: those that bring a deleted key back
  Popularity updates;
  Popularity deletes;
  bool geometric_sizes = false;  // of transactions, in changes: geometric with `mean_size`, or
  double mean_size = 1;
  Sampler sizes = Sampler::constant({1});  // a number of changes in place of nanoseconds; its mean is `mean_size`
  std::uint32_t long_share_ppm = 0;        // of the transactions
  Sampler long_hold;                       // from a long transaction's statements to its commit
};

class SyntheticWorkload {
 public:
  SyntheticWorkload() = default;
  SyntheticWorkload(std::uint64_t seed, std::vector<SyntheticTableOptions> tables);

  // Commits every transaction up to and with `to` into the source.
  void advance(Source& source, Time to);
  // Superposes arrivals at `extra` times the table's calendar until `until`. `name` keys its draws.
  // Returns the number of its arrival stream.
  std::size_t add_burst(TableId table, const std::string& name, double extra, Time from, Time until);
  void end_burst(std::size_t arrivals, Time at);
  std::uint64_t transactions_of(std::size_t arrivals) const { return arrivals_[arrivals].next_id; }
  void stop_writes() { stopped_ = true; }
  std::uint64_t transactions() const { return committed_; }
  std::uint64_t changes_without_a_row() const { return without_a_row_; }

 private:
  struct Picks {
    Zipf zipf{1, 0};
    KeyPermutation permutation{0, 1};
    RowId covers = 0;  // rows that `zipf` ranks
    std::uint64_t seed = 0;
    TableId table = 0;
    double exponent = 0;
    void cover(RowId rows);
  };
  struct Table {
    SyntheticTableOptions options;
    std::uint32_t insert_below = 0;  // of 2^32
    std::uint32_t update_below = 0;
    Geometric size;
    Chance long_transaction;
    Picks updates, deletes;
    Picks& picks(Op op) { return op == Op::update ? updates : deletes; }
    const Picks& picks(Op op) const { return op == Op::update ? updates : deletes; }
  };
  // What a change is drawn to be, before it meets the table.
  struct Intent {
    Op op = Op::insert;
    RowId row = 0;    // of an update or delete: its first pick, among
    RowId among = 0;  // so many ranks or slots
  };
  // A coming transaction of a stream, drawn ahead so that the cells of its rows are on the way when it commits.
  struct Planned {
    static constexpr std::size_t most = 8;  // changes
    std::uint64_t id = ~std::uint64_t{0};
    std::uint64_t size = 0;
    std::array<Intent, most> intents{};
  };
  struct Arrivals {  // one stream of transactions
    TableId table = 0;
    RateCalendar calendar;
    Stream gaps, sizes, holds, kinds, keys;
    std::uint64_t next_id = 0;
    static constexpr std::uint64_t ahead = 8;  // transactions
    std::array<Planned, ahead> planned;        // a transaction's place is its id's remainder
    std::uint64_t next_planned = 0;
    Time next = Time::never();
    Time until = Time::never();
  };
  struct Open {  // a long transaction between its statements and its commit
    Time commit;
    std::uint32_t arrivals;
    std::uint64_t id;
    Time statements;
  };
  Arrivals arrivals(TableId table, const std::string& name, RateCalendar calendar, Time from, Time until) const;
  void schedule_next(Arrivals& arrivals) const;
  void plan(Arrivals& arrivals, std::uint64_t id, const Source& source) const;
  Intent intent(const Table& table, const Arrivals& arrivals, std::uint64_t change_id, RowId slots) const;
  static RowId among(const Picks& picks, RowId slots) { return picks.exponent > 0 ? picks.covers : slots; }
  static RowId pick(const Picks& picks, const Arrivals& arrivals, std::uint64_t change_id, std::uint32_t attempt,
                    RowId slots);
  static std::uint64_t size_of(const Table& table, const Arrivals& arrivals, std::uint64_t id);
  void commit(Source& source, Arrivals& arrivals, std::uint64_t id, Time statements, Time at);
  bool reinsert(Source& source, const Arrivals& arrivals, std::uint64_t change_id, Time statements, Time commit);
  void change(Source& source, Table& table, const Arrivals& arrivals, std::uint64_t change_id, const Intent& intent,
              Time statements, Time commit);

  std::uint64_t seed_ = 0;
  std::vector<Table> tables_;
  std::vector<Arrivals> arrivals_;
  std::vector<Open> open_;  // a heap by (commit, arrivals, id)
  bool stopped_ = false;
  std::uint64_t committed_ = 0;
  std::uint64_t without_a_row_ = 0;
};

}  // namespace rehearse
