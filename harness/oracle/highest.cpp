#include "harness/oracle/highest.h"

#include <algorithm>

namespace rehearse {
namespace {

Time value(const NewestCommits& newest, SortedBy column) {
  return column == SortedBy::created_at ? newest.inserted : newest.written;
}

}  // namespace

void HighestShown::start(const World& world) {
  next_ = world.source.log().end();
  for (const Consumer& consumer : world.consumers) {
    if (consumer.needs_sorted == SortedBy::nothing) continue;
    asked_.emplace_back(consumer.table, consumer.needs_sorted);
    at_source_[consumer.table];
  }
  std::sort(asked_.begin(), asked_.end());
  asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
  batches_.resize(world.batches.size());
  for (Content& content : batches_) {
    content.by_load[0] = at_source_;
    content.steps = {{Time{}, at_source_}};
  }
}

void HighestShown::advanced(const World& world) {
  if (asked_.empty()) return;
  const SourceLog& log = world.source.log();
  for (; next_ < log.end(); ++next_) {
    const LogRecord& change = log[next_];
    const auto table = at_source_.find(change.table());
    if (table != at_source_.end()) table->second.add(change.op(), change.commit());
  }
}

void HighestShown::before_batch_event(const World& world) {
  for (PipelineId i = 0; i < batches_.size(); ++i) batches_[i].was_running = world.batches[i].pipeline.running();
}

void HighestShown::after_batch_event(const World& world) {
  if (asked_.empty()) return;
  for (PipelineId i = 0; i < batches_.size(); ++i) {
    Content& content = batches_[i];
    const BatchPipeline& pipeline = world.batches[i].pipeline;
    if (!content.was_running && pipeline.running()) content.extract = at_source_;
    content.was_running = pipeline.running();
    if (pipeline.cycles_loaded() > content.loads) {
      content.loads = pipeline.cycles_loaded();
      content.by_load[content.loads] = content.extract;
      while (content.by_load.size() > pipeline.versions() + 2) content.by_load.erase(content.by_load.begin());
      show(world, i);
    }
    if (pipeline.restores() > content.restores) {
      content.restores = pipeline.restores();
      show(world, i);
    }
  }
}

void HighestShown::show(const World& world, PipelineId batch) {
  Content& content = batches_[batch];
  content.steps.emplace_back(world.now(), content.by_load[world.batches[batch].pipeline.content_of_load()]);
}

Time HighestShown::now(const World& world, StoreId store, TableId table, SortedBy column) const {
  const Store& of = world.stores[store];
  if (of.stream) return value(world.streams[*of.stream].lane.shown()->newest_of(table).back().second, column);
  return of.batch ? value(batches_[*of.batch].steps.back().second.at(table), column) : Time::never();
}

std::vector<StoreTruth::Highest> HighestShown::of(const World& world, StoreId store) const {
  std::vector<StoreTruth::Highest> all;
  const Store& of = world.stores[store];
  for (const auto& [table, column] : asked_) {
    if (!of.holds[table] || (!of.stream && !of.batch)) continue;
    StoreTruth::Highest& highest = all.emplace_back();
    highest.table = table;
    highest.column = column;
    const auto add = [&, by = column](Time at, const NewestCommits& newest) {
      if (highest.steps.empty() || highest.steps.back().second != value(newest, by))
        highest.steps.emplace_back(at, value(newest, by));
    };
    if (of.stream)
      for (const auto& [at, newest] : world.streams[*of.stream].lane.shown()->newest_of(table)) add(at, newest);
    else
      for (const auto& [at, newest] : batches_[*of.batch].steps) add(at, newest.at(table));
  }
  return all;
}

}  // namespace rehearse
