// The columns that a store's pipeline writes against the source's present ones: names that are gone, types that changed
// and, if asked for, new columns that it does not carry.
//
// Sees a drift at once, before any row is wrong, and no wrong row for any other reason. One claim for each column.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class SchemaCompatibilityCheck : public Copied<SchemaCompatibilityCheck> {
 public:
  SchemaCompatibilityCheck(CheckDescription description, const scenario::SchemaCompatibility& options)
      : Copied(std::move(description)), options_(options) {}

  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = true;
    for (const TableId table : description().tables) {
      const std::vector<ColumnId> contract = context.view.contract_columns(table);
      for (const SchemaDifference& difference : context.view.schema_differences(description().trial, table)) {
        const bool promised = std::find(contract.begin(), contract.end(), difference.column) != contract.end();
        if (options_.against() == scenario::SchemaCompatibility::CONTRACT && !promised) continue;
        run.claim({.table = table,
                   .kind = scenario::SCHEMA,
                   .columns = std::uint64_t{1} << std::min<int>(difference.column, 63)});
      }
    }
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  scenario::SchemaCompatibility options_;
};

}  // namespace

std::unique_ptr<Check> make_schema_compatibility(const scenario::Check& check, const ReadView& view,
                                                 CheckDescription description) {
  describe(description, check.schema_compatibility().observation(), view);
  description.tables = tables_of({}, {description.trial}, view);
  return std::make_unique<SchemaCompatibilityCheck>(std::move(description), check.schema_compatibility());
}

}  // namespace rehearse
