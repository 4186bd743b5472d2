// Faults, and expectations that nothing could meet.
#include <fmt/core.h>

#include <algorithm>

#include "scenarios/lint_context.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using scenario::Fault;

void lint_schedule(LintContext& context, const std::string& path, const faults::Schedule& schedule) {
  const std::int64_t duration = context.proto.duration_ns();
  const bool late = schedule.has_at() && schedule.at().has_after_ns() && schedule.at().after_ns() >= duration;
  const bool rare = schedule.has_every_ns() && schedule.every_ns() >= duration;
  if (late || rare) {
    context.warning(path + (late ? ".at" : ".every"),
                    fmt::format("the rehearsal ends after {}, before the fault strikes", format_duration(duration)));
  }
  if (schedule.has_until() && schedule.has_at()) {
    context.warning(path + ".until", "`until` ends what has `every` or `rate`, not what strikes once");
  }
  if (schedule.chance_ppb() == 0) context.warning(path + ".chance", "the fault never strikes");
}

void require_stream(LintContext& context, const std::string& path, const std::string& name) {
  const scenario::Pipeline* pipeline = context.pipeline(name);
  if (pipeline == nullptr || pipeline->has_stream()) return;
  context.error(path + ".pipeline", fmt::format("pipeline `{}` is a batch job, which this fault does not hit", name),
                "a streaming pipeline");
}

void lint_change(LintContext& context, const std::string& path, const scenario::Table& table,
                 const faults::SchemaChange& change) {
  const std::vector<std::string> known = names_of(table.columns());
  const auto find = [&table](const std::string& name) -> const scenario::Column* {
    for (const scenario::Column& column : table.columns()) {
      if (column.name() == name) return &column;
    }
    return nullptr;
  };
  const auto require = [&](const std::string& at, const std::string& name) {
    if (find(name) != nullptr || context.drifts_into(name)) return;
    context.error(at, fmt::format("table `{}` has no column {}", table.name(), shown(name)), "one of " + joined(known),
                  nearest_name(name, known));
  };
  const auto require_new = [&](const std::string& at, const std::string& name) {
    if (find(name) == nullptr) return;
    context.error(at, fmt::format("table `{}` has a column {} already", table.name(), shown(name)), "another name");
  };
  const auto require_known_type = [&](const std::string& at, const values::ColumnType& type) {
    if (type.base() != values::ColumnType::OTHER) return;
    context.error(at, fmt::format("{} is no type of a synthetic table", shown(type.text())),
                  "a column type such as bigint",
                  nearest_name(type.text(), std::vector<std::string>{"bigint", "integer", "text", "timestamptz",
                                                                     "boolean", "decimal", "uuid"}));
  };
  if (change.has_add()) {
    require_new(path + ".add.column", change.add().column());
    require_known_type(path + ".add.type", change.add().type());
  } else if (change.has_drop()) {
    require(path + ".drop", change.drop());
    const scenario::Column* column = find(change.drop());
    if (column != nullptr && column->key())
      context.error(path + ".drop", "a key's column cannot be dropped", "another column");
  } else if (change.has_rename()) {
    require(path + ".rename.from", change.rename().from());
    require_new(path + ".rename.to", change.rename().to());
  } else if (change.has_retype()) {
    require(path + ".retype.column", change.retype().column());
    require_known_type(path + ".retype.to", change.retype().to());
  }
}

// Faults that change what a synthetic table does; null if there is no such table.
const scenario::Table* synthetic_table(LintContext& context, const std::string& path, const std::string& name,
                                       const std::string& expected) {
  if (context.captured()) context.error(path + ".table", "a captured source changes as its stream says", expected);
  return context.table(name);
}

void lint_drift(LintContext& context, const std::string& path, const faults::SchemaDrift& drift) {
  lint_schedule(context, path, drift.schedule());
  if (!drift.schedule().has_at()) context.error(path, "a column can change only once", "`at` for when");
  const scenario::Table* table = synthetic_table(context, path, drift.table(), "a synthetic table, or `source.ddl`");
  if (table != nullptr) lint_change(context, path + ".change", *table, drift.change());
}

void lint_burst(LintContext& context, const std::string& path, const faults::Burst& burst) {
  lint_schedule(context, path, burst.schedule());
  const scenario::Table* table = synthetic_table(context, path, burst.table(), "a synthetic table");
  if (table == nullptr || (table->has_workload() && table->workload().peak_rate_nano() > 0)) return;
  context.error(path + ".table", fmt::format("table `{}` has no workload that could burst", table->name()),
                "a table with a workload");
}

void lint_corruption(LintContext& context, const std::string& path, const faults::FieldCorruption& corruption) {
  lint_schedule(context, path, corruption.schedule());
  const scenario::Pipeline* pipeline = context.pipeline(corruption.pipeline());
  if (pipeline == nullptr) return;
  context.require_source_column(path + ".column", datasets_of(*pipeline), corruption.column(),
                                LintContext::Having::any);
}

void lint_fault(LintContext& context, int index) {
  const Fault& fault = context.proto.world().faults(index);
  const std::string path = fmt::format("world.faults[{}]", index);
  switch (fault.kind_case()) {
    case Fault::kConnectorRestart:
      lint_schedule(context, path + ".connector_restart", fault.connector_restart().schedule());
      return require_stream(context, path + ".connector_restart", fault.connector_restart().pipeline());
    case Fault::kDuplicateDelivery:
      lint_schedule(context, path + ".duplicate_delivery", fault.duplicate_delivery().schedule());
      return require_stream(context, path + ".duplicate_delivery", fault.duplicate_delivery().pipeline());
    case Fault::kOutOfOrderDeletes:
      lint_schedule(context, path + ".out_of_order_deletes", fault.out_of_order_deletes().schedule());
      return require_stream(context, path + ".out_of_order_deletes", fault.out_of_order_deletes().pipeline());
    case Fault::kSchemaDrift:
      return lint_drift(context, path + ".schema_drift", fault.schema_drift());
    case Fault::kBurst:
      return lint_burst(context, path + ".burst", fault.burst());
    case Fault::kFieldCorruption:
      return lint_corruption(context, path + ".field_corruption", fault.field_corruption());
    case Fault::KIND_NOT_SET:
      return;
  }
}

void lint_counts(LintContext& context, const std::string& path, const scenario::CountBounds& bounds) {
  if (!bounds.has_at_least() && !bounds.has_at_most() && !bounds.has_equals()) {
    context.error(path, "nothing is expected", "at_least, at_most or equals");
  }
  if (bounds.has_at_least() && bounds.has_at_most() && bounds.at_least() > bounds.at_most()) {
    context.error(path, "`at_least` is above `at_most`", "bounds that leave room");
  }
}

void lint_expect(LintContext& context) {
  const scenario::Expect& expect = context.proto.expect();
  const bool plan = context.proto.has_migration();
  if (!plan && expect.has_decision() && expect.decision() != scenario::NO_DECISION) {
    context.error("expect.decision", "without a migration there is no decision", "none, or a `migration` section");
  }
  if (!plan && (expect.has_rollback() || expect.has_time_to_go())) {
    context.error(expect.has_rollback() ? "expect.rollback" : "expect.time_to_go",
                  "without a migration nothing is decided", "a `migration` section");
  }
  if (plan && expect.has_rollback() && !context.proto.migration().has_rollback()) {
    context.error("expect.rollback", "the plan has no rollback", "a `migration.rollback` section");
  }
  if (!context.captured() && !expect.source_log_incomplete().empty()) {
    context.error("expect.source_log_incomplete", "only a captured stream can be incomplete", "a captured source");
  }
  const auto& reflection = *expect.GetReflection();
  for (int f = 0; f < expect.GetDescriptor()->field_count(); ++f) {
    const FieldDescriptor* field = expect.GetDescriptor()->field(f);
    if (field->message_type() != scenario::ReadExpectation::descriptor()) continue;
    for (int i = 0; i < reflection.FieldSize(expect, field); ++i)
      lint_counts(
          context, fmt::format("expect.{}[{}]", field->name(), i),
          static_cast<const scenario::ReadExpectation&>(reflection.GetRepeatedMessage(expect, field, i)).bounds());
  }
  for (int i = 0; i < expect.divergence_size(); ++i) {
    lint_counts(context, fmt::format("expect.divergence[{}]", i), expect.divergence(i).bounds());
  }
  for (const auto& hits : expect.hits()) lint_counts(context, "expect.hits." + hits.fault(), hits.bounds());
  for (const auto& loss : expect.source_log_incomplete()) {
    lint_counts(context, "expect.source_log_incomplete." + loss.table(), loss.bounds());
  }
}

}  // namespace

void lint_world(LintContext& context) {
  for (int i = 0; i < context.proto.world().faults_size(); ++i) lint_fault(context, i);
  if (context.proto.has_expect()) lint_expect(context);
}

}  // namespace rehearse
