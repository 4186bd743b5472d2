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
  // What it struck so far, over all strikes: records, transactions, crashes, statements.
  virtual std::uint64_t hits(const World& world, std::uint32_t fault) const = 0;
  // Whether it could be noticed at all: it altered, copied, dropped or delayed a record, or a column, that a dataset
  // reads, or stopped a part that had work. Whether any harm came of it is not asked.
  virtual bool mattered(const World& world, std::uint32_t fault) const { return hits(world, fault) > 0; }
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
// that overlap are one.
class PipelineTaps {
 public:
  explicit PipelineTaps(std::string pipeline) : pipeline_(std::move(pipeline)) {}
  template <class MakeTap>  // MakeTap() -> std::unique_ptr<Tap>
  void insert(World& world, std::uint32_t fault, MakeTap make) {
    if (under_way_++ > 0) return;
    if (Taps* taps = find(world)) taps->insert(fault, make());
  }
  void remove(World& world, std::uint32_t fault) {
    if (--under_way_ > 0) return;
    if (Taps* taps = find(world)) struck_ += taps->remove(fault);
  }
  std::uint64_t hits(const World& world, std::uint32_t fault) const {
    const Taps* taps = find(const_cast<World&>(world));
    return struck_ + (taps ? taps->hits(fault) : 0);
  }
  const std::string& pipeline() const { return pipeline_; }

 private:
  Taps* find(World& world) const {
    for (StreamPipeline& stream : world.streams)
      if (stream.name == pipeline_) return &stream.connector.taps;
    for (BatchJob& job : world.batches)
      if (job.name == pipeline_) return &job.pipeline.taps;
    return nullptr;
  }
  std::string pipeline_;
  std::uint64_t struck_ = 0;     // by taps that are gone
  std::uint32_t under_way_ = 0;  // strikes
};

std::optional<PipelineId> find_stream(const World& world, const std::string& name);
std::optional<TableId> find_table(const World& world, const std::string& name);
// Whether some dataset is of the table or made from it, and whether some dataset's contract names the column.
bool a_dataset_reads(const World& world, TableId table);
bool a_dataset_reads(const World& world, TableId table, ColumnId column);
// A distribution over durations, as the scenario gives it.
Sampler sampler(const values::Distribution& distribution);

}  // namespace rehearse
