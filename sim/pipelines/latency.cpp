#include "sim/pipelines/latency.h"

#include "sim/kernel/assert.h"

namespace rehearse {

LatencyHistogram LatencyHistogram::since(const LatencyHistogram& earlier) const {
  LatencyHistogram difference = *this;
  for (std::size_t i = 0; i < cells; ++i) difference.counts_[i] -= earlier.counts_[i];
  difference.count_ -= earlier.count_;
  difference.sum_ns_ -= earlier.sum_ns_;
  return difference;
}

std::uint64_t LatencyHistogram::upper_edge(std::size_t cell) {
  if (cell < (1U << cell_bits)) return cell;
  const std::size_t octave = (cell >> cell_bits) - 1;
  const std::uint64_t first = (cell - (octave << cell_bits)) << octave;
  return first + ((std::uint64_t{1} << octave) - 1);
}

Duration LatencyHistogram::percentile(std::uint64_t parts_per_million) const {
  REHEARSE_ASSERT(count_ > 0, "a percentile needs a sample");
  const std::uint64_t wanted = (count_ * parts_per_million + 999'999) / 1'000'000;
  std::uint64_t seen = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    seen += counts_[cell];
    if (seen >= wanted && counts_[cell] > 0) return {static_cast<std::int64_t>(upper_edge(cell))};
  }
  REHEARSE_ASSERT(false, "the cells of a histogram add up to its count");
}

}  // namespace rehearse
