// A pipeline's column mapping: what its by-name column list makes of records written under another schema version, and
// the columns of a dataset that it makes in another way than the contract says.
//
// Invariant: with the mapping of the record's own version, or in `follow` mode, a mark maps to itself; with mistakes in
// a table, only where no value of the row comes out otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/rows/content.h"
#include "sim/rows/marks.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"

namespace rehearse {

enum class SchemaMode : std::uint8_t { by_name, follow };

// A derived column that is made in another way than its contract's, by number of DerivedColumn::ways.
struct Mistake {
  TableId table = 0;
  ColumnId column = 0;
  std::uint32_t way = 0;
  CauseSet cause = 0;
};

class ColumnMapping {
 public:
  explicit ColumnMapping(SchemaMode mode = SchemaMode::follow)
      : mode_(mode),
        keeps_(mode == SchemaMode::follow ? Keeps::all : Keeps::own_version),
        versions_(max_tables, 0),
        kept_(max_tables, 0),
        drift_(max_tables),
        gained_(max_tables) {}

  bool keeps(TableId table, Mark mark, const MarkTable& marks) const {
    if (keeps_ != Keeps::own_version) return keeps_ == Keeps::all;
    return mark == absent || marks[mark].schema == kept_[table];
  }
  // What the list of columns makes of a mark.
  Mark map(TableId table, Mark mark, const TableSchema& schema, MarkTable& marks, CauseTable& causes) {
    if (same_version(table, mark, marks)) return mark;
    const auto known = mapped_.find({table, mark});
    if (known != mapped_.end()) return known->second;
    const std::uint16_t written = marks[mark].schema;
    Mark mapped = mark;
    for (Alteration a : mapped_by_name(schema, written, versions_[table])) {
      for (const std::uint16_t version : schema.changes_of(a.column, written, versions_[table]))
        a.causes = causes.unite(a.causes, why(table, version));
      mapped = marks.altered(mapped, a, causes);
    }
    mapped = held(table, mapped, schema, marks, causes);
    mapped_.emplace(std::pair{table, mark}, mapped);
    return mapped;
  }
  // What the store shows of a row that it has held since before the source's table gained columns: where the source
  // shows their defaults, it shows nothing.
  Mark held(TableId table, Mark mark, const TableSchema& schema, MarkTable& marks, CauseTable& causes) const {
    if (mark == absent) return mark;
    for (const ColumnId column : gained_[table]) {
      const std::uint16_t since = schema.columns[column].added_in;
      if (since > marks[mark].schema)
        mark = marks.altered(mark, {column, AlterationKind::null, why(table, since), 0}, causes);
    }
    return mark;
  }
  // The mark of a row that is about to be written, with the columns in which a mistake shows in this row.
  Mark with_mistakes(TableId table, RowCell at, const TableSchema& schema, const Content& content, MarkTable& marks,
                     CauseTable& causes) const {
    Mark mark = at.cell.mark;
    if (mark == absent) return mark;
    for (const Mistake& m : mistakes_)
      if (m.table == table && content.shows(schema, table, m.column, m.way, marks, at))
        mark = marks.altered(mark, {m.column, AlterationKind::mapped, m.cause, m.way}, causes);
    return mark;
  }
  void add(Mistake mistake) {
    mistakes_.push_back(mistake);
    keeps_ = Keeps::nothing;
  }
  // The team deploys a mapping that knows this version of the source's schema.
  void deploy(TableId table, std::uint16_t version) {
    versions_[table] = version;
    if (gained_[table].empty()) kept_[table] = version;
    mapped_.clear();
  }
  // The source's table has a new column, and the rows that it had show a default in it which no record carries.
  void gain(TableId table, ColumnId column) {
    if (mode_ == SchemaMode::follow) return;
    gained_[table].push_back(column);
    kept_[table] = no_version;
    mapped_.clear();
  }
  bool lacks_defaults(TableId table) const { return !gained_[table].empty(); }
  // Why the source's schema came to be of this version.
  void blame(TableId table, std::uint16_t version, CauseSet causes) {
    drift_[table].resize(std::size_t{version} + 1);
    drift_[table][version] = causes;
  }

 private:
  CauseSet why(TableId table, std::uint16_t version) const {
    return version < drift_[table].size() ? drift_[table][version] : CauseSet{0};
  }
  bool same_version(TableId table, Mark mark, const MarkTable& marks) const {
    return mode_ == SchemaMode::follow || mark == absent || marks[mark].schema == kept_[table];
  }
  static constexpr std::uint16_t no_version = 0xffff;
  enum class Keeps : std::uint8_t { all, own_version, nothing };  // of what it is asked about for each record
  SchemaMode mode_;
  Keeps keeps_;
  std::vector<std::uint16_t> versions_;        // by table
  std::vector<std::uint16_t> kept_;            // by table: the version whose marks map to themselves
  std::vector<std::vector<CauseSet>> drift_;   // by table and version
  std::vector<std::vector<ColumnId>> gained_;  // by table
  std::vector<Mistake> mistakes_;
  std::map<std::pair<TableId, Mark>, Mark> mapped_;  // emptied when versions change
};

}  // namespace rehearse
