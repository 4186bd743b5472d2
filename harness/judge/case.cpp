#include "harness/judge/case.h"

#include <algorithm>

#include "harness/judge/words.h"
#include "sim/kernel/wide.h"

namespace rehearse::judging {

Case::Case(const JudgeInputs& inputs) : in(inputs), end(inputs.end()), divergences(inputs.truth, inputs.end()) {
  for (const StoreTruth& store : in.truth.stores) stale.push_back(cut_at(merged(store.stale), end));
}

std::optional<StoreId> Case::store_of_pipeline(std::string_view pipeline) const {
  for (StoreId store = 1; store < in.truth.stores.size(); ++store)
    if (in.truth.stores[store].pipeline == pipeline) return store;
  return std::nullopt;
}

std::optional<StoreId> Case::store_named(std::string_view name) const {
  for (StoreId store = 0; store < in.truth.stores.size(); ++store)
    if (in.truth.stores[store].name == name) return store;
  return std::nullopt;
}

const scenario::Consumer* Case::consumer(std::string_view name) const {
  for (const auto* list : {&in.scenario.consumers(), &in.scenario.world().consumers()})
    for (const scenario::Consumer& consumer : *list)
      if (consumer.name() == name) return &consumer;
  return nullptr;
}

std::uint64_t Case::most_divergent_rows(StoreId store) const {
  const scenario::Amount& most = in.scenario.safety().max_divergence();
  if (!most.has_share_ppb()) return static_cast<std::uint64_t>(std::max<std::int64_t>(most.rows(), 0));
  const StoreTruth& truth = in.truth.stores[store];
  const auto keys = static_cast<Unsigned128>(std::max(truth.rows, truth.keys_expected));
  return static_cast<std::uint64_t>(keys * static_cast<std::uint64_t>(most.share_ppb()) / 1'000'000'000);
}

Spans Case::divergent(StoreId store) const { return cut_at(divergences.above(store, most_divergent_rows(store)), end); }

Spans Case::unsafe(StoreId store) const {
  const bool stale_is_safe = in.scenario.safety().stale() == scenario::Safety::ALLOWED;
  return stale_is_safe ? divergent(store) : united(divergent(store), stale[store]);
}

Spans Case::not_a_fallback(StoreId store) const { return united(divergent(store), stale[store]); }

std::string Case::ailment(StoreId store, Time t) const {
  const std::uint64_t rows = divergences.rows_at(store, t);
  const bool is_stale = at(stale[store], t) != nullptr;
  std::string text = store_name(store);
  if (rows > most_divergent_rows(store)) text += " had " + counted(rows, "divergent row", "divergent rows");
  else if (is_stale)
    return text + " was stale (older than the promised " + duration(in.truth.stores[store].freshness) + ")";
  else return text + " was in order";
  return is_stale ? text + " and was stale" : text;
}

std::string shown_cause(const std::string& cause) {
  for (const std::string_view kind : {"fault ", "defect "})
    if (cause.starts_with(kind)) return cause.substr(kind.size());
  return cause;
}

std::vector<std::string> shown_causes(const CauseTable& causes, CauseSet set) {
  std::vector<std::string> names;
  for (const CauseId id : causes.members(set)) names.push_back(shown_cause(causes.name(id)));
  if (names.empty()) names.push_back("unknown");
  return names;
}

}  // namespace rehearse::judging
