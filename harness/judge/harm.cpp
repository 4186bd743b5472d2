#include <algorithm>
#include <array>

#include "harness/judge/parts.h"

namespace rehearse::judging {
namespace {

constexpr std::array<const char*, 3> tiers{"low", "medium", "high"};

void add(const ReadCounts& counts, result::Harm& harm) {
  harm.set_reads(harm.reads() + counts.reads());
  harm.set_right(harm.right() + counts.right);
  harm.set_wrong(harm.wrong() + counts.wrong);
  harm.set_stale(harm.stale() + counts.stale);
  harm.set_broken_assumption(harm.broken_assumption() + counts.broken_assumption);
}

void add_serving(Time from, const std::string& store, result::Consumer& out) {
  result::Serving& serving = *out.add_served_from();
  serving.set_from_at_ns(from.ns);
  serving.set_store(store);
}

// Where it reads at first: where its first move came from, or a store by name, or the only store it ever read.
void write_serving(const Case& c, const ConsumerTruth& truth, const std::string& reads, result::Consumer& out) {
  std::vector<const MoveRecord*> moves;
  if (c.in.migration) {
    for (const PhaseRecord& phase : c.in.migration->phases)
      for (const MoveRecord& move : phase.moved)
        if (move.name == truth.name && move.ok) moves.push_back(&move);
    if (c.in.migration->rollback)
      for (const MoveRecord& move : c.in.migration->rollback->returned)
        if (move.name == truth.name && move.ok) moves.push_back(&move);
  }
  if (moves.empty()) {
    std::optional<StoreId> store = c.store_named(reads);
    for (StoreId s = 0; !store && s < truth.by_store.size(); ++s)
      if (truth.by_store[s].reads() > 0) store = s;
    if (store) add_serving(Time{}, c.store_name(*store), out);
    return;
  }
  add_serving(Time{}, c.store_name(moves.front()->from), out);
  for (const MoveRecord* move : moves) add_serving(move->at, c.store_name(move->to), out);
}

}  // namespace

void write_consumers(const Case& c, result::Result& result) {
  for (const ConsumerTruth& truth : c.in.truth.consumers) {
    result::Consumer& out = *result.add_consumers();
    out.set_name(truth.name);
    out.set_tier(tiers[static_cast<std::size_t>(std::clamp(truth.tier, 0, 2))]);
    out.set_listed(truth.listed);
    add(truth.all, *out.mutable_harm());
    const scenario::Consumer* given = c.consumer(truth.name);
    if (given) {
      out.set_reads(given->reads());
      static constexpr std::array<const char*, 3> assumptions{"unique", "complete", "fresh"};
      for (const int assumption : given->assumes()) out.add_assumes(assumptions[static_cast<std::size_t>(assumption)]);
    }
    write_serving(c, truth, out.reads(), out);
    if (truth.cut_off > 0)
      result.add_warnings(truth.name + (truth.listed ? "" : ", which is on nobody's list,") + " read " +
                          std::to_string(truth.cut_off) + " times from a store whose pipeline had been paused.");
  }
}

result::Harm harm_between(const Case& c, Time from, Time to) {
  result::Harm harm;
  for (const ConsumerTruth& consumer : c.in.truth.consumers)
    for (std::size_t i = 0; i < consumer.by_day.size(); ++i) {
      // A stretch counts where it begins, but for the one in which `from` lies.
      const Time begin = consumer.by_day[i].first;
      const Time end = i + 1 < consumer.by_day.size() ? consumer.by_day[i + 1].first : Time::never();
      if (begin < to && end > from) add(consumer.by_day[i].second, harm);
    }
  return harm;
}

}  // namespace rehearse::judging
