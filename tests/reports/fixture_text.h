// The part of the rich fixture that is written out: everything but steps, cycles and series. Included by fixture.cpp
// alone.
#pragma once

namespace rehearse::fixture {

// Instants and durations are in minutes; `scale_minutes` makes nanoseconds of them.
inline constexpr const char* rich_text = R"pb(
  scenario: "nightly-orders-to-stream"
  about: "The nightly orders load becomes a CDC stream. The connector restarts in week one; a flash sale hits during the canary."
  scenario_file: "scenarios/quickstart.yaml"
  seed: 1
  version: "0.1.0"
  depends_on { name: "commit" value: "4f1c2ab" }
  depends_on { name: "time zones" value: "fixed offsets" }
  migrates_from: "nightly"
  migrates_to: "cdc"
  replay: "./rehearse run scenarios/quickstart.yaml --seed 1"
  verdict: fail
  reasons: "An expectation is broken: all consumers were to be back within 1m, the last was back after 1m 34s."
  reasons: "The rollback was right: orders_streaming was 71 minutes past its promised freshness when the trigger fired, and fraud_rules read from it."
  reasons: "The GO out of shadow was right: no divergence and no staleness in orders_streaming within the next 24 h."
  warnings: "Check counts ran 3 times without data while nightly was paused."
  remarks: "Looser than by default: look_ahead 12h."
  decision: rolled_back
  outcome { kind: rolled_back phase: "canary" since_at_ns: 10752 }
  exposures {
    reader: "dashboard"
    tier: "low"
    listed: true
    by_plan: true
    for_ns: 93
    stretches: 2
    longest_ns: 63
    longest_at_ns: 10690
    stores { store: "orders_streaming" stale: true for_ns: 93 causes: "burst" }
    onset_at_ns: 10690
    trigger_at_ns: 10752
    good_at_ns: 10753
    missed_at_ns: 10750
    before { reads: 3724 right: 4 wrong: 2 stale: 3718 }
    during { reads: 6 stale: 6 }
    after {}
  }
  exposures {
    reader: "month_end"
    tier: "medium"
    for_ns: 30
    stretches: 1
    longest_ns: 30
    longest_at_ns: 1200
    stores { store: "orders_nightly" divergent: true for_ns: 30 causes: "amount_scale" }
    before { reads: 1 wrong: 1 }
  }
  expectations {
    text: "decision is rolled_back"
    status: held
    actual: "rolled_back"
    expected: "rolled_back"
    path: "expect.decision"
    where: "scenarios/quickstart.yaml:78:3"
  }
  expectations {
    text: "the rollback was right"
    status: held
    actual: "right"
    expected: "right"
    path: "expect.rollback.was_right"
  }
  expectations {
    text: "rollback RTO is at most 1m"
    status: broken
    actual: "1m 34s"
    expected: "at most 1m"
    path: "expect.rollback.rto"
    where: "scenarios/quickstart.yaml:79:52"
  }
  expectations {
    text: "burst was necessary"
    status: unknown
    actual: "no paired reruns"
    expected: "burst"
    path: "expect.rollback.necessary"
  }
  expectations {
    text: "the schema change is caught"
    status: vacuous
    actual: "never struck"
    expected: "caught"
    path: "expect.caught"
  }
  phases { name: "shadow" entered_at_ns: 0 left_at_ns: 7200 left: passed at_least_ns: 7200 }
  phases {
    name: "canary"
    entered_at_ns: 7200
    left_at_ns: 10752
    left: rolled_back
    moved: "dashboard"
    moved: "fraud_rules"
    at_least_ns: 7200
  }
  phases { name: "ramp" left: not_entered moved: "stock_monitor" }
  phases { name: "batch_paused" left: not_entered did: "pause nightly" }
  gates { phase: "shadow" criterion: "at least 5d" comparison: "at_least" for_ns: 7200 status: met met_at_ns: 7200 }
  gates {
    phase: "shadow"
    criterion: "bad_rows below 0.1% for 2d"
    metric: "bad_rows"
    comparison: "below"
    bound: 0.001
    value: 0.00002
    worst: 0.0018
    unit: "ratio"
    for_ns: 2880
    status: met
    holds_since_at_ns: 3307
    met_at_ns: 6187
    samples: 120
    samples_missing: 1
    history { at_ns: 0 status: no_data }
    history { at_ns: 67 status: holding value: 0 }
    history { at_ns: 2887 status: broken value: 0.0018 }
    history { at_ns: 3307 status: holding value: 0.00004 }
    history { at_ns: 6187 status: met value: 0.00002 }
  }
  gates {
    phase: "shadow"
    criterion: "p95 below 30s for 1d"
    metric: "p95"
    comparison: "below"
    bound: 30
    value: 1.9
    worst: 440
    unit: "seconds"
    for_ns: 1440
    status: met
    holds_since_at_ns: 4571
    met_at_ns: 6011
    samples: 7200
    history { at_ns: 0 status: holding value: 1.8 }
    history { at_ns: 1440 status: met }
    history { at_ns: 4561 status: broken value: 440 }
    history { at_ns: 4571 status: holding value: 2.1 }
    history { at_ns: 6011 status: met value: 1.9 }
  }
  gates { phase: "shadow" criterion: "observed: recovery" comparison: "observed" status: met met_at_ns: 4567 }
  gates {
    phase: "canary"
    criterion: "bad_rows below 0.01% for 3d"
    metric: "bad_rows"
    comparison: "below"
    bound: 0.0001
    value: 0.000021
    worst: 0.00003
    unit: "ratio"
    for_ns: 4320
    status: holding
    holds_since_at_ns: 7267
    samples: 59
    history { at_ns: 7200 status: no_data }
    history { at_ns: 7267 status: holding value: 0.00002 }
  }
  gates { phase: "canary" criterion: "observed: weekend" comparison: "observed" status: no_data }
  gates {
    phase: "ramp"
    criterion: "bad_rows below 0.01% for 3d"
    metric: "bad_rows"
    comparison: "below"
    bound: 0.0001
    unit: "ratio"
    for_ns: 4320
    status: not_reached
  }
  judgements {
    at_ns: 7200
    kind: go
    phase: "shadow"
    was: right
    why: "Nothing in orders_streaming was divergent or stale within the look-ahead of 24 h."
    earliest_safe_at_ns: 5040
    time_lost_ns: 2160
    into: "canary"
    drills { fired_at_ns: 7200 landed: true landing_ns: 2 }
    drills { fired_at_ns: 8640 landed: true landing_ns: 3 changes_no_longer_shown: 1 }
    bad_luck: "orders_streaming was stale for longer than 1 h (burst)."
  }
  judgements {
    at_ns: 7300
    kind: go
    phase: "canary"
    moved: "fraud_rules"
    was: wrong
    why: "A rollback at once would not have landed: orders_nightly was stale."
    causes: "nightly paused by phase canary"
    drills { fired_at_ns: 7300 landing_ns: 1440 failed_steps: "resume nightly" }
    drills { fired_at_ns: 8740 cut_short: true }
  }
  judgements { at_ns: 10752 kind: no_go phase: "canary" was: wrong no_data: true why: "All was safe." }
  triggers {
    text: "age above 10m for 5m"
    metric: "age"
    fired: true
    fired_at_ns: 10752
    bound: 600
    closest: 4320
    closest_at_ns: 10752
    longest_held_ns: 62
    for_ns: 5
    unit: "seconds"
    samples: 20160
  }
  triggers {
    text: "bad_rows above 0.5% for 6h"
    metric: "bad_rows"
    bound: 0.005
    closest: 0.0018
    closest_at_ns: 2947
    longest_held_ns: 0
    for_ns: 360
    unit: "ratio"
    samples: 336
    samples_missing: 2
    note: "never above; 0.32 points short"
  }
  rollbacks {
    trigger: "age above 10m for 5m"
    fired_at_ns: 10752
    phase: "canary"
    by: "automatic switch"
    causes: "burst"
    necessary: "burst"
    necessary_known: true
    was: right
    why: "orders_streaming was stale: 72 minutes old against a promise of 60 s, and dashboard and fraud_rules read from it."
    onset_at_ns: 10690
    landed: true
    routed_ns: 1
    rpo_writes: 0
    changes_no_longer_shown: 41250
    divergence_left: 40
    harm_before { reads: 3724 right: 4 wrong: 2 stale: 3718 }
    harm_after { reads: 413280 right: 413280 }
  }
  advice {
    path: "pipelines.cdc.stream.sink.row_time"
    value: "1ms190us or less, or 2 `writers` or more"
    now: "2ms"
    why: "840/s came to cdc and it served 498/s."
  }
  bottlenecks {
    pipeline: "cdc"
    stage: "sink"
    buffer_full: true
    late: true
    held_up_ns: 251
    from_at_ns: 10680
    until_at_ns: 10800
    stages { name: "connector" offered: 840 served: 840 }
    stages { name: "topic" offered: 840 served: 505 waiting: 2400000 }
    stages { name: "processor" offered: 505 served: 500.5 waiting: 3000 }
    stages { name: "sink" offered: 500.5 served: 498 waiting: 10000 }
  }
  bottlenecks { pipeline: "nightly" stage: "batch job" held_by: "phase canary" late: true held_up_ns: 1500 }
  safety: "No divergent row in the store that is switched to."
  safety: "Never staler than promised, within 24 h of a GO."
  safety: "A rollback must be possible."
  faults {
    name: "connector_restart"
    kind: "connector_restart"
    target: "cdc"
    hits: 1
    detail: "down for 7m"
    strikes { struck_at_ns: 4560 healed_at_ns: 4567 hits: 1 }
  }
  faults {
    name: "burst"
    kind: "burst"
    target: "orders"
    hits: 5760000
    detail: "20 times the rate for 2h"
    strikes { struck_at_ns: 10680 healed_at_ns: 10800 hits: 5760000 }
  }
  faults {
    name: "amount_scale"
    kind: "silent_corruption"
    defect: true
    target: "cdc: orders.amount"
    hits: 1804
    detail: "loses the scale of amounts above 10,000"
    strikes { struck_at_ns: 2880 healed_at_ns: 3240 hits: 1804 }
  }
  faults { name: "rename_status" kind: "schema_drift" target: "orders.status" vacuous: true }
  checks {
    name: "counts"
    kind: "row_count"
    between: "orders_nightly"
    between: "orders_streaming"
    severity: "major"
    alignment: "window_cut"
    schedule: "daily at 04:00"
    runs: 14
    runs_without_data: 3
    rows_compared: 27720000
    claims: 1
    false_alarms: 1
    classes { name: "aggregate" claims: 1 }
    recall_in_sample { numerator: 0 denominator: 1644 }
    recall_in_population { numerator: 0 denominator: 1644 }
    judged: true
    note: "Net zero differences cancel."
  }
  checks {
    name: "hashes"
    kind: "sampled_hash"
    between: "source"
    between: "orders_streaming"
    severity: "major"
    alignment: "position"
    schedule: "every 6h"
    runs: 56
    rows_compared: 2800000
    claims: 79
    right: 79
    classes { name: "mismatch" claims: 79 right: 79 }
    recall_in_sample { numerator: 79 denominator: 79 }
    recall_in_population { numerator: 79 denominator: 1644 }
    delay { shortest_ns: 12 median_ns: 201 longest_ns: 372 }
    judged: true
  }
  checks {
    name: "fields"
    kind: "field_compare"
    between: "source"
    between: "orders_streaming"
    severity: "critical"
    alignment: "position"
    schedule: "every 1h, at minute 7"
    runs: 336
    rows_compared: 336000000
    claims: 1650
    right: 1644
    false_alarms: 6
    late: 17
    untold: 23
    too_short: 31
    classes { name: "mismatch" claims: 1644 right: 1644 }
    classes { name: "timing" claims: 6 }
    recall_in_sample { numerator: 1644 denominator: 1644 }
    recall_in_population { numerator: 1644 denominator: 1644 }
    delay { shortest_ns: 1 median_ns: 31 longest_ns: 60 }
    judged: true
  }
  checks { name: "arrival" kind: "latency" between: "orders_streaming" schedule: "every 1m" runs: 20160 }
  matrix {
    cause: "amount_scale"
    check: "counts"
    divergences: 1644
    missed: 1644
    examples {
      store: "orders_streaming"
      table: "orders"
      key: "id=100233"
      causes: "amount_scale"
      onset_at_ns: 2891
      until_at_ns: 2948
      kind: "mismatch"
      content_at_ns: 2900
      fields { column: "id" expected: "100233" actual: "100233" }
      fields { column: "amount" expected: "12840.55" actual: "12840.00" differs: true }
      fields { column: "status" actual: "paid" expected: "paid" }
      made_of { table: "order_rows" expected: "100233, write 7: id=100233" actual: "100233, write 7: id=100233" }
      made_of {
        table: "buyers"
        looked_up: true
        expected: "26, write 5: segment=gold"
        actual: "26, write 2: segment=tin"
      }
      made_of { table: "partners" looked_up: true expected: "no such row" }
    }
  }
  matrix {
    cause: "amount_scale"
    check: "hashes"
    divergences: 1644
    caught: 79
    missed: 1565
    delay { shortest_ns: 12 median_ns: 201 longest_ns: 372 }
  }
  matrix {
    cause: "amount_scale"
    check: "fields"
    divergences: 1644
    caught: 1644
    delay { shortest_ns: 1 median_ns: 31 longest_ns: 60 }
    examples {
      store: "orders_streaming"
      table: "orders"
      key: "id=100233"
      causes: "amount_scale"
      onset_at_ns: 2891
      until_at_ns: 2948
      kind: "mismatch"
      content_at_ns: 2900
      caught: true
      claim: "mismatch in amount"
      fields { column: "id" expected: "100233" actual: "100233" }
      fields { column: "amount" expected: "12840.55" actual: "12840.00" differs: true }
      fields { column: "region" differs: false }
    }
    examples {
      store: "orders_streaming"
      table: "orders"
      key: "id=771"
      actual_absent: true
      caught: true
      causes: "amount_scale"
      causes: "connector_restart"
      onset_at_ns: 2894
      claim: "missing"
      kind: "missing"
      fields { column: "id" expected: "771" differs: true }
    }
  }
  matrix { cause: "burst" check: "counts" divergences: 0 false_alarms: 1 }
  matrix {
    cause: "burst"
    check: "fields"
    divergences: 0
    false_alarms: 6
    examples { store: "orders_streaming" table: "orders" key: "id=5" false_alarm: true claim: "timing" }
  }
  matrix { cause: "burst" check: "hashes" divergences: 0 }
  matrix { cause: "connector_restart" check: "fields" divergences: 0 }
  stores {
    name: "orders_nightly"
    dataset: "orders"
    pipeline: "nightly"
    rows: 1021344
    worst_age_ns: 1562
    freshness_ns: 1560
    stale_intervals: 1
    stale_ns: 2
    healed_equal: true
  }
  stores {
    name: "orders_streaming"
    dataset: "orders"
    pipeline: "cdc"
    rows: 1021398
    divergent_intervals: 1644
    divergent_now: 40
    divergent_row_seconds: 3058211
    divergent_worst: 312
    causes { cause: "amount_scale" intervals: 1640 now: 40 }
    causes { cause: "amount_scale + connector_restart" intervals: 4 }
    stale_intervals: 2
    stale_ns: 201
    worst_age_ns: 72
    freshness_ns: 1
  }
  consumers {
    name: "fraud_rules"
    reads: "orders"
    tier: "high"
    listed: true
    harm { reads: 1209600 right: 1205880 wrong: 2 stale: 3718 broken_assumption: 1 }
    served_from { from_at_ns: 0 store: "orders_nightly" }
    served_from { from_at_ns: 7200 store: "orders_streaming" }
    served_from { from_at_ns: 10753 store: "orders_nightly" }
    needs: "unique"
  }
  consumers {
    name: "stock_monitor"
    reads: "orders"
    tier: "medium"
    listed: true
    harm { reads: 20160 right: 20160 }
    served_from { from_at_ns: 0 store: "orders_nightly" }
  }
  consumers {
    name: "dashboard"
    reads: "orders"
    tier: "low"
    listed: true
    harm { reads: 1344 right: 1340 stale: 4 }
    served_from { from_at_ns: 0 store: "orders_nightly" }
    served_from { from_at_ns: 7200 store: "orders_streaming" }
    served_from { from_at_ns: 10754 store: "orders_nightly" }
  }
  consumers {
    name: "month_end"
    reads: "orders_nightly"
    tier: "medium"
    harm {}
  }
  capture {
    stream: "captures/orders.jsonl"
    row_events: 12000
    left_out: 30
    max_left_out_ppb: 1000000
    too_much_left_out: true
    transactions: 4000
    transactions_before_start: 2
    transactions_after_end: 5
    changes_within: 11900
    commit_times_going_back: 3
    findings {
      kind: "update_of_unknown_row"
      table: "orders"
      count: 30
      first_line: 17
      first_row: "id=4711"
      left_out: true
      text: "orders: 30 updates of rows that neither a snapshot nor the stream had made, not replayed; the first in line 17 (id=4711)."
    }
    findings {
      kind: "null_may_be_not_a_number"
      table: "orders"
      column: "amount"
      count: 4
      first_line: 19
      text: "orders: 4 NULLs in amount, each of which may have been NaN or an infinity; the first in line 19."
    }
    witnesses { table: "orders" rows: 900 differing: 4 too_much: true }
    witnesses { table: "lines" rows: 1800 }
  }
  source_log_incomplete {
    table: "mix_keyless"
    key: "ctid (0,4)"
    column: "note"
    reason: "no replica identity"
    evidence: "The stream shows the UPDATE without old or new key at this position."
    position: "0/1A2B3C8"
    rows: 3
  }
  classes { name: "mismatch" divergences: 1655 divergent_worst: 310 claims: 1723 right: 1717 }
  classes { name: "missing" divergences: 1 divergent_worst: 1 claims: 1 right: 1 }
  classes { name: "timing" claims: 6 right: 2 }
  pauses { pipeline: "nightly" from_at_ns: 9000 until_at_ns: 10754 by: "phase canary" }
  conservation { pipeline: "nightly" changes: 20160332 applied: 13999120 superseded: 6161212 balanced: true }
  conservation {
    pipeline: "cdc"
    changes: 20160332
    applied: 20160300
    applied_again: 2411
    in_flight: 2
    dead_lettered: 30
    balanced: true
  }
  audit { at_ns: 2947 actor: "repair of fields" action: "reload_from_source" rows: 310 detail: "mismatch in amount" }
  audit { at_ns: 3007 actor: "repair of fields" action: "reload_from_source" rows: 288 }
  audit { at_ns: 7200 actor: "migration" action: "move dashboard, fraud_rules to orders_streaming" }
  audit { at_ns: 10752 actor: "automatic switch" action: "rollback" detail: "age above 10m for 5m" }
  marks { at_ns: 2880 until_at_ns: 3240 kind: fault text: "amount_scale" }
  marks { at_ns: 2947 kind: repair text: "reload 310 rows" }
  marks { at_ns: 3007 kind: repair text: "reload 288 rows" }
  marks { at_ns: 4560 until_at_ns: 4567 kind: fault text: "connector_restart" }
  marks { at_ns: 7200 kind: decision text: "GO out of shadow" }
  marks { at_ns: 10680 until_at_ns: 10800 kind: fault text: "burst" }
  marks { at_ns: 10752 kind: decision text: "rollback: age above 10m for 5m" }
  marks { at_ns: 10753 kind: incident text: "incident opened" }
  not_modelled: "Time zones with daylight saving."
  not_modelled: "Network partitions between the processor and its sink."
  digests { trajectory: "8f0c5d7e9b2a41c6d3e8f70a1b2c3d4e" outcome: "01f2e3d4c5b6a7988776655443322110" }
  figures {
    changes: 20160332
    transactions: 6720110
    agenda_events: 412733
    slots: 1021398
    bytes_per_slot: 24.2
    log_bytes: 183500800
    row_time_bytes: 8171184
    rows_compared: 366520000
  }
  machine {
    wall_seconds: 3.412
    changes_per_second: 5908654
    agenda_events_per_second: 120965
    peak_memory_bytes: 412000000
  }
)pb";

}  // namespace rehearse::fixture
