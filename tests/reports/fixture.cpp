#include "tests/reports/fixture.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "tests/reports/fixture_text.h"

namespace rehearse::fixture {
namespace {

using result::Result;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t burst_at = 7 * day + 10 * hour;

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

void add_check_runs(result::CheckRuns& runs) {
  runs.set_check("fields");
  for (std::int64_t n = 0; n < 3; ++n) {
    runs.add_began_at_ns(n * hour + 7 * minute);
    runs.add_lasted_ns(40 * second + n);
    runs.add_claims(n == 1 ? 310 : 0);
    runs.add_no_data(n == 2);
  }
  runs.set_left_out(333);
}

// A number in [0, 1) that depends on n alone.
double noise(std::int64_t n) {
  std::uint64_t x = static_cast<std::uint64_t>(n) * 0x9E3779B97F4A7C15u;
  x ^= x >> 29, x *= 0xBF58476D1CE4E5B9u, x ^= x >> 32;
  return static_cast<double>(x >> 11) / 9007199254740992.0;
}

void add_series(Result& result, const char* name, const char* unit, result::Series::Kind kind, const char* store,
                const char* check, std::int64_t every, const std::function<double(std::int64_t)>& value) {
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
  add_series(result, "divergent rows", "rows", Series::divergent, "orders_nightly", "", 10 * minute,
             [](std::int64_t) { return 0; });
  add_series(result, "claims", "claims", Series::claimed, "", "fields", hour, [](std::int64_t at) {
    return at >= burst_at && at < burst_at + 3 * hour ? 2.0 : at > 2 * day + 6 * hour ? 0.0 : divergent_rows(at - 1);
  });
  add_series(result, "claims", "claims", Series::claimed, "", "hashes", 6 * hour,
             [](std::int64_t at) { return at > 2 * day && at <= 2 * day + 6 * hour ? 14.0 : 0.0; });
  for (const char* kind : {"mismatch", "missing"}) {
    add_series(result, "rows of a class", "rows", Series::divergent, "orders_streaming", "", hour,
               [&](std::int64_t at) {
                 return std::string_view(kind) == "mismatch" ? divergent_rows(at) : at > 3 * day ? 1.0 : 0.0;
               });
    result.mutable_series(result.series_size() - 1)->set_discrepancy_class(kind);
  }
  add_series(result, "stale reads, tier high", "reads", Series::harm, "", "", day,
             [](std::int64_t at) { return at == 7 * day ? 7'104.0 : 0.0; });
  add_series(result, "freshness", "seconds", Series::freshness, "orders_streaming", "", minute, [](std::int64_t at) {
    const std::int64_t down = at - (3 * day + 4 * hour);
    const double age = down >= 0 && down < 7 * minute ? static_cast<double>(down) / 1e9 : backlog_age(at);
    return age + 1.2 + noise(at) * 1.4;
  });
  add_series(result, "freshness", "seconds", Series::freshness, "orders_nightly", "", 10 * minute, [](std::int64_t at) {
    return static_cast<double>((at - 2 * hour - 25 * minute + day) % day) / 1e9 + 1500;
  });
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
  if (!google::protobuf::TextFormat::ParseFromString(rich_text, &result))
    throw std::logic_error("the fixture's text does not parse");
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
  add_check_runs(*result.add_check_runs());
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
