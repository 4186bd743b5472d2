#include "faults/fault.h"

#include <algorithm>

#include "scenarios/annotations/values.pb.h"
#include "sim/kernel/assert.h"

namespace rehearse {

void PipelineTaps::remove(const Strike& strike) {
  settle(strike.world, strike.fault);
  under_way_.erase(std::find(under_way_.begin(), under_way_.end(), strike.number));
  if (!under_way_.empty()) return;
  if (Taps* taps = find(strike.world)) taps->remove(strike.fault);
  settled_ = 0;
}

std::uint64_t PipelineTaps::hits(const World& world, std::uint32_t fault, std::uint64_t strike) const {
  const bool is_first = !under_way_.empty() && under_way_.front() == strike;
  return hits_[strike] + (is_first ? not_settled(world, fault) : 0);
}

Taps* PipelineTaps::find(World& world) const {
  for (StreamPipeline& stream : world.streams)
    if (stream.name == pipeline_) return &stream.connector.taps;
  for (BatchJob& job : world.batches)
    if (job.name == pipeline_) return &job.pipeline.taps;
  return nullptr;
}

std::uint64_t PipelineTaps::not_settled(const World& world, std::uint32_t fault) const {
  const Taps* taps = find(const_cast<World&>(world));
  return taps ? taps->hits(fault) - settled_ : 0;
}

void PipelineTaps::settle(const World& world, std::uint32_t fault) {
  if (under_way_.empty()) return;
  const std::uint64_t fresh = not_settled(world, fault);
  hits_[under_way_.front()] += fresh;
  settled_ += fresh;
}

std::optional<PipelineId> find_stream(const World& world, const std::string& name) {
  for (PipelineId i = 0; i < world.streams.size(); ++i)
    if (world.streams[i].name == name) return i;
  return std::nullopt;
}

std::optional<TableId> find_table(const World& world, const std::string& name) {
  for (TableId table = 0; table < world.source.tables(); ++table)
    if (world.source.schema(table).name == name) return table;
  return std::nullopt;
}

Sampler sampler(const values::Distribution& d) {
  switch (d.kind()) {
    case values::Distribution::UNIFORM:
      return Sampler::uniform({d.a()}, {d.b()});
    case values::Distribution::EXPONENTIAL:
      return Sampler::exponential({d.a()});
    case values::Distribution::NORMAL:
      return Sampler::normal({d.a()}, {d.b()});
    case values::Distribution::LOGNORMAL:
      return Sampler::lognormal({d.a()}, static_cast<double>(d.shape_ppb()) / 1e9);
    case values::Distribution::EMPIRICAL: {
      std::vector<std::pair<Duration, double>> points;
      for (const auto& point : d.points())
        points.emplace_back(Duration{point.value()}, static_cast<double>(point.share_ppb()));
      return Sampler::empirical(points);
    }
    case values::Distribution::CONSTANT:
      return Sampler::constant({d.a()});
    default:
      break;
  }
  REHEARSE_ASSERT(false, "a distribution over durations is none over ranks or counts");
}

bool a_dataset_reads(const World& world, TableId table) {
  if (world.dataset_of(table) != nullptr) return true;
  const std::vector<TableId>& made = world.source.derived_from(table);
  return std::any_of(made.begin(), made.end(), [&](TableId id) { return a_dataset_reads(world, id); });
}

std::vector<bool> tables_that_datasets_read(const World& world) {
  std::vector<bool> read;
  for (TableId table = 0; table < world.source.tables(); ++table) read.push_back(a_dataset_reads(world, table));
  return read;
}

bool a_dataset_reads(const World& world, TableId table, ColumnId column) {
  const Dataset* dataset = world.dataset_of(table);
  if (dataset == nullptr) return false;
  const std::vector<ColumnId> columns = world.contract_columns(*dataset);
  const TableSchema& schema = world.source.schema(table);
  return std::any_of(columns.begin(), columns.end(),
                     [&](ColumnId id) { return id == column || schema.base(id) == column; });
}

}  // namespace rehearse
