// Whether each stage of a pipeline can do what it is offered: what can be worked out before any rehearsal.
//
// What is offered counts only datasets that are their tables as they are, one record a change; of others a calendar
// does not tell how many records they have. A stage's capacity is the most that it could do. So what is told is true,
// and silence proves nothing. Left out: hot keys, queues, captured sources.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "faults/burst/burst.pb.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/fault_kinds.h"
#include "scenarios/lint_context.h"
#include "scenarios/lint_timing.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"
#include "scenarios/workload_rates.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
constexpr double nano = 1e9;

std::string rate_text(std::int64_t rate_nano) { return fmt::format("{:.3g}/s", static_cast<double>(rate_nano) / nano); }

// What a pipeline's source tables offer to it.
struct Offer {
  OfferedRate rate;
  std::string tables;
  struct Burst {
    std::string name;
    std::int64_t for_ns = 0;
    std::int64_t rate_nano = 0;  // of all tables together, at the most
  };
  std::vector<Burst> bursts;
};

Offer offer_of(const LintContext& context, const scenario::Pipeline& pipeline) {
  Offer offer;
  const std::vector<const scenario::Table*> tables = tables_as_they_are(context, pipeline);
  std::vector<std::string> names;
  for (const scenario::Table* table : tables) names.push_back("`" + table->name() + "`");
  offer.rate = offered_by(tables, context.proto);
  offer.tables = joined(names, ", ", " and ");
  for (const scenario::Fault& fault : context.proto.world().faults()) {
    if (!fault.has_burst()) continue;
    for (const scenario::Table* table : tables) {
      if (table->name() != fault.burst().table()) continue;
      const Signed128 more = static_cast<Signed128>(table->workload().peak_rate_nano()) *
                             (fault.burst().factor_ppb() - parts_per_billion) / parts_per_billion;
      offer.bursts.push_back({fault.name(), fault.burst().for_ns(), offer.rate.peak + static_cast<std::int64_t>(more)});
    }
  }
  return offer;
}

// A part of a pipeline that takes its time for each record.
struct Stage {
  std::string path;  // of the value to change
  std::string does;  // "the sink writes"
  std::int64_t capacity_nano = no_limit;
  std::function<std::string(std::int64_t)> enough;  // for a rate: what to write instead
};

void lint_stage(LintContext& context, const Stage& stage, const Offer& offer) {
  const auto tell = [&](const std::string& offered, const std::string& so, std::int64_t needed) {
    context.warning(stage.path,
                    fmt::format("{} at most {}, and {} come from {}, so {}", stage.does, rate_text(stage.capacity_nano),
                                offered, offer.tables, so),
                    stage.enough(needed));
  };
  const std::string mean = rate_text(offer.rate.mean), peak = rate_text(offer.rate.peak);
  if (offer.rate.mean > stage.capacity_nano)
    return tell(mean == peak ? mean : fmt::format("{} on average, {} at the peak,", mean, peak), "it never keeps up",
                offer.rate.peak);
  if (offer.rate.peak > stage.capacity_nano)
    return tell(fmt::format("{} at the peak, {} on average,", peak, mean),
                "it falls behind in the open hours and catches up outside them", offer.rate.peak);
  for (const Offer::Burst& burst : offer.bursts)
    if (burst.rate_nano > stage.capacity_nano)
      return tell(fmt::format("up to {} for {} in the burst `{}`, {} on average,", rate_text(burst.rate_nano),
                              format_duration(burst.for_ns), burst.name, mean),
                  "it falls behind in the burst", burst.rate_nano);
}

// The most of what `count` do side by side, each taking `each_ns`.
std::int64_t rate_of(std::int64_t count, std::int64_t each_ns) {
  if (each_ns == 0) return no_limit;
  const Signed128 rate = static_cast<Signed128>(count) * 1'000'000'000 * 1'000'000'000 / each_ns;
  return rate > no_limit ? no_limit : static_cast<std::int64_t>(rate);
}

std::int64_t count_for(std::int64_t rate_nano, std::int64_t each_ns) {
  const Signed128 one = static_cast<Signed128>(1'000'000'000) * 1'000'000'000;
  return static_cast<std::int64_t>((static_cast<Signed128>(rate_nano) * each_ns + one - 1) / one);
}

// Not above the mean, so that the capacity is not below what it is.
std::int64_t least_mean(const values::Distribution& d) {
  using values::Distribution;
  if (d.kind() == Distribution::UNIFORM) return d.a() / 2 + d.b() / 2;
  if (d.kind() != Distribution::EMPIRICAL) return d.a();
  Signed128 sum = 0;
  for (const Distribution::Point& point : d.points()) sum += static_cast<Signed128>(point.value()) * point.share_ppb();
  return static_cast<std::int64_t>(sum / parts_per_billion);
}

std::string time_for(std::int64_t count, std::int64_t rate_nano) {
  return about(rate_of(count, rate_nano), Towards::below);
}

std::vector<Stage> stages_of(const scenario::Pipeline& pipeline) {
  const scenario::StreamPipeline& stream = pipeline.stream();
  const std::string path = pipeline_path(pipeline);
  std::vector<Stage> stages;
  const scenario::Connector& connector = stream.connector();
  if (connector.has_rate_nano())
    stages.push_back({path + ".connector.rate", "the connector reads", connector.rate_nano(),
                      [](std::int64_t needed) { return "a rate above " + rate_text(needed); }});
  if (connector.mode() == scenario::Connector::POLL)
    stages.push_back({path + ".connector.max_batch", "the connector polls",
                      rate_of(connector.max_batch(), connector.poll_every_ns()), [connector](std::int64_t needed) {
                        return fmt::format("`max_batch` of {} or more, or `poll_every` of {} or less",
                                           count_for(needed, connector.poll_every_ns()),
                                           time_for(connector.max_batch(), needed));
                      }});
  const std::int64_t workers = stream.processor().workers();
  const std::int64_t service_ns = least_mean(stream.processor().service_time());
  stages.push_back({path + ".processor.service_time", "the processor does", rate_of(workers, service_ns),
                    [workers, service_ns](std::int64_t needed) {
                      return fmt::format("a mean of {} or less, or {} `workers` or more", time_for(workers, needed),
                                         count_for(needed, service_ns));
                    }});
  const scenario::Sink& sink = stream.sink();
  stages.push_back({path + ".sink.row_time", "the sink writes", rate_of(sink.writers(), sink.row_time_ns()),
                    [sink](std::int64_t needed) {
                      return fmt::format("{} or less, or {} `writers` or more", time_for(sink.writers(), needed),
                                         count_for(needed, sink.row_time_ns()));
                    }});
  // A batch that the buffer cannot fill waits for the next tick.
  const std::int64_t buffer = stream.processor().buffer();
  if (buffer < sink.flush_rows())
    stages.push_back({path + ".processor.buffer", "the sink flushes what the buffer holds, which is",
                      rate_of(buffer, sink.flush_every_ns()), [sink](std::int64_t needed) {
                        return fmt::format("{} or more, or `flush_every` of the sink to be shorter",
                                           std::max(sink.flush_rows(), count_for(needed, sink.flush_every_ns())));
                      }});
  return stages;
}

void lint_stream(LintContext& context, const scenario::Pipeline& pipeline) {
  const Offer offer = offer_of(context, pipeline);
  if (offer.rate.peak == 0) return;
  for (const Stage& stage : stages_of(pipeline)) lint_stage(context, stage, offer);
}

// A cycle that takes longer than the time to the next makes that one be skipped.
void lint_batch(LintContext& context, const scenario::Pipeline& pipeline) {
  const scenario::Batch& batch = pipeline.batch();
  const std::string path = pipeline_path(pipeline);
  const std::optional<std::int64_t> gap = context.longest_gap(batch.runs());
  if (!gap) return;
  const std::int64_t takes = cycle_takes(context, pipeline);
  if (takes > *gap)
    return context.warning(
        path + ".rate",
        fmt::format("a cycle loads {} rows or more and takes {}, but {} pass between two cycles at "
                    "most, so cycles are skipped while another runs",
                    format_count(rows_at_least(context, datasets_of(pipeline))), about(takes), format_duration(*gap)),
        "a rate above " + rate_text(rate_of(rows_at_least(context, datasets_of(pipeline)), *gap)));
  const std::int64_t oldest = *gap + takes;
  if (oldest > batch.freshness_ns())
    context.warning(
        path + ".freshness",
        fmt::format("up to {} pass between two cycles, and a cycle takes {}, so the store is stale in between",
                    format_duration(*gap), about(takes)),
        about(oldest, Towards::above) + " or more, or cycles that follow one another sooner");
}

}  // namespace

void lint_rates(LintContext& context) {
  for (const scenario::Pipeline& pipeline : context.proto.pipelines()) {
    if (pipeline.has_batch()) lint_batch(context, pipeline);
    else if (!context.captured()) lint_stream(context, pipeline);
  }
}

}  // namespace rehearse
