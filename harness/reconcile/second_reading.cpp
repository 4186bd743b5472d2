#include "harness/reconcile/second_reading.h"

namespace rehearse {
namespace {

Reading given(Reading reading, const SeenRows& rows, AsOf::Others others) {
  reading.given = std::make_shared<const SeenRows>(rows);
  reading.others = others;
  return reading;
}

}  // namespace

Reading read_with(const Reading& reading, const SeenRows& rows) {
  return rows.empty() ? reading : given(reading, rows, AsOf::Others::as_held);
}

Reading read_alone(const Reading& reading, const SeenRows& rows) {
  return given(reading, rows, AsOf::Others::left_out);
}

SupposedSides supposed_sides(const std::vector<Reading>& reference, const std::vector<Reading>& trial,
                             const Supposition& supposition) {
  SupposedSides sides;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    sides.reference.push_back(read_with(reference[i], supposition.reference[i].instead));
    sides.trial.push_back(read_with(supposition.nothing_late ? reference[i] : trial[i], supposition.trial[i].instead));
  }
  return sides;
}

}  // namespace rehearse
