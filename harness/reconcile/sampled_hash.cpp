// Hashes of a fresh sample of keys on both sides: damage of a few rows mostly escapes it.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"

namespace rehearse {

std::unique_ptr<Check> make_sampled_hash(const scenario::Check& check, const ReadView& view,
                                         CheckDescription description) {
  const scenario::SampledHash& options = check.sampled_hash();
  describe(description, options.comparison(), view);
  description.compares = compared_columns(options.columns(), description.tables, view);
  return std::make_unique<KeyedCheck>(
      std::move(description), options.comparison(),
      KeyedCheck::Options{.columns = options.columns(), .sample_ppb = options.sample_ppb(), .says_columns = false},
      view);
}

}  // namespace rehearse
