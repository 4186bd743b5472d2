// The text, with the name put in.
#include "scenarios/starter.h"

namespace rehearse {
namespace {

constexpr std::string_view before_name = R"yaml(format: 1
name: )yaml";

constexpr std::string_view after_name = R"yaml(
about: A nightly batch load is replaced by a stream. The connector restarts once while nobody reads the stream yet.
start: 2026-03-02T00:00:00Z        # a Monday
duration: 14d
seed: 1

source:                            # the database being migrated
  tables:
    orders:
      rows: 100k
      columns:
        id: {type: bigint, key: true}
        customer_id: {type: bigint, distinct: 10k}
        amount: {type: "decimal(12,2)"}
        status: {type: text, distinct: 5}
        created_at: {type: timestamptz, role: created_at}
        updated_at: {type: timestamptz, role: updated_at}
      workload:
        peak_rate: 5/s
        mix: {insert: 5%, update: 90%, delete: 5%}
        pick: {updates: zipf(0.9)}
        transactions: geometric(mean=3)
        calendar: {open: "Mon-Fri 08:00-18:00", closed: 20%}

datasets:                          # what both pipelines promise to hold
  orders: {of: orders}

pipelines:
  nightly:
    batch: {produces: orders, into: orders_nightly, cron: "0 2 * * *", extract: snapshot, load: replace, freshness: 26h}
  cdc:
    stream:
      produces: orders
      into: orders_streaming
      freshness: 60s
      topic: {partitions: 3}
      processor: {workers: 3, service_time: exponential(1ms)}
      sink: {write: upsert, row_time: 2ms}

consumers:                         # who reads the result, and how much a wrong read costs
  dashboard: {reads: orders, every: 15m, tier: low}
  fraud_rules: {reads: orders, every: 1m, tier: high, needs: {unique: true}}

checks:
  fields: {field_compare: {between: [source, orders_streaming], every: 1h, offset: 7m, severity: critical}}
  age: {freshness: {of: orders_streaming, every: 1m}}

metrics:                           # gates and triggers read these, never the truth
  bad_rows: {from: fields, per: rows_compared}
  age: {from: age}

migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 5d, observed: [recovery], exit: [{metric: bad_rows, below: 0.1%, for: 2d}]}
    - {name: canary, move: [dashboard], at_least: 3d, exit: [{metric: bad_rows, below: 0.01%, for: 2d}]}
    - {name: full, move: {rest: by_tier}, soak: 1d}
  rollback:
    triggers:
      - {metric: bad_rows, above: 0.5%, for: 6h, min_samples: 3}
      - {metric: age, above: 10m, for: 5m, during: [canary, full]}
    steps: [{redirect_consumers: 30s}, {resume: nightly}, {open_incident: 0s}]

world:                             # what nobody on the team knows
  faults:
    - connector_restart: {pipeline: cdc, at: 3d04h, down_for: 7m}

expect:                            # what `rehearse check` holds the result against
  decision: cut_over
  verdict: pass
)yaml";

}  // namespace

std::string starter_scenario(std::string_view name) { return std::string(before_name).append(name).append(after_name); }

}  // namespace rehearse
