// A small valid scenario that tests break in one place, and a mark for where the mistake is.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "scenarios/loader.h"

namespace rehearse::testing {

inline const std::string base_scenario = R"yaml(format: 1
name: base
start: 2026-03-02T00:00:00Z
duration: 30d
source:
  tables:
    orders:
      rows: 1k
      columns:
        id: {type: bigint, key: true}
        amount: {type: "decimal(12,2)"}
        status: text
        updated_at: {type: timestamptz, role: updated_at}
      workload: {peak_rate: 10/s}
    customers:
      rows: 10
      columns: {id: {type: bigint, key: true}, email: text}
datasets:
  orders: {of: orders}
  customers: {of: customers}
pipelines:
  nightly:
    batch: {produces: orders, into: orders_nightly, cron: "0 2 * * *", freshness: 26h}
  people:
    batch: {produces: customers, into: people_store, every: 1d, freshness: 26h}
  cdc:
    stream: {produces: orders, into: orders_streaming, freshness: 60s}
consumers:
  dashboard: {reads: orders, every: 15m, tier: low}
  report: {reads: orders_nightly, every: 1d, tier: medium}
checks:
  fields: {field_compare: {between: [source, orders_streaming], every: 1h}}
  arrival: {latency: {of: orders_streaming, every: 1m}}
metrics:
  bad_rows: {from: fields, per: rows_compared}
  p95: {from: arrival}
migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 5d, exit: [{metric: bad_rows, below: 1%, for: 2d}]}
    - {name: full, move: [dashboard]}
  rollback:
    triggers: [{metric: p95, above: 1h, for: 10m}]
    steps: [{redirect_consumers: 30s}]
world:
  faults:
    - connector_restart: {pipeline: cdc, at: 3d, down_for: 7m}
)yaml";

struct Broken {
  std::string text;
  int line = 0;  // of the mark
  int column = 0;
};

// `base` with the first `from` replaced by `to`, in which @@ marks the place where a mistake must be reported.
inline Broken broken(std::string base, const std::string& from, const std::string& to) {
  const std::size_t at = base.find(from);
  if (at == std::string::npos) throw std::logic_error("the scenario has no " + from);
  base.replace(at, from.size(), to);
  Broken result;
  const std::size_t mark = base.find("@@");
  if (mark != std::string::npos) {
    base.erase(mark, 2);
    result.line = 1;
    result.column = 1;
    for (std::size_t i = 0; i < mark; ++i) {
      result.column = base[i] == '\n' ? 1 : result.column + 1;
      result.line += base[i] == '\n' ? 1 : 0;
    }
  }
  result.text = std::move(base);
  return result;
}

inline LoadResult load(const std::string& text) { return load_scenario_text(text, "test.yaml"); }

}  // namespace rehearse::testing
