// What checks of counts and aggregates share: the tolerance of a count, windows of created_at, and groups of two sides
// beside each other.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/schema/checks.pb.h"
#include "sim/world/read_view.h"

namespace rehearse {

// Whether a count may lie so far from the reference: a share of it, or a number of rows.
bool tolerated(const scenario::Amount& tolerance, std::uint64_t reference, std::uint64_t difference);

inline std::uint64_t apart(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

// Whether rows of the window can be told: it is of created_at, and the source knows when rows were created.
bool can_be_told(const scenario::Window& window, const ReadView& view, TableId table);

// Each(reference, trial) for every group of either side, in their order; null for the side that lacks it. Both lists
// are in the order of groups.
template <class Each>
void for_each_group(const std::vector<AggregateGroup>& reference, const std::vector<AggregateGroup>& trial, Each each) {
  std::size_t a = 0, b = 0;
  while (a < reference.size() || b < trial.size()) {
    const bool has_a = a < reference.size() && (b == trial.size() || reference[a].group <= trial[b].group);
    const bool has_b = b < trial.size() && (a == reference.size() || trial[b].group <= reference[a].group);
    each(has_a ? &reference[a] : nullptr, has_b ? &trial[b] : nullptr);
    a += has_a;
    b += has_b;
  }
}

}  // namespace rehearse
