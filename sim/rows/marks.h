// Marks and causes: what may be special about a cell, hash-consed so that a cell carries only a small index.
//
// A mark says under which schema version a row was written and which columns were altered on the way. Equal marks are
// equal structures, so comparing two cells is comparing two integers. Invariant: mark 0 is "absent", and the first
// marks are the clean live ones of schema versions 0, 1, 2, … in the order in which they were asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/rows/types.h"

namespace rehearse {

// What happened to one column's value on its way into a store.
enum class AlterationKind : std::uint8_t {
  null,         // the value became NULL
  truncated,    // numbers lose their fraction, texts their tail
  shifted,      // times move by an hour, numbers by one
  garbled,      // decoded in another character set
  stale,        // the value of an older write (`parameter` is that write, or former_write)
  unavailable,  // the placeholder for an unchanged large value was stored as if it were the value
  mapped        // a derived column made in another way than its contract's (`parameter` is which)
};

// As a stale value's parameter: the row's write before the one that is held. So all rows that a fault leaves one value
// behind are alike, however many there are.
inline constexpr Write former_write = 0;

struct Alteration {
  ColumnId column = 0;
  AlterationKind kind = AlterationKind::null;
  CauseSet causes = 0;  // why; part of the identity, not of the content
  std::uint32_t parameter = 0;
  auto operator<=>(const Alteration&) const = default;
};

struct MarkInfo {
  bool live = false;
  std::uint16_t schema = 0;             // the table's schema version that the row was written under
  std::vector<Alteration> alterations;  // sorted by column
  auto operator<=>(const MarkInfo&) const = default;
};

// Causes by name ("fault connector_restart", "defect cdc.sink.deletes=ignore") and sets of them.
using CauseId = std::uint16_t;
class CauseTable {
 public:
  CauseTable();
  CauseId cause(const std::string& name);
  CauseSet single(CauseId id) { return intern({id}); }
  CauseSet named(const std::string& name) { return single(cause(name)); }
  CauseSet unite(CauseSet a, CauseSet b);
  const std::vector<CauseId>& members(CauseSet set) const { return sets_[set]; }
  const std::string& name(CauseId id) const { return names_[id]; }
  std::size_t causes() const { return names_.size(); }

 private:
  CauseSet intern(std::vector<CauseId> members);
  std::vector<std::string> names_;
  std::vector<std::vector<CauseId>> sets_;
  std::map<std::vector<CauseId>, CauseSet> index_;
};

class MarkTable {
 public:
  MarkTable();
  Mark live(std::uint16_t schema);  // the clean mark of a schema version
  Mark intern(MarkInfo info);
  // `mark` with one more alteration, whose causes are `alteration`'s and those of what it replaces in that column.
  Mark altered(Mark mark, Alteration alteration, CauseTable& causes);
  // Of all its alterations.
  CauseSet causes_of(Mark mark, CauseTable& causes) const;
  const MarkInfo& operator[](Mark mark) const { return infos_[mark]; }
  bool clean(Mark mark) const { return infos_[mark].alterations.empty(); }
  // 24 bits of what the mark says of the row's content, whatever order marks were made in: for digests.
  std::uint32_t identity(Mark mark) const { return identities_[mark]; }
  std::size_t size() const { return infos_.size(); }

 private:
  std::vector<MarkInfo> infos_;
  std::vector<std::uint32_t> identities_;
  std::map<MarkInfo, Mark> index_;
};

}  // namespace rehearse
