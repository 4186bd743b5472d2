// The texts of a run's world for the judge: keys, tables, and both sides of a row.
#pragma once

#include <optional>
#include <string>

#include "harness/judge/judge.h"
#include "harness/oracle/put_right.h"
#include "sim/world/world.h"

namespace rehearse {

class WorldNames : public Names {
 public:
  explicit WorldNames(const World& world) : world_(&world) {}
  std::string table(TableId table) const override { return world_->source.schema(table).name; }
  std::string key(TableId table, RowId row) const override {
    return world_->content.key_text(world_->source.schema(table), table, row);
  }
  std::vector<CauseId> causes_in_columns(const DivergentInterval& divergent, std::uint64_t columns) const override {
    return rehearse::causes_in_columns(*world_, divergent, columns);
  }
  std::optional<RowTexts> row(TableId table, RowId row, const RowState& state) const override;
  RowState at_end(StoreId store, TableId table, RowId row) const override;

 private:
  const World* world_;
};

}  // namespace rehearse
