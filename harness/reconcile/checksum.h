// Sums of rows' hashes over ranges of keys, and finding where two sides' sums differ.
//
// Knows rows by their hashes alone, so what two sides have in common in their sums escapes it as it does in a database:
// an XOR lets rows of an even number cancel out, and without the key in the hash two rows may swap their values.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/reconcile/check.h"

namespace rehearse::checksums {

enum class Combine : std::uint8_t { sum, exclusive_or };

struct Range {
  RowId first = 0, last = no_key;  // both included
};

// A range whose sums differ; of a single row, how.
struct Suspect {
  Range range;
  bool row = false;
  DiscrepancyClass kind = scenario::AGGREGATE;
};

struct Options {
  Combine combine = Combine::sum;
  std::uint64_t chunk_rows = 0;  // 0: the table as one chunk
  std::uint32_t split = 1;       // 1: a chunk that differs is claimed as it is
  std::uint64_t down_to = 1;     // rows of a part that is compared row by row
};

// What a search has cost.
struct Cost {
  std::uint64_t rows_read = 0;  // of both sides, over all rounds
  std::uint64_t rounds = 0;
};

using Rows = std::vector<HashedRow>;  // by row

// Of a range of rows. Exclusive or is its own inverse.
struct Sums {
  std::uint64_t rows = 0, sum = 0, exclusive_or = 0;
  Sums& operator+=(const Sums& more) {
    rows += more.rows, sum += more.sum, exclusive_or ^= more.exclusive_or;
    return *this;
  }
  Sums& operator-=(const Sums& less) {
    rows -= less.rows, sum -= less.sum, exclusive_or ^= less.exclusive_or;
    return *this;
  }
  bool operator==(const Sums&) const = default;
};
Sums sums_of(const Rows& rows, Range range);
bool differ(const Sums& a, const Sums& b, Combine combine);

// The ranges of the chunks: each holds `rows` rows of `reference` (the last one the rest), and together all keys.
std::vector<Range> chunks_of(const Rows& reference, std::uint64_t rows);
bool differs(const Rows& reference, const Rows& trial, Range range, Combine combine);
// The suspects in the ranges, found round by round: sums first, then parts of what differs, then rows.
std::vector<Suspect> search(const Rows& reference, const Rows& trial, std::vector<Range> ranges, const Options& options,
                            Cost& cost);
// The rows of a range that differ, by key.
void compare_rows(const Rows& reference, const Rows& trial, Range range, std::vector<Suspect>& out);

}  // namespace rehearse::checksums
