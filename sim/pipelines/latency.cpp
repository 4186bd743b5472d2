#include "sim/pipelines/latency.h"

#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/kernel/wide.h"

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

Duration LatencyHistogram::within(std::size_t cell, std::uint64_t rank, std::uint64_t count) {
  if (cell < (1U << cell_bits)) return {static_cast<std::int64_t>(cell)};
  const std::size_t octave = (cell >> cell_bits) - 1;
  const std::uint64_t first = (cell - (octave << cell_bits)) << octave;
  const Unsigned128 twice_into = (static_cast<Unsigned128>(2 * rank - 1) << octave) / count;
  return {static_cast<std::int64_t>(first + static_cast<std::uint64_t>(twice_into / 2))};
}

Duration LatencyHistogram::exact(std::uint64_t rank, std::uint64_t count) const {
  std::array<std::uint64_t, kept_exactly> durations;
  for (std::uint64_t i = 0; i < count; ++i) durations[i] = last_[(count_ - count + i) % kept_exactly];
  const auto wanted = durations.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(durations.begin(), wanted, durations.begin() + static_cast<std::ptrdiff_t>(count));
  return {static_cast<std::int64_t>(*wanted)};
}

Duration LatencyHistogram::percentile(std::uint64_t parts_per_million, const LatencyHistogram* without) const {
  const std::uint64_t count = count_ - (without ? without->count_ : 0);
  REHEARSE_ASSERT(count > 0, "a percentile needs a sample");
  const std::uint64_t wanted = std::max<std::uint64_t>((count * parts_per_million + 999'999) / 1'000'000, 1);
  if (count <= kept_exactly) return exact(wanted, count);
  std::uint64_t seen = 0;
  for (std::uint64_t octaves = octaves_; octaves != 0; octaves &= octaves - 1) {
    const std::size_t first = static_cast<std::size_t>(std::countr_zero(octaves)) << cell_bits;
    for (std::size_t cell = first; cell < first + (1U << cell_bits); ++cell) {
      const std::uint64_t here = counts_[cell] - (without ? without->counts_[cell] : 0);
      if (seen + here >= wanted) return within(cell, wanted - seen, here);
      seen += here;
    }
  }
  REHEARSE_ASSERT(false, "the cells of a histogram add up to its count");
}

}  // namespace rehearse
