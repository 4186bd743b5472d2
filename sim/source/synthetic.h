// A synthetic workload: transactions arrive by a calendar, each with a few changes picked by a mix and by popularity.
//
// Models: arrivals as an exact time change of a Poisson process per table; transaction sizes; updates and
// deletes by Zipf popularity or uniformly; inserts with the next key or, for a share of them, a deleted one; long
// transactions that commit later than their statements ran; bursts as superposed arrival streams with ids of their own.
// Leaves out: rolled-back transactions (they leave nothing in the log), locks, primary-key updates. Invariant: every
// draw is keyed by (table, stream, transaction, change), so a burst adds changes and moves no other.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/calendar.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "sim/kernel/time.h"
#include "sim/kernel/zipf.h"
#include "sim/rows/table_copy.h"
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
  std::uint64_t transactions_of(std::size_t arrivals) const;  // that have committed
  void stop_writes() { stopped_ = true; }
  std::uint64_t transactions() const { return committed_; }
  std::uint64_t changes_without_a_row() const { return without_a_row_; }

 private:
  struct Picks {
    double exponent = 0;
    std::uint64_t seed = 0;
    TableId table = 0;
    // Rows that `popular` ranks, and up to how many the table may grow before more are ranked; no limits without it.
    RowId covers = ~RowId{0}, covers_until = ~RowId{0};
    PopularKeys popular;
    void cover(RowId rows);
    bool ranks() const { return exponent > 0; }  // or else all rows are alike
  };
  struct Table {
    SyntheticTableOptions options;
    std::uint64_t insert_below = 0;  // of 2^32, which is every draw
    std::uint64_t update_below = 0;
    Geometric size;
    Chance long_transaction;
    std::size_t ahead = 1;  // transactions that are drawn at a time
    Picks updates, deletes;
    std::uint32_t size_of_transaction(std::uint64_t random_bits) const;
    Picks& picks(Op op) { return op == Op::update ? updates : deletes; }
    const Picks& picks(Op op) const { return op == Op::update ? updates : deletes; }
  };
  // What a change is drawn to be, before it meets the table: 32 bits row | 8 op | 8 attempt, one word.
  struct Intent {
    static constexpr RowId no_row = ~RowId{0};  // of an insert
    std::uint64_t packed = 0;
    static Intent make(RowId row, Op op, std::uint8_t attempt) {
      return {row | static_cast<std::uint64_t>(op) << 32 | std::uint64_t{attempt} << 40};
    }
    RowId row() const { return static_cast<RowId>(packed); }  // of an update or delete: what it picked
    Op op() const { return static_cast<Op>(packed >> 32 & 0xff); }
    std::uint8_t attempt() const { return static_cast<std::uint8_t>(packed >> 40); }  // earlier ones met dead rows
  };
  // Some changes of a table, drawn at a time, and what their picks hold for. They are drafted, their rows are fetched
  // into the cache, those whose row is dead pick again a few times, and then they are committed.
  struct Draft {
    static constexpr std::size_t usual_size = 4;  // of a transaction: as many are filled in without looking
    std::size_t changes = 0;
    std::array<std::uint64_t, many_draws + usual_size> ids;
    std::array<Time, many_draws + usual_size> at;  // of commits
    std::array<Intent, many_draws> intents;
    std::array<RowId, many_draws + 1> slots;  // that the table has by then, if nobody else inserts, and after the last
    std::array<RowId, 3> covers{};            // by Op: of its picks
    std::uint64_t reinserts = 0;              // as long as there are no more in that table, its dead rows stay dead
    bool fits(std::uint64_t size) const { return size <= many_draws - changes; }
    void add(std::uint64_t first_id, std::uint32_t size, Time commit);
  };
  // Of a draft, the changes that are to pick a row.
  struct Picking {
    struct Places {
      std::size_t count = 0;
      std::array<std::uint16_t, many_draws> at;
    };
    Places updates, removes;
    Places& of(Op op) { return op == Op::update ? updates : removes; }
  };
  // Coming transactions of a stream: the draft of their changes, or one that has more changes than a draft.
  struct Block {
    static constexpr std::size_t most = 64;
    enum class Stage : std::uint8_t { empty, drawn, drafted, settled } stage = Stage::empty;
    std::uint64_t first_id = 0;
    std::size_t count = 0;                       // transactions
    std::array<Time, most> at;                   // of theirs
    std::array<std::uint32_t, most + 1> change;  // the first of each, and one past the last
    bool too_large = false;
    Draft draft;
  };
  struct Arrivals {  // one stream of transactions
    TableId table = 0;
    RateCalendar calendar;
    Stream gaps, sizes, holds, kinds, keys;
    std::uint64_t next_id = 0;
    std::array<Block, 2> blocks;  // this one, and the coming one
    std::size_t which = 0;
    Time next = Time::never();
    Time until = Time::never();
    Block& block() { return blocks[which]; }
    Block& coming() { return blocks[1 - which]; }
    void see_next();
  };
  struct Open {  // a long transaction between its statements and its commit
    Time commit;
    std::uint32_t arrivals;
    std::uint64_t id;
    Time statements;
  };
  Arrivals arrivals(TableId table, const std::string& name, RateCalendar calendar, Time from, Time until) const;
  void draw(const Arrivals& arrivals, std::uint64_t first_id, Time from, Block& block) const;
  void draw_coming(Arrivals& arrivals) const;
  void take(Arrivals& arrivals, std::size_t transactions) const;  // so many have begun
  void draft(const Arrivals& arrivals, RowId slots, Draft& draft) const;
  static void pick(const Picks& picks, const Arrivals& arrivals, std::uint8_t attempt, Op op,
                   const Picking::Places& places, Draft& draft);
  static void find_dead(std::span<const Cell> cells, const Draft& draft, Picking& dead);
  static void keep_dead(std::span<const Cell> cells, const Draft& draft, Picking::Places& dead);
  void pick_again(const Arrivals& arrivals, const Source& source, std::uint8_t attempt, Draft& draft,
                  Picking& dead) const;
  void settle(const Source& source, Arrivals& arrivals) const;
  static RowId pick(const Picks& picks, const Arrivals& arrivals, std::uint64_t change_id, std::uint32_t attempt,
                    RowId slots);
  struct Committing {  // changes of a draft
    Source& source;
    Table& table;
    const Arrivals& arrivals;
    const Draft& draft;
    const Draft* coming = nullptr;        // whose rows are fetched meanwhile
    Duration held{};                      // from statements to commits
    std::array<std::uint8_t, 3> holds{};  // by Op: below this attempt, picks of the draft are what would be picked now
    void see_table(std::size_t change);   // before a change that comes after an insert
    bool holds_for(Intent intent) const { return intent.attempt() < holds[static_cast<std::size_t>(intent.op())]; }
  };
  void commit_block(Source& source, Arrivals& arrivals, Time until);
  void commit_large(Source& source, const Arrivals& arrivals, std::uint64_t id, Time statements, Time at);
  void commit(Committing& c, std::size_t from, std::size_t to);
  static std::size_t commit_drafted(Committing& c, std::size_t from, std::size_t to);
  void commit_anew(Committing& c, std::size_t change);
  static bool reinsert(Committing& c, std::size_t change);

  std::uint64_t seed_ = 0;
  std::vector<Table> tables_;
  std::vector<Arrivals> arrivals_;
  std::vector<Open> open_;  // a heap by (commit, arrivals, id)
  bool stopped_ = false;
  std::uint64_t committed_ = 0;
  std::uint64_t without_a_row_ = 0;
};

}  // namespace rehearse
