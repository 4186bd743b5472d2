// Which row a read asks for: drawn over the source's keys, uniformly or by popularity.
//
// Keys that neither side holds are drawn again, up to a number of attempts. A draw is keyed by the read's number and
// the attempt, so that it depends on nothing that was read before.
#pragma once

#include <cstdint>

#include "sim/kernel/draw.h"
#include "sim/kernel/zipf.h"
#include "sim/rows/types.h"

namespace rehearse {

class KeyDraw {
 public:
  KeyDraw() = default;
  // `zipf`: the exponent of the keys' popularity, 0 = all alike. `seed` and `table` say which keys are popular, to
  // readers and to the workload alike.
  KeyDraw(Stream draws, double zipf, std::uint64_t seed, TableId table)
      : draws_(draws), zipf_exponent_(zipf), seed_(seed), table_(table) {}

  // The first row drawn that `there` holds of; the last one tried if there is none. `slots` > 0: of the source's keys.
  template <class There>  // There(RowId) -> bool
  RowId operator()(std::uint64_t number, RowId slots, There there) {
    RowId row = 0;
    for (std::uint32_t attempt = 0; attempt < most_attempts; ++attempt) {
      row = draw(number, attempt, slots);
      if (there(row)) break;
    }
    return row;
  }

 private:
  static constexpr std::uint32_t most_attempts = 64;
  RowId draw(std::uint64_t number, std::uint32_t attempt, RowId slots);

  Stream draws_;
  double zipf_exponent_ = 0;
  std::uint64_t seed_ = 0;
  TableId table_ = 0;
  // Of the first `covers_` keys: made anew when the table has grown by a sixteenth.
  Zipf zipf_{1, 0};
  KeyPermutation permutation_;
  RowId covers_ = 0;
};

}  // namespace rehearse
