// A batch job and a stream of one small table: what a test adds checks and a migration to.
#pragma once

namespace rehearse {

inline constexpr const char* small_plan = R"yaml(
format: 1
name: small
start: 2026-03-02T00:00:00Z
duration: 3d
source:
  tables:
    orders:
      rows: 200
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}
      workload: {peak_rate: 1/m, mix: {insert: 10%, update: 80%, delete: 10%}}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", rate: 1k/s, freshness: 26h}}
  cdc: {stream: {produces: orders, into: new, freshness: 60s, topic: {partitions: 1}, processor: {workers: 1}}}
consumers: {service: {reads: orders, every: 10m, tier: high}}
safety: {rollback: optional}
)yaml";

}  // namespace rehearse
