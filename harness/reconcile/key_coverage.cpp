// Keys that one side has and the other lacks: an anti-join both ways, or one way only, which is half blind.
//
// Sees no values and no copies: a row that differs, or is there twice, has its key on both sides.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"

namespace rehearse {
namespace {

std::uint32_t classes_of(scenario::KeyCoverage::Direction direction) {
  switch (direction) {
    case scenario::KeyCoverage::ONLY_MISSING:
      return 1U << scenario::MISSING;
    case scenario::KeyCoverage::ONLY_EXTRA:
      return 1U << scenario::EXTRA;
    default:
      return 1U << scenario::MISSING | 1U << scenario::EXTRA;
  }
}

}  // namespace

std::unique_ptr<Check> make_key_coverage(const scenario::Check& check, const ReadView& view,
                                         CheckDescription description) {
  const scenario::KeyCoverage& options = check.key_coverage();
  describe(description, options.comparison(), view);
  return std::make_unique<KeyedCheck>(std::move(description), options.comparison(),
                                      KeyedCheck::Options{.columns = {}, .classes = classes_of(options.look_for())},
                                      view);
}

}  // namespace rehearse
