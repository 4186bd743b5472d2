// Zipf's exponent from how often each key was hit in two halves of a sample.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace rehearse {

using HalfHits = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // by key: in the first half, in the second

// Ranks of one half, likelihood of the other, both ways; too low by what noise in the ranks hides.
double cross_ranked_zipf(const HalfHits& hits, std::uint64_t keys);
// The same, with that put back: the exponent whose samples of this size look like this one.
double fit_zipf(const HalfHits& hits, std::uint64_t keys);

}  // namespace rehearse
