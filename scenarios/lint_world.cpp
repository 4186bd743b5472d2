// Faults, and expectations that nothing could meet.
#include <fmt/core.h>

#include <algorithm>

#include "scenarios/fault_kinds.h"
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
    context.error(at, fmt::format("table `{}` has no column {}", table.name(), shown(name)),
                  one_of(known, "a column that it has"), nearest_name(name, known));
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

// What the fault acts on is of the sort that its kind says.
void lint_target(LintContext& context, const std::string& path, const Fault& fault) {
  const std::string at = path + "." + target_field(fault).name(), name = target_of(fault);
  const FaultKind::Strikes strikes = kind_of(fault).strikes();
  if (strikes == FaultKind::STREAM) {
    const scenario::Pipeline* pipeline = context.pipeline(name);
    if (pipeline != nullptr && !pipeline->has_stream())
      context.error(at, fmt::format("pipeline `{}` is a batch job, which this fault does not hit", name),
                    "a streaming pipeline");
  }
  if (strikes != FaultKind::SYNTHETIC_TABLE && strikes != FaultKind::WORKLOAD) return;
  if (context.captured())
    context.error(at, "a captured source changes as its stream says",
                  kind_of(fault).changes_columns() ? "a synthetic table, or `source.ddl`" : "a synthetic table");
  const scenario::Table* table = context.table(name);
  if (strikes != FaultKind::WORKLOAD || table == nullptr || table->workload().peak_rate_nano() > 0) return;
  context.error(at, fmt::format("table `{}` has no workload that could burst", name), "a table with a workload");
}

void lint_fault(LintContext& context, int index) {
  const Fault& fault = context.proto.world().faults(index);
  const FieldDescriptor* kind = kind_field(fault);
  if (kind == nullptr) return;
  const std::string path = fmt::format("world.faults[{}].{}", index, kind->name());
  lint_schedule(context, path, schedule_of(fault));
  if (kind_of(fault).once() && !schedule_of(fault).has_at())
    context.error(path, "a column can change only once", "`at` for when");
  lint_target(context, path, fault);

  const Message& parameters = parameters_of(fault);
  const auto& reflection = *parameters.GetReflection();
  for (int i = 0; i < parameters.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = parameters.GetDescriptor()->field(i);
    const scenario::Pipeline* pipeline = context.pipeline(target_of(fault));
    if (rule_of(*field).kind() == FieldRule::COLUMN && pipeline != nullptr)
      context.require_source_column(path + "." + field->name(), datasets_of(*pipeline),
                                    reflection.GetString(parameters, field), LintContext::Having::any);
    const scenario::Table* table = context.table(target_of(fault));
    if (field->message_type() == faults::SchemaChange::descriptor() && table != nullptr)
      lint_change(context, path + "." + field->name(), *table,
                  static_cast<const faults::SchemaChange&>(reflection.GetMessage(parameters, field)));
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
