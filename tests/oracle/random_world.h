// Small random worlds for the truth ledger: a few tables, streams, batch jobs, faults and operators, named by a number.
//
// Options are drawn swarm style: each feature is off altogether in many worlds, so that features also meet alone. A
// RandomWorld is a description; a Rehearsal is the world, its injector and its ledger, run event by event. Instants and
// periods are often round, so that ties are common. Left out: captured sources, consumers.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/injector.h"
#include "harness/oracle/ledger.h"
#include "sim/kernel/draw.h"
#include "sim/world/through_time.h"
#include "sim/world/world.h"

namespace rehearse::oracle_test {

// A sequence of keyed draws.
class Chooser {
 public:
  Chooser(std::uint64_t world, const char* purpose) : stream_(stream(world, purpose)) {}
  std::int64_t between(std::int64_t lo, std::int64_t hi) {  // both ends included
    return lo + static_cast<std::int64_t>(below(bits(stream_, next_++), static_cast<std::uint64_t>(hi - lo + 1)));
  }
  bool one_in(int n) { return between(1, n) == 1; }
  template <class T>
  T of(std::initializer_list<T> values) {
    return *std::next(values.begin(), between(0, static_cast<std::int64_t>(values.size()) - 1));
  }
  Duration duration(Duration lo, Duration hi) { return {between(lo.ns, hi.ns)}; }
  // Round (to 100 ms) in half of the cases.
  Time instant(Time from, Time until) {
    const std::int64_t ns = between(from.ns, until.ns);
    return {one_in(2) ? ns / 100'000'000 * 100'000'000 : ns};
  }

 private:
  Stream stream_;
  std::uint64_t next_ = 0;
};

struct StoreDesign {
  std::string name;  // of the store and of its pipeline
  std::vector<bool> holds;
  bool batch = false;
  ConnectorOptions connector;
  TopicOptions topic;
  SinkOptions sink;
  Duration every, offset;  // cycles
  BatchOptions extract;
};

struct FaultDesign {
  std::string name;
  std::shared_ptr<const google::protobuf::Message> parameters;  // none: drops records (see drops_records.h)
  std::string drops_of;                                         // the pipeline whose records are dropped
  Duration drops_for;
  std::optional<Time> at;
  std::optional<Duration> every, mean_gap;
  std::optional<Time> until;
};

struct Control {
  enum class Kind : std::uint8_t { repair, deduplicate, pause_batch, resume_batch, restore, speed } kind = Kind::repair;
  Time at;
  StoreId store = 0;
  TableId table = 0;
  RowId row = 0;
  Duration later;           // from a repair's read to its write
  std::uint32_t value = 0;  // parts per million of full speed, or versions back
};

struct RandomWorld {
  std::uint64_t number = 0;
  WorldOptions options;
  std::vector<StoreDesign> stores;
  std::vector<FaultDesign> faults;
  std::vector<Control> controls;
  Time end;
};

// What a world may have.
struct Features {
  bool faults = true;        // any
  bool delays_only = false;  // faults that only delay or repeat: restarts, duplicates, late deletes, bursts
  bool restarts_only = false;
  bool defects = true;  // sinks that lose, append or ignore; small retention; no snapshot; mappings by name
  bool batches = true;
  bool controls = true;
  std::optional<WriteMode> write;
  bool by_key_only = false;
};
RandomWorld random_world(std::uint64_t number, const Features& features);
// Draws of its own: worlds whose datasets have all rows of a table are what they would be without this.
void add_row_rules(RandomWorld& world, const Features& features);
// Its parts, before anything has started.
World build(const RandomWorld& design);
std::vector<FaultPlan> fault_plans(const RandomWorld& design, const std::set<std::string>& without);

using RowKeys = std::vector<RowKey>;

// Cells of all tables of a source as of one instant.
using SourceCopy = std::vector<std::vector<Cell>>;
SourceCopy full_copy(const World& world);

class Rehearsal {
 public:
  explicit Rehearsal(const RandomWorld& design, const std::set<std::string>& without_faults = {});
  // Without a ledger: every row of every store is watched from the start, and `onlooker` sees the world, with all facts
  // that are new, wherever the ledger would.
  using Onlooker = std::function<void(const World&)>;
  Rehearsal(const RandomWorld& design, Onlooker onlooker);
  // Every event up to and with `to`; `cuts` are extra advances.
  void run(Time to, const std::vector<Time>& cuts = {});
  // Heals, stops writes and drains, while the ledger looks on. Rows of a store about which the drain brought a fact
  // that deviates from its record are put into `deviating`, if given.
  void drain(std::vector<std::set<RowKey>>* deviating = nullptr);
  void observe();
  static inline std::function<void(const World&, const Fact&)> trace;

  // Rows of a store that differ from what its contract expects, by comparing every row: for a stream with the source
  // now, for a batch store with the copy taken at the extract.
  RowKeys scan(StoreId store) const;
  RowKeys divergent(StoreId store) const { return ledger.divergent_rows(store); }
  // Everything that may be compared between two runs, causes by name.
  std::vector<std::string> intervals() const;
  std::vector<std::string> cells() const;
  std::string causes(CauseSet set) const;

  World world;
  Injector injector;
  Ledger ledger;

 private:
  void start();
  void handle(const Event& event);
  void carry_out(const Event& event);
  bool differs(TableId table, RowId row, Cell expected, Cell actual, std::uint32_t extra) const;
  void follow_batches();
  std::shared_ptr<const RandomWorld> design_;
  struct BatchCopies {
    SourceCopy extract, expected;
    std::vector<SourceCopy> versions;  // oldest first
    std::uint64_t loads = 0;
    bool running = false;
  };
  std::vector<BatchCopies> copies_;
  std::vector<Cell> images_;  // that repairs have read, by control
  Onlooker onlooker_;
};

std::vector<Time> random_cuts(std::uint64_t number, Time end);

}  // namespace rehearse::oracle_test
