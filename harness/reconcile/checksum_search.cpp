#include <algorithm>

#include "harness/reconcile/checksum.h"

namespace rehearse::checksums {
namespace {

std::pair<Rows::const_iterator, Rows::const_iterator> within(const Rows& rows, Range range) {
  const auto first =
      std::partition_point(rows.begin(), rows.end(), [&](const HashedRow& r) { return r.row < range.first; });
  return {first, std::partition_point(first, rows.end(), [&](const HashedRow& r) { return r.row <= range.last; })};
}

std::uint64_t keys_in(const Rows& rows, Range range) {
  const auto [first, last] = within(rows, range);
  return static_cast<std::uint64_t>(last - first);
}

// A range in at most `parts` ranges of equally many rows of the side that has more in it.
std::vector<Range> parts_of(const Rows& reference, const Rows& trial, Range range, std::uint32_t parts) {
  const Rows& fuller = keys_in(trial, range) > keys_in(reference, range) ? trial : reference;
  const auto [first, last] = within(fuller, range);
  const auto keys = static_cast<std::uint64_t>(last - first);
  std::vector<Range> split;
  RowId from = range.first;
  for (std::uint64_t part = 1; part < parts; ++part) {
    const auto until = first + static_cast<std::ptrdiff_t>(keys * part / parts);
    if (until == last || until->row <= from) continue;
    split.push_back({from, until->row - 1});
    from = until->row;
  }
  split.push_back({from, range.last});
  return split;
}

}  // namespace

std::vector<Range> chunks_of(const Rows& reference, std::uint64_t rows) {
  std::vector<Range> chunks;
  RowId from = 0;
  for (std::uint64_t next = rows; rows > 0 && next < reference.size(); next += rows) {
    chunks.push_back({from, reference[next].row - 1});
    from = reference[next].row;
  }
  chunks.push_back({from, no_key});
  return chunks;
}

Sums sums_of(const Rows& rows, Range range) {
  Sums sums;
  const auto [first, last] = within(rows, range);
  for (auto row = first; row != last; ++row) {
    sums.rows += row->copies;
    sums.sum += row->hash * row->copies;
    if (row->copies % 2 == 1) sums.exclusive_or ^= row->hash;
  }
  return sums;
}

bool differs(const Rows& reference, const Rows& trial, Range range, Combine combine) {
  return differ(sums_of(reference, range), sums_of(trial, range), combine);
}

bool differ(const Sums& a, const Sums& b, Combine combine) {
  return a.rows != b.rows || (combine == Combine::sum ? a.sum != b.sum : a.exclusive_or != b.exclusive_or);
}

void compare_rows(const Rows& reference, const Rows& trial, Range range, std::vector<Suspect>& out) {
  auto [a, a_end] = within(reference, range);
  auto [b, b_end] = within(trial, range);
  const auto note = [&](RowId row, DiscrepancyClass kind) { out.push_back({{row, row}, true, kind}); };
  while (a != a_end || b != b_end) {
    if (b == b_end || (a != a_end && a->row < b->row)) {
      note(a++->row, scenario::MISSING);
    } else if (a == a_end || b->row < a->row) {
      note(b++->row, scenario::EXTRA);
    } else {
      if (a->hash != b->hash) note(a->row, scenario::MISMATCH);
      if (a->copies < b->copies) note(a->row, scenario::DUPLICATE);
      ++a;
      ++b;
    }
  }
}

std::vector<Suspect> search(const Rows& reference, const Rows& trial, std::vector<Range> ranges, const Options& options,
                            Cost& cost) {
  std::vector<Suspect> suspects;
  while (!ranges.empty()) {
    ++cost.rounds;
    std::vector<Range> closer;
    for (const Range range : ranges) {
      const std::uint64_t rows = keys_in(reference, range), trial_rows = keys_in(trial, range);
      cost.rows_read += rows + trial_rows;
      if (!differs(reference, trial, range, options.combine)) continue;
      if (options.split < 2) {
        suspects.push_back({range});
        continue;
      }
      std::vector<Range> parts;
      if (std::max(rows, trial_rows) > options.down_to) parts = parts_of(reference, trial, range, options.split);
      if (parts.size() > 1) {
        closer.insert(closer.end(), parts.begin(), parts.end());
        continue;
      }
      cost.rows_read += rows + trial_rows;  // once more, row by row
      compare_rows(reference, trial, range, suspects);
    }
    ranges = std::move(closer);
  }
  std::sort(suspects.begin(), suspects.end(), [](const Suspect& a, const Suspect& b) {
    return a.range.first != b.range.first ? a.range.first < b.range.first : a.kind < b.kind;
  });
  return suspects;
}

}  // namespace rehearse::checksums
