#include "sim/pipelines/latency.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

void LatencyHistogram::catch_up_with(const LatencyHistogram& later) {
  for (std::uint64_t octaves = later.octaves_; octaves != 0; octaves &= octaves - 1) {
    const std::ptrdiff_t first = std::ptrdiff_t{std::countr_zero(octaves)} << cell_bits;
    std::copy_n(later.counts_.begin() + first, 1U << cell_bits, counts_.begin() + first);
  }
  octaves_ = later.octaves_;
  count_ = later.count_;
  sum_ns_ = later.sum_ns_;
}

std::uint64_t LatencyHistogram::upper_edge(std::size_t cell) {
  if (cell < (1U << cell_bits)) return cell;
  const std::size_t octave = (cell >> cell_bits) - 1;
  const std::uint64_t first = (cell - (octave << cell_bits)) << octave;
  return first + ((std::uint64_t{1} << octave) - 1);
}

Duration LatencyHistogram::percentile(std::uint64_t parts_per_million, const LatencyHistogram* without) const {
  const std::uint64_t count = count_ - (without ? without->count_ : 0);
  REHEARSE_ASSERT(count > 0, "a percentile needs a sample");
  const std::uint64_t wanted = (count * parts_per_million + 999'999) / 1'000'000;
  std::uint64_t seen = 0;
  for (std::uint64_t octaves = octaves_; octaves != 0; octaves &= octaves - 1) {
    const std::size_t first = static_cast<std::size_t>(std::countr_zero(octaves)) << cell_bits;
    for (std::size_t cell = first; cell < first + (1U << cell_bits); ++cell) {
      const std::uint64_t here = counts_[cell] - (without ? without->counts_[cell] : 0);
      seen += here;
      if (seen >= wanted && here > 0) return {static_cast<std::int64_t>(upper_edge(cell))};
    }
  }
  REHEARSE_ASSERT(false, "the cells of a histogram add up to its count");
}

}  // namespace rehearse
