// Datasets with rows of their own for a random world, and pipelines that choose them by rules of their own.
#include "tests/oracle/random_world.h"

namespace rehearse::oracle_test {
namespace {

constexpr ColumnId amount = 1, status = 2, region = 3;  // a status is 0, 1 or NULL; a region 0, 1 or 2 for ever
constexpr RowId most = 3;

std::vector<Condition> some_conditions(Chooser& choose) {
  using Kind = Condition::Kind;
  const auto of_status = [&] {
    return Condition{.kind = choose.of({Kind::in, Kind::not_in, Kind::is_null, Kind::is_not_null}),
                     .column = status,
                     .bits = {choose.between(0, 1)},
                     .texts = {}};
  };
  const auto of_amount = [&] {
    return Condition{.kind = choose.of({Kind::at_least, Kind::below}),
                     .column = amount,
                     .bits = {},
                     .texts = {},
                     .bound = choose.of({200'000, 500'000, 800'000})};
  };
  switch (choose.between(0, 2)) {
    case 0:
      return {of_status()};
    case 1:
      return {of_amount()};
    default:
      return {of_status(), of_amount()};
  }
}

RowRule some_rule(Chooser& choose) {
  RowRule rule;
  if (!choose.one_in(3)) rule.where = some_conditions(choose);
  if (rule.where.empty() || choose.one_in(3)) {
    rule.count = choose.of({status, region});
    rule.most = most;
  }
  return rule;
}

RowRule mistaken(RowRule rule, Chooser& choose) {
  switch (choose.between(0, 3)) {
    case 0:
      rule.where.clear();
      break;
    case 1:
      rule.where = some_conditions(choose);
      break;
    case 2:
      if (rule.count) rule.most = 1;
      rule.forgets_leavers = choose.one_in(2);
      break;
    default:
      rule.forgets_leavers = true;
  }
  if (rule.look_up) rule.freezes_look_ups = choose.one_in(2);
  if (rule.cuts) {
    rule.forgets_leavers = false;
  }
  if (rule.groups) {
    rule.never_retracts = choose.one_in(2);
    if (choose.one_in(3)) rule.groups->closes_after = second * choose.between(0, 20);
    rule.forgets_leavers = false;
  }
  return rule;
}

}  // namespace

void add_row_rules(RandomWorld& world, const Features& features) {
  Chooser choose(world.number, "row rules");
  if (choose.one_in(2)) return;
  std::vector<SourceTableOptions>& tables = world.options.source.tables;
  const std::size_t of_source = world.options.source.workload.size();
  for (TableId base = 0; base < of_source; ++base) {
    if (!choose.one_in(2)) continue;
    const auto meant = static_cast<TableId>(tables.size());
    SourceTableOptions derived;
    derived.rule = some_rule(choose);
    DerivedShape shape{.base = base, .per_row = derived.rule->count ? most : 1};
    if (derived.rule->count) shape.numbered = "number";
    const TableSchema* other = nullptr;
    if (base > 0 && choose.one_in(2)) {  // rows refer to the keys 1 and 2 of the first table, or to none
      shape.kind = DerivedRows::Kind::joined;
      shape.looked_up = {{"looked_up_amount", amount}, {"looked_up_status", status}};
      derived.rule->look_up = LookUp{0, choose.of({status, region})};
      other = &tables[0].schema;
    } else if (choose.one_in(4)) {
      shape = {.kind = DerivedRows::Kind::changes, .base = base};
      derived.rule = RowRule{};
    }
    if (choose.one_in(6)) {
      shape = {.kind = DerivedRows::Kind::snapshots, .base = base, .cut = "as_of"};
      derived.rule = RowRule{};
      if (choose.one_in(2)) derived.rule->where = some_conditions(choose);
      derived.rule->cuts = Cutting{.every = second * choose.between(7, 30), .offset = second * 3, .late = {}};
    } else if (choose.one_in(4)) {  // by region and time, or by status, which changes
      const bool windows = choose.one_in(2);
      shape = {.kind = DerivedRows::Kind::groups,
               .base = base,
               .by = windows ? region : status,
               .window = windows ? "window" : "",
               .sums = {{"rows", {}}, {"total", amount}}};
      tables[base].keep_created_at = true;
      derived.rule->look_up.reset();
      derived.rule->count.reset();
      derived.rule->most = 1;
      const std::optional<Duration> closes =
          choose.one_in(2) ? std::optional(second * choose.between(0, 20)) : std::nullopt;
      derived.rule->groups = Grouping{.by = shape.by,
                                      .windows = windows,
                                      .every = second * 10,
                                      .offset = second * 3,
                                      .closes_after = closes,
                                      .sums = {amount}};
    }
    derived.schema = derived_schema(tables[base].schema, shape, "chosen" + std::to_string(base), other);
    derived.keep_updated_at = true;
    tables.push_back(derived);
    Dataset dataset;
    dataset.name = derived.schema.name;
    dataset.table = meant;
    dataset.follow_new_columns = choose.one_in(2);
    for (ColumnId id = 0; id < derived.schema.columns.size(); ++id)
      if (id == 0 || !choose.one_in(5)) dataset.columns.push_back(id);
    world.options.datasets.push_back(std::move(dataset));
    const RowRule right = *derived.rule;
    for (StoreDesign& store : world.stores) {
      store.holds.resize(tables.size(), false);
      const bool may_hold = !store.batch || shape.kind != DerivedRows::Kind::changes;
      if (choose.one_in(4) || !may_hold) continue;
      store.holds[meant] = true;
      if (!features.defects || !choose.one_in(2) || shape.kind == DerivedRows::Kind::changes) continue;
      derived.rule = mistaken(right, choose);
      derived.rule->instead = meant;
      if (store.batch && derived.rule->cuts) derived.rule->cuts->late = choose.of({Duration{}, second * 5});
      std::vector<OwnRule>& own = store.batch ? store.extract.own_rules : store.connector.own_rules;
      own.push_back({.dataset = derived.schema.name,
                     .meant = meant,
                     .made = static_cast<TableId>(tables.size()),
                     .records = 64,
                     .cause = 0});
      tables.push_back(derived);
    }
  }
  for (StoreDesign& store : world.stores) store.holds.resize(tables.size(), false);
}

}  // namespace rehearse::oracle_test
