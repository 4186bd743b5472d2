// A pipeline's column mapping: what its by-name column list makes of records written under another schema version.
//
// Invariant: with the mapping of the record's own version, or in `follow` mode, a mark maps to itself.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/rows/marks.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"

namespace rehearse {

enum class SchemaMode : std::uint8_t { by_name, follow };

class ColumnMapping {
 public:
  explicit ColumnMapping(SchemaMode mode = SchemaMode::follow)
      : mode_(mode), versions_(max_tables, 0), drift_(max_tables, 0) {}

  bool keeps(TableId table, Mark mark, const MarkTable& marks) const {
    return mode_ == SchemaMode::follow || mark == absent || marks[mark].schema == versions_[table];
  }
  Mark map(TableId table, Mark mark, const TableSchema& schema, MarkTable& marks, CauseTable& causes) {
    if (keeps(table, mark, marks)) return mark;
    const auto known = mapped_.find({table, mark});
    if (known != mapped_.end()) return known->second;
    const CauseSet why = causes.unite(drift_[table], marks[mark].causes);
    Mark mapped = mark;
    for (const Alteration& a : mapped_by_name(schema, marks[mark].schema, versions_[table]))
      mapped = marks.altered(mapped, a, why);
    mapped_.emplace(std::pair{table, mark}, mapped);
    return mapped;
  }
  // The team deploys a mapping that knows this version of the source's schema.
  void deploy(TableId table, std::uint16_t version) {
    versions_[table] = version;
    mapped_.clear();
  }
  // Why the source's schema is no longer the mapping's.
  void blame(TableId table, CauseSet causes) {
    drift_[table] = causes;
    mapped_.clear();
  }

 private:
  SchemaMode mode_;
  std::vector<std::uint16_t> versions_;  // by table
  std::vector<CauseSet> drift_;
  std::map<std::pair<TableId, Mark>, Mark> mapped_;  // emptied when versions or causes change
};

}  // namespace rehearse
