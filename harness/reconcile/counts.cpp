#include "harness/reconcile/counts.h"

#include "sim/kernel/wide.h"

namespace rehearse {

bool tolerated(const scenario::Amount& tolerance, std::uint64_t reference, std::uint64_t difference) {
  if (tolerance.has_share_ppb())
    return static_cast<Unsigned128>(difference) * 1'000'000'000 <=
           static_cast<Unsigned128>(reference) * static_cast<std::uint64_t>(tolerance.share_ppb());
  return difference <= static_cast<std::uint64_t>(tolerance.rows());
}

bool can_be_told(const scenario::Window& window, const ReadView& view, TableId table) {
  const auto column = view.column(table, window.column());
  const bool created_at = column && view.schema(table).role(*column) == ColumnRole::created_at;
  return created_at && view.knows_creation_times(table);
}

}  // namespace rehearse
