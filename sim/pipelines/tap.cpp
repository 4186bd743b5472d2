#include "sim/pipelines/tap.h"

#include <algorithm>

namespace rehearse {

std::uint64_t Taps::remove(std::uint32_t fault) {
  std::uint64_t hits = 0;
  for (const Entry& e : taps_)
    if (e.fault == fault) hits += e.tap->hits();
  taps_.erase(std::remove_if(taps_.begin(), taps_.end(), [&](const Entry& e) { return e.fault == fault; }),
              taps_.end());
  return hits;
}

std::uint64_t Taps::hits(std::uint32_t fault) const {
  std::uint64_t hits = 0;
  for (const Entry& e : taps_)
    if (e.fault == fault) hits += e.tap->hits();
  return hits;
}

void Taps::decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) {
  for (Entry& e : taps_) e.tap->decide(records, fates, context);
}

}  // namespace rehearse
