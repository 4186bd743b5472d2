// The hash of every row, key by key: sees every row that differs, not in which column.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"

namespace rehearse {

std::unique_ptr<Check> make_keyed_hash(const scenario::Check& check, const ReadView& view,
                                       CheckDescription description) {
  const scenario::KeyedHash& options = check.keyed_hash();
  describe(description, options.comparison(), view);
  description.compares = compared_columns(options.columns(), description.tables, view);
  return std::make_unique<KeyedCheck>(std::move(description), options.comparison(),
                                      KeyedCheck::Options{.columns = options.columns()}, view);
}

}  // namespace rehearse
