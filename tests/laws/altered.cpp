#include "tests/laws/altered.h"

#include <algorithm>

#include "scenarios/schema_rules.h"

namespace rehearse::laws {
namespace {

// What is known of readers in the rehearsal and in each copy of it.
void for_each_course(Altered& record, const std::function<void(TruthRecord&, Routing&)>& change) {
  change(record.truth, record.routing);
  for (ForkTruth& fork : record.forks) change(fork.truth, fork.routing);
}

// The same routing with each reader under other numbers: `becomes` says under which.
Routing renumbered(const Routing& routing, std::size_t readers,
                   const std::function<std::vector<std::uint32_t>(std::uint32_t)>& becomes) {
  std::vector<StoreId> first(readers);
  const auto count = static_cast<std::uint32_t>(std::count_if(routing.history().begin(), routing.history().end(),
                                                              [](const Route& route) { return route.by.empty(); }));
  for (std::uint32_t reader = 0; reader < count; ++reader)
    for (const std::uint32_t number : becomes(reader)) first[number] = routing.first_store(reader);
  Routing made;
  for (const StoreId store : first) made.add(store, routing.history().front().since);
  for (const Route& route : routing.history())
    if (!route.by.empty())
      for (const std::uint32_t number : becomes(route.consumer)) made.send(number, route.store, route.since, route.by);
  return made;
}

void repeat_moves(std::vector<MoveRecord>& moves, std::uint32_t reader, std::uint32_t clone, const std::string& name) {
  for (std::size_t i = 0, end = moves.size(); i < end; ++i) {
    if (moves[i].consumer != reader) continue;
    MoveRecord move = moves[i];
    move.consumer = clone;
    move.name = name;
    moves.push_back(std::move(move));
  }
}

// Every name of something declared elsewhere, wherever it stands in the message; metrics keep theirs.
void rename_references(google::protobuf::Message& message, const std::function<void(std::string&)>& change) {
  const google::protobuf::Reflection& fields = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> present;
  fields.ListFields(message, &present);
  for (const google::protobuf::FieldDescriptor* field : present) {
    const FieldRule& rule = rule_of(*field);
    const bool refers = rule.kind() == FieldRule::REFERENCE && rule.to(0) != FieldRule::METRIC;
    const int count = field->is_repeated() ? fields.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        rename_references(field->is_repeated() ? *fields.MutableRepeatedMessage(&message, field, i)
                                               : *fields.MutableMessage(&message, field),
                          change);
      } else if (refers) {
        std::string name =
            field->is_repeated() ? fields.GetRepeatedString(message, field, i) : fields.GetString(message, field);
        change(name);
        if (field->is_repeated()) fields.SetRepeatedString(&message, field, i, name);
        else fields.SetString(&message, field, name);
      }
    }
  }
}

template <class Consumers>
void repeat_declaration(Consumers& consumers, const std::string& of, const std::string& name) {
  for (int i = 0, end = consumers.size(); i < end; ++i)
    if (consumers[i].name() == of) {
      auto copy = consumers[i];
      copy.set_name(name);
      *consumers.Add() = std::move(copy);
    }
}

}  // namespace

Altered::Altered(const JudgeInputs& recorded)
    : scenario(recorded.scenario),
      truth(recorded.truth),
      migration(recorded.migration ? *recorded.migration : MigrationRecord{}),
      checks(recorded.checks),
      faults(recorded.faults),
      forks(recorded.forks),
      routing(recorded.routing),
      holds(recorded.holds),
      recorded_(&recorded) {}

JudgeInputs Altered::inputs() const {
  JudgeInputs inputs{.scenario = scenario,
                     .truth = truth,
                     .checks = checks,
                     .runs = recorded_->runs,
                     .causes = recorded_->causes,
                     .names = recorded_->names};
  inputs.credit = recorded_->credit;
  inputs.metrics = recorded_->metrics;
  inputs.migration = recorded_->migration ? &migration : nullptr;
  inputs.repairs = recorded_->repairs;
  inputs.faults = faults;
  inputs.necessary = recorded_->necessary;
  inputs.forks = forks;
  inputs.streams = recorded_->streams;
  inputs.batches = recorded_->batches;
  inputs.samples = recorded_->samples;
  inputs.routing = routing;
  inputs.holds = holds;
  inputs.horizon = recorded_->horizon;
  inputs.stopped_at = recorded_->stopped_at;
  inputs.start_unix_ns = recorded_->start_unix_ns;
  inputs.marks = recorded_->marks;
  return inputs;
}

void add_read(ConsumerTruth& reader, Time at, StoreId store, ReadOutcome found) {
  struct Read {
    Time at;
    StoreId store;
    ReadOutcome found;
  };
  std::vector<Read> reads{{at, store, found}};
  for (const ReadHistory::Run& run : reader.history.runs())
    for (std::uint64_t i = 0; i < run.reads; ++i)
      reads.push_back({run.first + run.apart * static_cast<std::int64_t>(i), run.store, run.found});
  std::stable_sort(reads.begin(), reads.end(), [](const Read& a, const Read& b) { return a.at < b.at; });
  reader.history = {};
  for (const Read& read : reads) reader.history.add(read.at, read.store, read.found);
  ++reader.all[found];
}

void clone_reader(Altered& record, std::uint32_t reader, const std::string& name) {
  const std::string of = record.truth.consumers[reader].name;
  const auto clone = static_cast<std::uint32_t>(record.truth.consumers.size());
  for_each_course(record, [&](TruthRecord& truth, Routing& routing) {
    ConsumerTruth copy = truth.consumers[reader];
    copy.name = name;
    truth.consumers.push_back(std::move(copy));
    routing = renumbered(routing, clone + 1, [&](std::uint32_t number) {
      return number == reader ? std::vector<std::uint32_t>{number, clone} : std::vector<std::uint32_t>{number};
    });
  });
  repeat_declaration(*record.scenario.mutable_consumers(), of, name);
  repeat_declaration(*record.scenario.mutable_world()->mutable_consumers(), of, name);
  for (PhaseRecord& phase : record.migration.phases) repeat_moves(phase.moved, reader, clone, name);
  if (record.migration.rollback) repeat_moves(record.migration.rollback->returned, reader, clone, name);
  for (GoDecision& go : record.migration.gos)
    if (std::count(go.consumers.begin(), go.consumers.end(), of) > 0) go.consumers.push_back(name);
}

void reverse_declarations(Altered& record) {
  const auto last = static_cast<std::uint32_t>(record.truth.consumers.size()) - 1;
  for_each_course(record, [&](TruthRecord& truth, Routing& routing) {
    std::reverse(truth.consumers.begin(), truth.consumers.end());
    routing = renumbered(routing, truth.consumers.size(),
                         [&](std::uint32_t number) { return std::vector<std::uint32_t>{last - number}; });
  });
  for (auto* consumers : {record.scenario.mutable_consumers(), record.scenario.mutable_world()->mutable_consumers()})
    std::reverse(consumers->begin(), consumers->end());
  auto* faults = record.scenario.mutable_world()->mutable_faults();
  std::reverse(faults->begin(), faults->end());
  std::reverse(record.faults.begin(), record.faults.end());
  for (PhaseRecord& phase : record.migration.phases)
    for (MoveRecord& move : phase.moved) move.consumer = last - move.consumer;
  if (record.migration.rollback)
    for (MoveRecord& move : record.migration.rollback->returned) move.consumer = last - move.consumer;
}

void rename(Altered& record, const std::function<std::string(const std::string&)>& renamed) {
  const auto change = [&](std::string& name) {
    if (!name.empty()) name = renamed(name);
  };
  const auto change_all = [&](auto& declared) {
    for (auto& one : declared) one.set_name(renamed(one.name()));
  };
  scenario::Scenario& scenario = record.scenario;
  for (auto* consumers : {scenario.mutable_consumers(), scenario.mutable_world()->mutable_consumers()})
    for (scenario::Consumer& consumer : *consumers) {
      consumer.set_name(renamed(consumer.name()));
      consumer.set_reads(renamed(consumer.reads()));
      change(*consumer.mutable_fallback());
    }
  // A fault's target may be a pipeline; a table keeps its name.
  const auto change_targets = [&](std::vector<FaultTruth>& faults) {
    for (FaultTruth& fault : faults)
      for (const scenario::Pipeline& pipeline : scenario.pipelines())
        if (renamed(fault.target) == pipeline.name()) {
          change(fault.target);
          break;
        }
  };
  for (scenario::Pipeline& pipeline : *scenario.mutable_pipelines())
    for (std::string& dataset : pipeline.has_batch() ? *pipeline.mutable_batch()->mutable_produces()
                                                     : *pipeline.mutable_stream()->mutable_produces())
      change(dataset);
  change_all(*scenario.mutable_checks());
  change_all(*scenario.mutable_datasets());
  change_all(*scenario.mutable_pipelines());
  change_all(*scenario.mutable_migration()->mutable_phases());
  rename_references(*scenario.mutable_migration(), change);

  for_each_course(record, [&](TruthRecord& truth, Routing&) {
    for (StoreTruth& store : truth.stores) {
      change(store.name);
      change(store.pipeline);
    }
    for (ConsumerTruth& consumer : truth.consumers) change(consumer.name);
  });
  for (HoldTruth& hold : record.holds) change(hold.pipeline);
  change_targets(record.faults);
  for (ForkTruth& fork : record.forks) {
    for (HoldTruth& hold : fork.holds) change(hold.pipeline);
    change_targets(fork.faults);
    change(fork.phase);
  }
  for (CheckDescription& check : record.checks) change(check.name);

  MigrationRecord& plan = record.migration;
  change(plan.from);
  change(plan.to);
  for (PhaseRecord& phase : plan.phases) {
    change(phase.name);
    for (MoveRecord& move : phase.moved) change(move.name);
  }
  for (GateRecord& gate : plan.gates) change(gate.phase);
  for (GoDecision& go : plan.gos) {
    change(go.from_phase);
    change(go.to_phase);
    for (std::string& consumer : go.consumers) change(consumer);
  }
  if (plan.rollback) {
    change(plan.rollback->phase);
    for (MoveRecord& move : plan.rollback->returned) change(move.name);
  }
}

}  // namespace rehearse::laws
