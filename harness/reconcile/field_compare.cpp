// Every row, column by column, NULL being different from every value: says which columns differ.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"

namespace rehearse {

std::unique_ptr<Check> make_field_compare(const scenario::Check& check, const ReadView& view,
                                          CheckDescription description) {
  const scenario::FieldCompare& options = check.field_compare();
  describe(description, options.comparison(), view);
  description.compares = compared_columns(options.columns(), description.tables, view);
  return std::make_unique<KeyedCheck>(
      std::move(description), options.comparison(),
      KeyedCheck::Options{.columns = options.columns(), .sample_ppb = options.sample_ppb(), .says_columns = true},
      view);
}

}  // namespace rehearse
