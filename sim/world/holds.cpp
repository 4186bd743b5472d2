#include "sim/world/holds.h"

#include <algorithm>
#include <utility>

namespace rehearse {

bool Holds::begin(Part part, HoldOwner owner, Hold::Reason reason, std::string by, Time now) {
  for (const std::size_t i : open_)
    if (all_[i].part == part && all_[i].owner == owner) return false;
  open_.push_back(all_.size());
  all_.push_back({part, owner, reason, std::move(by), now});
  return true;
}

std::optional<Hold> Holds::end(Part part, HoldOwner owner, Time now) {
  const auto at = std::find_if(open_.begin(), open_.end(),
                               [&](std::size_t i) { return all_[i].part == part && all_[i].owner == owner; });
  if (at == open_.end()) return std::nullopt;
  Hold& hold = all_[*at];
  open_.erase(at);
  hold.until = now;
  return hold;
}

bool Holds::held(Part part) const {
  return std::any_of(open_.begin(), open_.end(), [&](std::size_t i) { return all_[i].part == part; });
}

bool Holds::held(Part part, Hold::Reason reason) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](std::size_t i) { return all_[i].part == part && all_[i].reason == reason; });
}

std::vector<Hold> Holds::open() const {
  std::vector<Hold> holds;
  for (const std::size_t i : open_) holds.push_back(all_[i]);
  return holds;
}

}  // namespace rehearse
