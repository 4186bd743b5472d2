// Which stage held a pipeline up where it was late for longest, or else while its buffer was full for longest.
//
// A stream's figures are of the stretch in which it fell behind: from the last sample before the oldest change that was
// late to the sample at which most changes waited. What held it up is, in this order: a part that stood still for most
// of that time, whoever held it; the sink, if the buffer before it was full, as whatever waits for that is not to
// blame; the stage before which the most changes more waited at the end than at the beginning. Nothing is named if none
// of these holds. A sink that flushes less often than its pipeline promises freshness is said to have waited for that.
// A batch job is held up by its load if the rows of a cycle, at its rate, take longer than the time between two cycles.
#include <algorithm>

#include "harness/judge/parts.h"

namespace rehearse::judging {
namespace {

const scenario::Pipeline& pipeline_of(const Case& c, const std::string& name) {
  return *std::find_if(c.in.scenario.pipelines().begin(), c.in.scenario.pipelines().end(),
                       [&](const scenario::Pipeline& pipeline) { return pipeline.name() == name; });
}

// By samples: [from, until].
struct Stretch {
  std::size_t from = 0, until = 0;
  Span held_up;  // what it is about: late, or with a full buffer
  bool late = false;
};

// With room for a flush, which takes many records at once.
bool is_full(std::uint64_t buffered, std::uint64_t buffer) { return buffered * 10 >= buffer * 9; }

std::uint64_t waiting(const StageCounts& counts) {
  return counts.committed - std::min(counts.written, counts.committed);
}

// In which it fell behind, of a stretch of time.
Stretch falling_behind(const StoreSamples& samples, Span span, bool late) {
  const auto& at = samples.at;
  const auto after = std::upper_bound(at.begin(), at.end(), span.from);
  Stretch stretch{after == at.begin() ? 0 : static_cast<std::size_t>(after - at.begin()) - 1, 0, span, late};
  stretch.until = std::min(stretch.from + 1, at.size() - 1);
  for (std::size_t i = stretch.until; i < at.size() && at[i] <= span.until; ++i)
    if (waiting(samples.stages[i]) > waiting(samples.stages[stretch.until])) stretch.until = i;
  return stretch;
}

// By samples, each of which speaks of the time since the one before.
Spans buffer_full(const StoreSamples& samples, std::uint64_t buffer) {
  Spans full;
  for (std::size_t i = 1; i < samples.at.size(); ++i)
    if (is_full(samples.stages[i].buffered, buffer)) full.push_back({samples.at[i - 1], samples.at[i]});
  return merged(std::move(full));
}

std::optional<Stretch> worst_stretch(const Case& c, const StoreSamples& samples, std::uint64_t buffer) {
  if (const Span* late = longest(c.stale[samples.store]))
    return falling_behind(samples, {late->from - c.in.truth.stores[samples.store].freshness, late->until}, true);
  const Spans full = buffer_full(samples, buffer);
  if (const Span* span = longest(full)) return falling_behind(samples, *span, false);
  return std::nullopt;
}

// Whoever held a part of it for most of the time in which it was held up.
const HoldTruth* stood_still(const Case& c, const std::string& pipeline, Span held_up) {
  for (const HoldTruth& hold : c.in.holds) {
    if (hold.pipeline != pipeline) continue;
    const Spans common = intersected({{hold.from, hold.until.value_or(c.end)}}, {held_up});
    if (total(common) * 2 > held_up.until - held_up.from) return &hold;
  }
  return nullptr;
}

std::string part_name(const std::string& part) { return part == "members" ? "processor and sink" : part; }

void add_stage(const char* name, std::uint64_t came, std::uint64_t left, std::uint64_t waits, Duration in,
               result::Bottleneck& out) {
  result::Stage& stage = *out.add_stages();
  stage.set_name(name);
  stage.set_offered(static_cast<double>(came) * 1e9 / static_cast<double>(in.ns));
  stage.set_served(static_cast<double>(left) * 1e9 / static_cast<double>(in.ns));
  stage.set_waiting(waits);
}

std::uint64_t grown(std::uint64_t before, std::uint64_t after) { return after - std::min(before, after); }

void add_stages(const StageCounts& a, const StageCounts& b, Duration in, result::Bottleneck& out) {
  const auto rest = [](std::uint64_t came, std::uint64_t left) { return came - std::min(came, left); };
  const std::uint64_t processed = grown(a.processed(), b.processed());
  add_stage("connector", grown(a.committed, b.committed), grown(a.read, b.read), rest(b.committed, b.read), in, out);
  add_stage("topic", grown(a.appended, b.appended), grown(a.fetched, b.fetched), rest(b.appended, b.fetched), in, out);
  add_stage("processor", grown(a.fetched, b.fetched), processed, rest(b.fetched, b.processed()), in, out);
  add_stage("sink", processed, grown(a.written, b.written), b.buffered, in, out);
}

// The stage to blame for what waits; none if each kept up.
std::string slowest(const StageCounts& a, const StageCounts& b, std::uint64_t buffer) {
  if (is_full(b.buffered, buffer)) return "sink";
  const auto before_processor = [](const StageCounts& at) {
    return at.appended - std::min(at.appended, at.processed());
  };
  const std::uint64_t sink = grown(a.buffered, b.buffered);
  const std::uint64_t processor = grown(before_processor(a), before_processor(b));
  const std::uint64_t connector = grown(a.committed - a.read, b.committed - b.read);
  const std::uint64_t most = std::max({sink, processor, connector});
  if (most == 0) return "";
  return most == sink ? "sink" : most == processor ? "processor" : "connector";
}

void write_stream(const Case& c, const StoreSamples& samples, const scenario::Pipeline& pipeline,
                  result::Result& result) {
  const auto buffer = static_cast<std::uint64_t>(pipeline.stream().processor().buffer());
  const std::optional<Stretch> stretch = worst_stretch(c, samples, buffer);
  if (!stretch || stretch->until <= stretch->from) return;
  const StageCounts &a = samples.stages[stretch->from], &b = samples.stages[stretch->until];
  const HoldTruth* held = stood_still(c, pipeline.name(), stretch->held_up);
  const std::string stage = held ? part_name(held->part) : slowest(a, b, buffer);
  if (stage.empty()) return;
  result::Bottleneck& out = *result.add_bottlenecks();
  out.set_pipeline(pipeline.name());
  out.set_stage(stage);
  if (held) out.set_held_by(held->by);
  out.set_buffer_full(is_full(b.buffered, buffer));
  out.set_waits_to_flush(!held && stage == "sink" && !out.buffer_full() &&
                         pipeline.stream().sink().flush_every_ns() >= c.in.truth.stores[samples.store].freshness.ns);
  out.set_from_at_ns(samples.at[stretch->from].ns);
  out.set_until_at_ns(samples.at[stretch->until].ns);
  out.set_late(stretch->late);
  out.set_held_up_ns((stretch->held_up.until - stretch->held_up.from).ns);
  add_stages(a, b, samples.at[stretch->until] - samples.at[stretch->from], out);
}

void write_batch(const Case& c, StoreId store, const scenario::Pipeline& pipeline, result::Result& result) {
  const Span* late = longest(c.stale[store]);
  const auto counts = std::find_if(c.in.batches.begin(), c.in.batches.end(),
                                   [&](const BatchCounts& batch) { return batch.pipeline == pipeline.name(); });
  if (!late || counts == c.in.batches.end() || c.end <= Time{}) return;
  const double rows_a_cycle = static_cast<double>(c.in.truth.stores[store].rows);
  const double offered = rows_a_cycle * static_cast<double>(counts->cycles) * 1e9 / static_cast<double>(c.end.ns);
  const double served = static_cast<double>(pipeline.batch().rate_nano()) / 1e9;
  const HoldTruth* held = stood_still(c, pipeline.name(), {late->from, late->until});
  const bool reads_all = !pipeline.batch().has_extract() || pipeline.batch().extract().has_snapshot();
  if (!held && (!reads_all || offered <= served)) return;
  result::Bottleneck& out = *result.add_bottlenecks();
  out.set_pipeline(pipeline.name());
  out.set_stage(held ? part_name(held->part) : "extract and load");
  if (held) out.set_held_by(held->by);
  out.set_from_at_ns(late->from.ns);
  out.set_until_at_ns(late->until.ns);
  out.set_late(true);
  out.set_held_up_ns((late->until - late->from).ns);
  if (held) return;
  result::Stage& stage = *out.add_stages();
  stage.set_name("extract and load");
  stage.set_offered(offered);
  stage.set_served(served);
}

}  // namespace

void write_bottlenecks(const Case& c, result::Result& result) {
  for (const StoreSamples& samples : c.in.samples) {
    const std::string& name = c.in.truth.stores[samples.store].pipeline;
    const scenario::Pipeline& pipeline = pipeline_of(c, name);
    if (pipeline.has_batch()) write_batch(c, samples.store, pipeline, result);
    else if (samples.stages.size() > 1) write_stream(c, samples, pipeline, result);
  }
}

}  // namespace rehearse::judging
