// A stage of a rehearsal in simulated time, which may take minutes: it tells how far it is, now and then, and ends when
// somebody wants it to.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "harness/campaign/rehearsal.h"
#include "sim/world/world.h"

namespace rehearse {

class Stage {
 public:
  // From where the world stands to `end`. Options and world outlive it. `phase`: what the migration's is called now.
  Stage(
      const RehearsalOptions& options, const World& world, Time end, const char* name,
      std::function<std::string()> phase = [] { return std::string(); })
      : options_(options),
        world_(world),
        end_(end),
        step_{(end - world.now()).ns / progress_steps},
        name_(name),
        phase_(std::move(phase)) {}

  // Asked after each event. Tells of itself first, if it is time.
  bool interrupted() {
    if (options_.progress && world_.now() >= next_) {
      next_ = world_.now() + step_;
      options_.progress({name_, world_.now(), end_, world_.source.changes(), phase_()});
    }
    return options_.is_interrupted();
  }

 private:
  const RehearsalOptions& options_;
  const World& world_;
  Time end_;
  Duration step_;
  Time next_;
  const char* name_;
  std::function<std::string()> phase_;
};

}  // namespace rehearse
