// The fork: what every store would hold if everything healed now and all that is owed were applied.
//
// Copies the world, heals every fault, stops writes, drains every lane (no further batch cycle, no human action) and
// compares every row with the contract. It is the ledger's proof, and tests hold the ledger to it.
#pragma once

#include <vector>

#include "faults/injector.h"
#include "sim/world/world.h"

namespace rehearse {

// Rows of each stream's store (by StoreId; empty for others) that differ from the source after the drain.
std::vector<std::vector<std::pair<TableId, RowId>>> divergent_after_fork(const World& world, const Injector& injector);

// Heals, stops writes and drains a world for good: what a rehearsal does at its end. Returns when the last lane was
// idle. Bounded: asserts that lanes come to rest within ten years of simulated time.
Time heal_and_drain(World& world, Injector& injector);

}  // namespace rehearse
