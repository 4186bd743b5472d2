// What a migration's operators can do to the world.
#include <utility>

#include "sim/kernel/assert.h"
#include "sim/world/read_view.h"
#include "sim/world/world.h"

namespace rehearse {

std::vector<Controls::KnownConsumer> Controls::consumers() const {
  std::vector<KnownConsumer> known;
  for (std::uint32_t i = 0; i < world_->consumers.size(); ++i) {
    const Consumer& c = world_->consumers[i];
    if (!c.listed) continue;
    known.push_back({.index = i,
                     .name = c.name,
                     .tier = static_cast<int>(c.tier),
                     .movable = c.dataset.has_value(),
                     .store = world_->routing.store(i),
                     .first_store = world_->routing.first_store(i),
                     .fallback = c.fallback,
                     .table = c.table});
  }
  return known;
}

void Controls::route(std::uint32_t consumer, StoreId store, std::string by) {
  REHEARSE_ASSERT(world_->consumers[consumer].dataset.has_value(), "only readers of a dataset are routed");
  world_->routing.send(consumer, store, world_->now(), std::move(by));
}

namespace {

std::optional<Part> batch_named(const World& world, const std::string& pipeline) {
  for (std::size_t i = 0; i < world.batches.size(); ++i)
    if (world.batches[i].name == pipeline) return Part{Part::Kind::batch, static_cast<PipelineId>(i)};
  return std::nullopt;
}

Part writer_of(const World& world, StoreId store) {
  const Store& s = world.stores[store];
  REHEARSE_ASSERT(s.stream || s.batch, "a store that a check has on trial is written by a pipeline");
  return s.stream ? Part{Part::Kind::members, *s.stream} : Part{Part::Kind::batch, *s.batch};
}

constexpr HoldOwner the_plan{HoldOwner::Who::plan};
HoldOwner repair_rule(std::uint32_t rule) { return {HoldOwner::Who::repair, rule}; }

}  // namespace

bool Controls::pause_batch(const std::string& pipeline, std::string by) {
  const std::optional<Part> batch = batch_named(*world_, pipeline);
  if (batch) world_->pause(*batch, the_plan, std::move(by));
  return batch.has_value();
}

bool Controls::resume_batch(const std::string& pipeline) {
  const std::optional<Part> batch = batch_named(*world_, pipeline);
  if (batch) world_->release(*batch, the_plan);
  return batch.has_value();
}

bool Controls::run_batch_now(const std::string& pipeline) {
  const std::optional<Part> batch = batch_named(*world_, pipeline);
  if (batch) world_->run_now(batch->pipeline);
  return batch.has_value();
}

bool Controls::restore_snapshot(StoreId store, std::uint32_t back) {
  Store& s = world_->stores[store];
  return s.batch && world_->batches[*s.batch].pipeline.restore(back, s.tables);
}

std::optional<StoreId> Controls::store_of_pipeline(const std::string& pipeline) const {
  for (const StreamPipeline& stream : world_->streams)
    if (stream.name == pipeline) return stream.store;
  for (const BatchJob& job : world_->batches)
    if (job.name == pipeline) return job.store;
  return std::nullopt;
}

Controls::RowImage Controls::read_source_row(TableId table, RowId row) const {
  RowImage image;
  image.table = table;
  image.row = row;
  image.cell = world_->source.rows(table).get(row);
  return image;
}

void Controls::write_row(StoreId store, const RowImage& image) {
  world_->repair_row(store, image.table, image.row, image.cell);
}

void Controls::deduplicate_row(StoreId store, TableId table, RowId row) { world_->deduplicate_row(store, table, row); }

void Controls::delete_row(StoreId store, TableId table, RowId row) {
  world_->repair_row(store, table, row, {world_->rows(store, table).get(row).write, absent, 0});
}

Controls::RowImage Controls::mapped(StoreId store, const RowImage& image) {
  const Store& s = world_->stores[store];
  RowImage written = image;
  if (s.stream || s.batch) {
    ColumnMapping& mapping =
        s.stream ? world_->streams[*s.stream].lane.mapping() : world_->batches[*s.batch].pipeline.mapping();
    written.cell.mark =
        mapping.map(image.table, image.cell.mark, world_->source.schema(image.table), world_->marks, world_->causes);
  }
  return written;
}

void Controls::pause_pipeline_of(StoreId store, std::uint32_t rule, std::string by) {
  world_->pause(writer_of(*world_, store), repair_rule(rule), std::move(by));
}

void Controls::resume_pipeline_of(StoreId store, std::uint32_t rule) {
  world_->release(writer_of(*world_, store), repair_rule(rule));
}

Digest128 Controls::source_digest() const { return world_->source.digest(); }

void Controls::schedule(Time at, std::uint16_t code, std::uint32_t index, std::uint64_t argument, bool for_migration) {
  world_->schedule(at, {for_migration ? Actor::migration : Actor::reconcile, code, index, argument});
}

}  // namespace rehearse
