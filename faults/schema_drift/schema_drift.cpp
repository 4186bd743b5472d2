// A source table's columns change without a word to the team; pipelines keep their old mapping until it is fixed.
//
// A pipeline that maps by name writes NULL for a column whose name is gone and a truncated value for one whose type
// changed; one that follows is unharmed. Rows written in between stay wrong after the fix until something writes them
// again. Left out: pipelines that stop at an unknown schema.
#include "faults/schema_drift/schema_drift.h"

#include "faults/schema_change.h"
#include "faults/schema_drift/schema_drift.pb.h"

namespace rehearse {

const std::string_view schema_drift_causes = "mismatches in the column that changed";
const std::string_view schema_drift_text =
    "The source adds, drops, renames or retypes a column. Pipelines that map columns by name keep the mapping that "
    "they "
    "have until the team deploys a new one, `fixed_after` the change.";

namespace {

class SchemaDrift : public CopiedFault<SchemaDrift> {
 public:
  explicit SchemaDrift(const faults::SchemaDrift& p) : table_(p.table()), change_(schema_change(p.change())) {
    if (p.has_fixed_after_ns()) fixed_after_ = Duration{p.fixed_after_ns()};
  }
  std::optional<Duration> strike(const Strike& s) override {
    const TableId table = *find_table(s.world, table_);
    TableSchema tried = s.world.source.schema(table);
    statements_.push_back({s.world.now(), apply(tried, change_, 0), false});
    Statement& statement = statements_.back();
    if (!statement.changes) return Duration{};  // a second time: the table already is as it would become
    statement.read = reads_the_column(s.world, table);
    s.world.apply_schema_change(table, change_, s.cause);
    statement.read |= reads_the_column(s.world, table);  // that is added, by a contract that takes up new columns
    return fixed_after_;
  }
  void end(const Strike& s) override {
    if (statements_[s.number].changes) s.world.deploy_mappings(*find_table(s.world, table_));
  }
  bool lasts() const override { return true; }
  // A column that changed at the very end was nobody's yet.
  std::uint64_t hits(const World& world, std::uint32_t, std::uint64_t strike) const override {
    return statements_[strike].read && statements_[strike].at < world.now();
  }

 private:
  // Rows of other tables' making are asked no further.
  bool reads_the_column(const World& world, TableId table) const {
    const std::optional<ColumnId> column = world.source.schema(table).column(change_.column);
    const bool made_from_it = !world.source.derived_from(table).empty();
    return column && ((made_from_it && a_dataset_reads(world, table)) || a_dataset_reads(world, table, *column));
  }

  struct Statement {
    Time at;
    bool changes = false;  // the table
    bool read = false;     // the column, by some dataset
  };
  std::vector<Statement> statements_;  // by strike
  std::string table_;
  SchemaChange change_;
  std::optional<Duration> fixed_after_;
};

}  // namespace

std::unique_ptr<Fault> make_schema_drift(const google::protobuf::Message& parameters, std::uint64_t,
                                         const std::string&) {
  return std::make_unique<SchemaDrift>(static_cast<const faults::SchemaDrift&>(parameters));
}

}  // namespace rehearse
