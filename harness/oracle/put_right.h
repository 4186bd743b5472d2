// A divergent row as it would be if some of its causes had not been: what a second reading supposes.
//
// What the row holds is taken apart: each altered column has the causes that altered it; that the row is missing, too
// much, too often or of an older write, has the causes that remain, and so has a column of which nobody says why it was
// altered. A row of which nothing of the kind can be told is right or wrong as a whole.
#pragma once

#include <functional>
#include <vector>

#include "harness/oracle/divergence.h"

namespace rehearse {

// Whether what these causes did is to stay. They may be none that is known.
using Stays = std::function<bool(CauseSet causes)>;

AsOf::Seen supposed_row(World& world, const DivergentInterval& divergent, const Stays& stays);
inline AsOf::Seen row_put_right(const DivergentInterval& divergent) {
  return {divergent.row, divergent.state.contract, 0};
}
inline AsOf::Seen row_as_it_is(const DivergentInterval& divergent) {
  return {divergent.row, divergent.state.cell, divergent.state.extra};
}

// The causes for which a divergent row differs in some of these columns (as Claim::columns), or altogether.
std::vector<CauseId> causes_in_columns(const World& world, const DivergentInterval& divergent, std::uint64_t columns);

}  // namespace rehearse
