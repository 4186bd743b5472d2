// A fault: what the environment does to the world. One folder entry each: parameters (.proto), code, text.
//
// A fault acts through the control methods and taps that components offer. strike() starts one strike, end() ends it;
// a strike that is over at once has no end. Faults are values behind clone(), so that a forked world can be healed on
// its own. Invariant: after end() of every strike nothing of the fault acts on the world any more.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "sim/kernel/time.h"
#include "sim/world/world.h"

namespace google::protobuf {
class Message;
}
namespace rehearse::values {
class Distribution;
}

namespace rehearse {

struct Strike {
  World& world;
  std::uint32_t fault = 0;   // its index: names its taps
  std::uint64_t number = 0;  // of the strike, from 0
  std::string name;          // of the fault
  CauseSet cause = 0;        // "fault NAME"
};

class Fault {
 public:
  virtual ~Fault() = default;
  virtual std::unique_ptr<Fault> clone() const = 0;
  // Strikes now. Returns how long the strike lasts; none: it is over, or lasts until it is healed (see heals_only()).
  virtual std::optional<Duration> strike(const Strike& strike) = 0;
  virtual void end(const Strike& strike) = 0;
  // Whether a strike without an end of its own must be ended by heal_all().
  virtual bool lasts() const { return false; }
  // What a strike hit so far: records and columns that some dataset reads and that it altered, copied or held back,
  // transactions that it brought, or one if it stopped a part that had work. Whether any harm came of it is not asked.
  // What two strikes do that overlap is counted once, for the first of them.
  virtual std::uint64_t hits(const World& world, std::uint32_t fault, std::uint64_t strike) const = 0;
  // Whether the oldest change that was not visible then stood still by a strike, so that what is late by it is late by
  // the strike.
  virtual bool held_up(const World& world, std::uint32_t fault, std::uint64_t strike) const {
    return hits(world, fault, strike) > 0;
  }
};

// The usual clone(): a copy.
template <class Derived>
class CopiedFault : public Fault {
 public:
  std::unique_ptr<Fault> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

// The tap of a fault in a pipeline, from the beginning of a strike to the end of the last that overlaps it: strikes
// that overlap are one, and what they hit is the first's as long as that lasts.
class PipelineTaps {
 public:
  explicit PipelineTaps(std::string pipeline) : pipeline_(std::move(pipeline)) {}
  template <class MakeTap>  // MakeTap() -> std::unique_ptr<Tap>
  void insert(const Strike& strike, MakeTap make) {
    settle(strike.world, strike.fault);
    under_way_.push_back(strike.number);
    hits_.resize(strike.number + 1);
    if (under_way_.size() > 1) return;
    if (Taps* taps = find(strike.world)) taps->insert(strike.fault, make());
  }
  void remove(const Strike& strike);
  std::uint64_t hits(const World& world, std::uint32_t fault, std::uint64_t strike) const;

 private:
  Taps* find(World& world) const;
  std::uint64_t not_settled(const World& world, std::uint32_t fault) const;
  void settle(const World& world, std::uint32_t fault);

  std::string pipeline_;
  std::vector<std::uint64_t> hits_;       // by strike, as far as they are settled
  std::uint64_t settled_ = 0;             // of what the tap that is there has struck
  std::vector<std::uint64_t> under_way_;  // numbers of strikes, as they began
};

std::optional<PipelineId> find_stream(const World& world, const std::string& name);
std::optional<TableId> find_table(const World& world, const std::string& name);
// Whether some dataset is of the table or made from it, and whether some dataset's contract names the column.
bool a_dataset_reads(const World& world, TableId table);
bool a_dataset_reads(const World& world, TableId table, ColumnId column);
// By table: the first of these.
std::vector<bool> tables_that_datasets_read(const World& world);
// A distribution over durations, as the scenario gives it.
Sampler sampler(const values::Distribution& distribution);

}  // namespace rehearse
