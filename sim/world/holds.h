// Why parts of the world do not run: each reason is a hold, with an owner, a reason and a span. A part runs while
// nobody holds it.
//
// An owner holds a part once, however often it asks to, and ends its own hold alone; so what the plan has paused stays
// paused when a repair's pause runs out. Left out: what a hold does to its part, which the world sees to.
// Invariant: holds() keeps every hold that there was, in the order in which they began.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

// What can be held: of a stream, its connector or its members (processor and sink); of a batch job, its cycles.
struct Part {
  enum class Kind : std::uint8_t { connector, members, batch } kind = Kind::batch;
  PipelineId pipeline = 0;  // index into World::streams or World::batches
  bool operator==(const Part&) const = default;
};

struct HoldOwner {
  enum class Who : std::uint8_t { plan, repair, fault } who = Who::plan;
  std::uint32_t index = 0;   // of the repair rule or the fault
  std::uint64_t number = 0;  // of the fault's strike
  bool operator==(const HoldOwner&) const = default;
};

struct Hold {
  enum class Reason : std::uint8_t { paused, crashed };
  Part part;
  HoldOwner owner;
  Reason reason = Reason::paused;
  std::string by{};  // the owner in words: "phase canary", "repair[0] of fields", "fault restart"
  Time from;
  std::optional<Time> until{};  // none while it lasts
};

class Holds {
 public:
  // False, and nothing is done, if the owner holds the part already.
  bool begin(Part part, HoldOwner owner, Hold::Reason reason, std::string by, Time now);
  // The hold that ended; none if the owner does not hold the part.
  std::optional<Hold> end(Part part, HoldOwner owner, Time now);

  bool held(Part part) const;
  bool held(Part part, Hold::Reason reason) const;
  // Those that last, in the order in which they began.
  std::vector<Hold> open() const;
  const std::vector<Hold>& all() const { return all_; }

 private:
  std::vector<Hold> all_;
  std::vector<std::size_t> open_;  // of them, by their place
};

}  // namespace rehearse
