#include "tests/reports/fixture.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

namespace rehearse::fixture {
namespace {

using result::Result;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t burst_at = 7 * day + 10 * hour;


// Everything but what is easier computed. Instants in the text are in minutes; `scale_minutes` makes nanoseconds of them.
constexpr const char* text = R"pb(
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
  reasons: "The rollback was right: orders_streaming was 22 minutes past its promised freshness when the trigger fired, and fraud_rules read from it."
  reasons: "The GO out of shadow was right: no divergence and no staleness in orders_streaming within the next 24 h."
  warnings: "Check counts ran 3 times without data while nightly was paused."
  decision: rolled_back
  expectations { text: "decision is rolled_back" status: held actual: "rolled_back" expected: "rolled_back" path: "expect.decision" where: "scenarios/quickstart.yaml:78:3" }
  expectations { text: "the rollback was right" status: held actual: "right" expected: "right" path: "expect.rollback.was_right" }
  expectations { text: "rollback RTO is at most 1m" status: broken actual: "1m 34s" expected: "at most 1m" path: "expect.rollback.rto" where: "scenarios/quickstart.yaml:79:52" }
  expectations { text: "burst was necessary" status: unknown actual: "no paired reruns" expected: "burst" path: "expect.rollback.necessary" }
  expectations { text: "the schema change is caught" status: vacuous actual: "never struck" expected: "caught" path: "expect.caught" }
  phases { name: "shadow" entered_at_ns: 0 left_at_ns: 7200 left: passed at_least_ns: 7200 }
  phases { name: "canary" entered_at_ns: 7200 left_at_ns: 10752 left: rolled_back moved: "dashboard" moved: "fraud_rules" at_least_ns: 7200 }
  phases { name: "ramp" left: not_entered moved: "stock_monitor" }
  phases { name: "batch_paused" left: not_entered did: "pause nightly" }
  gates { phase: "shadow" criterion: "at least 5d" comparison: "at_least" for_ns: 7200 status: met met_at_ns: 7200 }
  gates {
    phase: "shadow" criterion: "bad_rows below 0.1% for 2d" metric: "bad_rows" comparison: "below" bound: 0.001 value: 0.00002 worst: 0.0018 unit: "ratio"
    for_ns: 2880 status: met holds_since_at_ns: 3307 met_at_ns: 6187 samples: 120 samples_missing: 1
    history { at_ns: 0 status: no_data } history { at_ns: 67 status: holding value: 0 } history { at_ns: 2887 status: broken value: 0.0018 }
    history { at_ns: 3307 status: holding value: 0.00004 } history { at_ns: 6187 status: met value: 0.00002 }
  }
  gates {
    phase: "shadow" criterion: "p95 below 30s for 1d" metric: "p95" comparison: "below" bound: 30 value: 1.9 worst: 440 unit: "seconds"
    for_ns: 1440 status: met holds_since_at_ns: 4571 met_at_ns: 6011 samples: 7200
    history { at_ns: 0 status: holding value: 1.8 } history { at_ns: 1440 status: met } history { at_ns: 4561 status: broken value: 440 }
    history { at_ns: 4571 status: holding value: 2.1 } history { at_ns: 6011 status: met value: 1.9 }
  }
  gates { phase: "shadow" criterion: "observed: recovery" comparison: "observed" status: met met_at_ns: 4567 }
  gates {
    phase: "canary" criterion: "bad_rows below 0.01% for 3d" metric: "bad_rows" comparison: "below" bound: 0.0001 value: 0.000021 worst: 0.00003 unit: "ratio"
    for_ns: 4320 status: holding holds_since_at_ns: 7267 samples: 59 history { at_ns: 7200 status: no_data } history { at_ns: 7267 status: holding value: 0.00002 }
  }
  gates { phase: "canary" criterion: "observed: weekend" comparison: "observed" status: no_data }
  gates { phase: "ramp" criterion: "bad_rows below 0.01% for 3d" metric: "bad_rows" comparison: "below" bound: 0.0001 unit: "ratio" for_ns: 4320 status: not_reached }
  judgements { at_ns: 7200 kind: go phase: "shadow" was: right why: "Nothing in orders_streaming was divergent or stale within the look-ahead of 24 h." earliest_safe_at_ns: 5040 time_lost_ns: 2160 }
  judgements { at_ns: 10752 kind: no_go phase: "canary" was: right why: "orders_streaming was stale." }
  triggers { text: "age above 10m for 5m" metric: "age" fired: true fired_at_ns: 10752 bound: 600 closest: 4320 closest_at_ns: 10752 longest_held_ns: 62 for_ns: 5 unit: "seconds" samples: 20160 }
  triggers {
    text: "bad_rows above 0.5% for 6h" metric: "bad_rows" bound: 0.005 closest: 0.0018 closest_at_ns: 2947 longest_held_ns: 0 for_ns: 360 unit: "ratio" samples: 336 samples_missing: 2
    note: "never above; 0.32 points short"
  }
  rollbacks {
    trigger: "age above 10m for 5m" fired_at_ns: 10752 phase: "canary" by: "automatic switch" causes: "burst" necessary: "burst" necessary_known: true was: right
    why: "orders_streaming was stale: 72 minutes old against a promise of 60 s, and dashboard and fraud_rules read from it." onset_at_ns: 10690
    rpo_writes: 0 divergence_left: 40
    harm_before { reads: 3724 right: 4 wrong: 2 stale: 3718 } harm_after { reads: 413280 right: 413280 }
  }
  safety: "No divergent row in the store that is switched to."
  safety: "Never staler than promised, within 24 h of a GO."
  safety: "A rollback must be possible."
  faults { name: "connector_restart" kind: "connector_restart" target: "cdc" hits: 1 detail: "down for 7m" strikes { struck_at_ns: 4560 healed_at_ns: 4567 hits: 1 } }
  faults { name: "burst" kind: "burst" target: "orders" hits: 5760000 detail: "20 times the rate for 2h" strikes { struck_at_ns: 10680 healed_at_ns: 10800 hits: 5760000 } }
  faults { name: "amount_scale" kind: "silent_corruption" defect: true target: "cdc: orders.amount" hits: 1804 detail: "loses the scale of amounts above 10,000" strikes { struck_at_ns: 2880 healed_at_ns: 3240 hits: 1804 } }
  faults { name: "rename_status" kind: "schema_drift" target: "orders.status" vacuous: true }
  checks {
    name: "counts" kind: "row_count" between: "orders_nightly" between: "orders_streaming" severity: "major" alignment: "window_cut" schedule: "daily at 04:00" runs: 14 runs_without_data: 3 rows_compared: 27720000
    claims: 1 false_alarms: 1 classes { name: "aggregate" claims: 1 } recall_in_sample { numerator: 0 denominator: 1644 } recall_in_population { numerator: 0 denominator: 1644 } judged: true
    note: "Net zero differences cancel."
  }
  checks {
    name: "hashes" kind: "sampled_hash" between: "source" between: "orders_streaming" severity: "major" alignment: "position" schedule: "every 6h" runs: 56 rows_compared: 2800000
    claims: 79 right: 79 classes { name: "mismatch" claims: 79 right: 79 } recall_in_sample { numerator: 79 denominator: 79 } recall_in_population { numerator: 79 denominator: 1644 }
    delay { shortest_ns: 12 median_ns: 201 longest_ns: 372 } judged: true
  }
  checks {
    name: "fields" kind: "field_compare" between: "source" between: "orders_streaming" severity: "critical" alignment: "position" schedule: "every 1h, at minute 7" runs: 336 rows_compared: 336000000
    claims: 1650 right: 1644 false_alarms: 6 classes { name: "mismatch" claims: 1644 right: 1644 } classes { name: "timing" claims: 6 } recall_in_sample { numerator: 1644 denominator: 1644 }
    recall_in_population { numerator: 1644 denominator: 1644 } delay { shortest_ns: 1 median_ns: 31 longest_ns: 60 } judged: true
  }
  checks { name: "arrival" kind: "latency" between: "orders_streaming" schedule: "every 1m" runs: 20160 }
  matrix { cause: "amount_scale" check: "counts" divergences: 1644 missed: 1644 examples {
    store: "orders_streaming" table: "orders" key: "id=100233" expected_side: "source" causes: "amount_scale" onset_at_ns: 2891 until_at_ns: 2948
    fields { column: "id" expected: "100233" actual: "100233" } fields { column: "amount" expected: "12840.55" actual: "12840.00" differs: true } fields { column: "status" actual: "paid" expected: "paid" } } }
  matrix { cause: "amount_scale" check: "hashes" divergences: 1644 caught: 79 missed: 1565 delay { shortest_ns: 12 median_ns: 201 longest_ns: 372 } }
  matrix { cause: "amount_scale" check: "fields" divergences: 1644 caught: 1644 delay { shortest_ns: 1 median_ns: 31 longest_ns: 60 } examples {
    store: "orders_streaming" table: "orders" key: "id=100233" expected_side: "source" causes: "amount_scale" onset_at_ns: 2891 until_at_ns: 2948 caught: true claim: "mismatch in amount"
    fields { column: "id" expected: "100233" actual: "100233" } fields { column: "amount" expected: "12840.55" actual: "12840.00" differs: true } fields { column: "region" differs: false } }
    examples { store: "orders_streaming" table: "orders" key: "id=771" actual_absent: true caught: true causes: "amount_scale" causes: "connector_restart" onset_at_ns: 2894 claim: "missing" fields { column: "id" expected: "771" differs: true } } }
  matrix { cause: "burst" check: "counts" divergences: 0 false_alarms: 1 }
  matrix { cause: "burst" check: "fields" divergences: 0 false_alarms: 6 examples { store: "orders_streaming" table: "orders" key: "id=5" false_alarm: true claim: "timing" } }
  matrix { cause: "burst" check: "hashes" divergences: 0 }
  matrix { cause: "connector_restart" check: "fields" divergences: 0 }
  stores { name: "orders_nightly" dataset: "orders" pipeline: "nightly" rows: 1021344 worst_age_ns: 1562 freshness_ns: 1560 stale_intervals: 1 stale_ns: 2 healed_equal: true }
  stores {
    name: "orders_streaming" dataset: "orders" pipeline: "cdc" rows: 1021398 divergent_intervals: 1644 divergent_now: 40 divergent_row_seconds: 3058211 divergent_worst: 312
    causes { cause: "amount_scale" intervals: 1640 now: 40 } causes { cause: "amount_scale + connector_restart" intervals: 4 } stale_intervals: 2 stale_ns: 201 worst_age_ns: 72 freshness_ns: 1
  }
  consumers { name: "fraud_rules" reads: "orders" tier: "high" listed: true harm { reads: 1209600 right: 1205880 wrong: 2 stale: 3718 broken_assumption: 1 } served_from { from_at_ns: 0 store: "orders_nightly" } served_from { from_at_ns: 7200 store: "orders_streaming" } served_from { from_at_ns: 10753 store: "orders_nightly" } first_wrong_at_ns: 7303 worst_age_ns: 72 assumes: "unique" }
  consumers { name: "stock_monitor" reads: "orders" tier: "medium" listed: true harm { reads: 20160 right: 20160 } served_from { from_at_ns: 0 store: "orders_nightly" } worst_age_ns: 1562 }
  consumers { name: "dashboard" reads: "orders" tier: "low" listed: true harm { reads: 1344 right: 1340 stale: 4 } served_from { from_at_ns: 0 store: "orders_nightly" } served_from { from_at_ns: 7200 store: "orders_streaming" } served_from { from_at_ns: 10754 store: "orders_nightly" } }
  consumers { name: "month_end" reads: "orders_nightly" tier: "medium" harm { } }
  source_log_incomplete { table: "mix_keyless" key: "ctid (0,4)" column: "note" reason: "no replica identity" evidence: "The stream shows the UPDATE without old or new key at this position." position: "0/1A2B3C8" rows: 3 }
  conservation { pipeline: "nightly" changes: 20160332 applied: 13999120 superseded: 6161212 balanced: true }
  conservation { pipeline: "cdc" changes: 20160332 applied: 20160300 applied_again: 2411 in_flight: 2 dead_lettered: 30 balanced: true }
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
  figures { changes: 20160332 transactions: 6720110 agenda_events: 412733 slots: 1021398 bytes_per_slot: 24.2 log_bytes: 183500800 row_time_bytes: 8171184 rows_compared: 366520000 }
  machine { wall_seconds: 3.412 changes_per_second: 5908654 agenda_events_per_second: 120965 peak_memory_bytes: 412000000 }
)pb";

// Instants and durations of the text from minutes to nanoseconds, everywhere.
void scale_minutes(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 && !field->is_repeated())
      reflection->SetInt64(&message, field, reflection->GetInt64(message, field) * minute);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i)
      scale_minutes(*(field->is_repeated() ? reflection->MutableRepeatedMessage(&message, field, i)
                                           : reflection->MutableMessage(&message, field)));
  }
}

void add_steps(result::Rollback& rollback) {
  const auto add = [&](const char* name, std::int64_t from, std::int64_t to) -> result::RollbackStep& {
    result::RollbackStep& step = *rollback.add_steps();
    step.set_name(name);
    step.set_started_at_ns(rollback.fired_at_ns() + from);
    step.set_ended_at_ns(rollback.fired_at_ns() + to);
    return step;
  };
  add("redirect consumers", 0, 62 * second).set_detail("fraud_rules after 30s, dashboard after 62s");
  add("resume nightly", 62 * second, 94 * second);
  add("open incident", 94 * second, 94 * second).set_failed(true);
  rollback.add_steps()->set_name("drain the reverse stream");
  rollback.set_rto_ns(94 * second);
}

// A number in [0, 1) that depends on n alone.
double noise(std::int64_t n) {
  std::uint64_t x = static_cast<std::uint64_t>(n) * 0x9E3779B97F4A7C15u;
  x ^= x >> 29, x *= 0xBF58476D1CE4E5B9u, x ^= x >> 32;
  return static_cast<double>(x >> 11) / 9007199254740992.0;
}

void add_series(Result& result, const char* name, const char* unit, result::Series::Kind kind, const char* store, const char* check,
                std::int64_t every, const std::function<double(std::int64_t)>& value) {
  result::Series& series = *result.add_series();
  series.set_name(name), series.set_unit(unit), series.set_kind(kind), series.set_store(store), series.set_check(check);
  if (kind == result::Series::lag || kind == result::Series::rate) series.set_pipeline("cdc");
  for (std::int64_t at = 0; at <= 14 * day; at += every) series.add_times_ns(at), series.add_values(value(at));
}

// The backlog of the burst in seconds of age: up for two hours, then down.
double backlog_age(std::int64_t at) {
  const double since = static_cast<double>(at - burst_at) / static_cast<double>(hour);
  if (since < 0 || since > 5) return 0;
  return since < 2 ? since * 2160 : 4320 * (5 - since) / 3;
}

double divergent_rows(std::int64_t at) {
  const std::int64_t since = at - 2 * day;
  if (since < 0) return 0;
  if (since > 6 * hour) return 40;
  return 20 + static_cast<double>(since % hour) / static_cast<double>(hour) * 290 + std::floor(noise(at) * 6);
}

void add_all_series(Result& result) {
  using result::Series;
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  const auto open = [](std::int64_t at) {
    const std::int64_t in_day = at % day / hour, weekday = at / day % 7;
    return (weekday >= 5 ? 0.35 : 1.0) * (in_day >= 8 && in_day < 18 ? 1.0 : 0.2);
  };
  add_series(result, "divergent rows", "rows", Series::divergent, "orders_streaming", "", 10 * minute, divergent_rows);
  add_series(result, "divergent rows", "rows", Series::divergent, "orders_nightly", "", 10 * minute, [](std::int64_t) { return 0; });
  add_series(result, "claims", "claims", Series::claimed, "", "fields", hour,
             [](std::int64_t at) { return at >= burst_at && at < burst_at + 3 * hour ? 2.0 : at > 2 * day + 6 * hour ? 0.0 : divergent_rows(at - 1); });
  add_series(result, "claims", "claims", Series::claimed, "", "hashes", 6 * hour,
             [](std::int64_t at) { return at > 2 * day && at <= 2 * day + 6 * hour ? 14.0 : 0.0; });
  add_series(result, "freshness", "seconds", Series::freshness, "orders_streaming", "", minute, [](std::int64_t at) {
    const std::int64_t down = at - (3 * day + 4 * hour);
    const double age = down >= 0 && down < 7 * minute ? static_cast<double>(down) / 1e9 : backlog_age(at);
    return age + 1.2 + noise(at) * 1.4;
  });
  add_series(result, "freshness", "seconds", Series::freshness, "orders_nightly", "", 10 * minute,
             [](std::int64_t at) { return static_cast<double>((at - 2 * hour - 25 * minute + day) % day) / 1e9 + 1500; });
  add_series(result, "lag", "records", Series::lag, "", "", 5 * minute,
             [&](std::int64_t at) { return std::floor(backlog_age(at) * 500 + open(at) * 60 * (0.6 + noise(at))); });
  add_series(result, "bad_rows", "ratio", Series::metric, "", "fields", hour, [](std::int64_t at) {
    if (at == 40 * hour || at == 41 * hour) return missing;
    return at > 2 * day && at < 2 * day + 7 * hour ? 0.0018 * (0.5 + noise(at) / 2) : 0.00002;
  });
  add_series(result, "p95", "seconds", Series::metric, "", "arrival", 5 * minute,
             [](std::int64_t at) { return backlog_age(at) + 1.8 + noise(at + 7); });
  add_series(result, "changes", "changes/s", Series::rate, "", "", 10 * minute, [&](std::int64_t at) {
    return 40 * open(at) * (0.9 + noise(at) / 5) * (at >= burst_at && at < burst_at + 2 * hour ? 20 : 1);
  });
}

void replace_strings(google::protobuf::Message& message, const std::string& replacement) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        if (field->is_repeated()) reflection->SetRepeatedString(&message, field, i, replacement);
        else reflection->SetString(&message, field, replacement);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        replace_strings(*(field->is_repeated() ? reflection->MutableRepeatedMessage(&message, field, i)
                                               : reflection->MutableMessage(&message, field)),
                        replacement);
      }
    }
  }
}

}  // namespace

Result rich() {
  Result result;
  if (!google::protobuf::TextFormat::ParseFromString(text, &result)) throw std::logic_error("the fixture's text does not parse");
  scale_minutes(result);
  result.set_start_epoch_ns(1772409600 * second);  // 2026-03-02T00:00:00Z, a Monday
  result.set_duration_ns(14 * day);
  add_steps(*result.mutable_rollbacks(0));
  for (std::int64_t n = 0; n < 14; ++n) {
    result::Mark& cycle = *result.add_marks();
    cycle.set_at_ns(n * day + 2 * hour), cycle.set_until_at_ns(n * day + 2 * hour + 25 * minute);
    cycle.set_kind(result::Mark::cycle), cycle.set_text("nightly cycle");
  }
  std::stable_sort(result.mutable_marks()->begin(), result.mutable_marks()->end(),
                   [](const auto& a, const auto& b) { return a.at_ns() < b.at_ns(); });
  add_all_series(result);
  return result;
}

Result empty() { return Result{}; }

Result hostile() {
  Result result = rich();
  result.clear_series();
  for (int i = 0; i < 2; ++i) {
    result::Series& series = *result.add_series();
    series.set_name("n"), series.set_unit("u"), series.set_store("s"), series.set_kind(result::Series::metric);
    series.add_times_ns(i), series.add_values(1.5);
  }
  replace_strings(result, hostile_text);
  return result;
}

}  // namespace rehearse::fixture
