// The naive twin of the truth ledger: what docs/model.md defines, asked of every row at every instant of its history.
//
// It rehearses a random world of its own, in which every row is watched. For each row it keeps all that was expected of
// it, all that the store showed, and when each delivery was under way. Then it goes through the instants at which any
// of this changed and asks, of the whole history up to there: is the row right? If not, is it late? From one instant to
// the next it remembers no more than which changes were missed while the row was divergent, for no commit excuses them.
// A batch store it compares after every event, row by row, with a full copy of the source taken where its content was
// extracted. It takes nothing from the ledger. Left out: automatic repairs; people's, which there are, are no carriers.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/oracle/random_world.h"

namespace rehearse::oracle_test {

class NaiveTwin {
 public:
  enum class State : std::uint8_t { right, late, divergent };
  using Row = std::tuple<StoreId, TableId, RowId>;
  using States = std::vector<std::pair<Time, State>>;  // from a time on; right until the first

  explicit NaiveTwin(const RandomWorld& design);
  NaiveTwin(const NaiveTwin&) = delete;
  NaiveTwin& operator=(const NaiveTwin&) = delete;

  // Of the rows that were not right all the time.
  const std::map<Row, States>& states() const { return states_; }
  const World& world() const { return *world_; }
  // How many rows a stream's store holds otherwise at the end than was told: none, or the twin cannot know.
  std::uint64_t untold() const;

 private:
  struct Shown {
    Cell cell;
    std::uint32_t extra = 0;
    Write of = 0;  // the change whose delivery left it there
    bool same_as(const Shown& other) const {
      return cell.write == other.cell.write && cell.mark == other.cell.mark && extra == other.extra;
    }
  };
  struct Delivery {
    Cell record;                // what it should bring, and
    std::optional<Mark> holds;  // what it does, if it is a further one
    Time from, until = Time::never();
  };
  struct History {                                // in the order of time
    std::vector<std::pair<Time, Cell>> expected;  // before the first change, and after each
    std::vector<std::pair<Time, Shown>> shown;
    std::vector<Delivery> deliveries;
  };
  struct Instant {  // of a row's history
    TableId table;
    RowId row;
    Time at;
    const History& history;
    Shown shown;
    std::size_t newest;     // of what was expected by then
    std::size_t delivered;  // what was expected after the change that was delivered there
    std::size_t met;        // what was expected when it was
  };
  struct BatchStore {
    SourceCopy extract;
    bool running = false;
    std::map<std::uint64_t, SourceCopy> by_load;
  };
  void look(const World& world);
  void compare(StoreId store);
  void expect_in_streams();
  void follow(const Fact& fact);
  bool equal(TableId table, RowId row, Time at, Cell expected, const Shown& shown) const;
  std::set<Time> instants(TableId table, const History& history) const;
  static Instant instant(TableId table, RowId row, const History& history, Time at);
  bool shows(const Instant& now, std::size_t expected) const;
  bool late(const Instant& now, const std::set<Write>& missed) const;
  bool under_way(const Instant& now, std::size_t change) const;
  void judge(const Row& key, const History& history);
  void note(const Row& row, Time at, State state);

  const World* world_ = nullptr;  // of the rehearsal
  std::optional<SourceCopy> initial_;
  Facts facts_;                                        // of streams' stores
  std::map<TableId, std::vector<Time>> next_version_;  // of its schema
  std::map<StoreId, BatchStore> batches_;
  std::map<Row, History> histories_;  // of streams' stores
  std::map<Row, States> states_;
  std::optional<Rehearsal> rehearsal_;
};

}  // namespace rehearse::oracle_test
