// What one run of a check claims, without a limit: a claim about a row is one member of a set of rows.
//
// Claims that differ in their row alone share one set, which is packed when the run reports, so that a run which claims
// each row of a table costs a bit a row. All others (about a table, a range, a pair) are kept one by one. Invariant:
// what is listed does not depend on the order in which rows were claimed.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/schema/kinds.pb.h"
#include "sim/rows/packed_rows.h"
#include "sim/rows/types.h"

namespace rehearse {

using scenario::DiscrepancyClass;
inline constexpr RowId no_key = ~RowId{0};  // of a claim about a count or an aggregate

struct Claim {
  enum class About : std::uint8_t {
    row,        // `row`, or its table as a whole where there is no row
    pair,       // `row`, and the row `other` of `other_table` that it refers to: one of the two is wrong
    range,      // keys from `row` to `other`, both included
    everything  // some row of some table that the check looks at
  };
  RowId row = no_key;
  TableId table = 0;
  std::uint8_t kind = 0;      // a DiscrepancyClass
  std::uint64_t columns = 0;  // bit by ColumnId (63 stands for all from there on); 0 = the check does not say
  About about = About::row;
  TableId other_table = 0;
  RowId other = no_key;

  DiscrepancyClass discrepancy() const { return static_cast<DiscrepancyClass>(kind); }
  bool names(ColumnId column) const { return columns >> std::min<int>(column, 63) & 1; }
  bool names_row() const { return row != no_key && (about == About::row || about == About::pair); }
  bool of_figure() const { return !names_row(); }  // about many rows at once, none of which it names
};

class ClaimSet {
 public:
  void add(const Claim& claim);
  void pack();  // once the last is added
  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Claims of single rows by table, row and class (a row too often after one that differs), then the others in the
  // order in which they were added. Tables are in the order in which they were first claimed.
  template <class Each>  // Each(claim)
  void for_each(Each each) const;
  std::vector<Claim> list() const;

 private:
  struct Alike {
    Claim claim;                // of any row
    std::vector<RowId> adding;  // until it is packed
    PackedRows rows;
  };
  std::vector<const Alike*> of_table(std::size_t first) const;  // of the table of the first, by class and columns
  std::vector<Alike> alike_;                                    // those of one table are together
  std::vector<Claim> others_;
  std::uint64_t size_ = 0;
  std::size_t last_ = 0;  // in alike_, which the next claim is most likely to be like
};

template <class Each>
void ClaimSet::for_each(Each each) const {
  for (std::size_t first = 0; first < alike_.size();) {
    const std::vector<const Alike*> sets = of_table(first);
    if (sets.size() == 1) {
      Claim claim = sets.front()->claim;
      sets.front()->rows.for_each([&](RowId row) {
        claim.row = row;
        each(claim);
      });
    } else {
      // Rows of several sets at once: few enough sets to ask each.
      std::vector<RowId> rows;
      for (const Alike* set : sets) set->rows.for_each([&](RowId row) { rows.push_back(row); });
      PackedRows(std::move(rows)).for_each([&](RowId row) {
        for (const Alike* set : sets) {
          if (!set->rows.contains(row)) continue;
          Claim claim = set->claim;
          claim.row = row;
          each(claim);
        }
      });
    }
    first += sets.size();
  }
  for (const Claim& claim : others_) each(claim);
}

}  // namespace rehearse
