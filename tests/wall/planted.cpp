// A check as somebody might write it; each macro plants one look behind the wall.
#include "sim/world/read_view.h"

namespace rehearse {

std::uint64_t planted(ReadView& view, StoreId store, TableId table) {
  const Reading reading = view.open(store, table);
  std::uint64_t seen = view.lag_records(store) + view.lowest_position(store);
#ifdef ASKS_FOR_A_CAUSE
  seen += view.cause(reading, 0);
#endif
#ifdef ASKS_FOR_A_MARK
  seen += view.cell(reading, 0).mark;
#endif
#ifdef ASKS_FOR_THE_WORLD
  seen += view.world_->causes.causes();
#endif
#ifdef ASKS_FOR_FACTS
  seen += view.facts().size();
#endif
  view.close(reading);
  return seen;
}

}  // namespace rehearse
