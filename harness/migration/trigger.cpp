#include "harness/migration/trigger.h"

#include <algorithm>

namespace rehearse {

TriggerRecord trigger_record_of(const RulePlan& rule) {
  TriggerRecord record;
  record.text = rule.text;
  record.metric = rule.window.metric;
  record.comparison = rule.comparison;
  record.bound = rule.bound;
  record.quantity = rule.quantity;
  record.length = rule.window.length;
  record.min_samples = rule.window.min_samples;
  record.during = rule.during;
  return record;
}

void TriggerWatch::enter(const RulePlan& rule, const std::string& phase, const MetricSource& source,
                         TriggerRecord& record, Time now) {
  const bool armed = std::find(rule.during.begin(), rule.during.end(), phase) != rule.during.end();
  if (armed && armed_) return window_.reschedule(source);
  leave(record);
  armed_ = armed;
  if (!armed_) return;
  samples_before_ = record.samples;
  missing_before_ = record.missing;
  window_.enter(rule.window, source, now);
}

bool TriggerWatch::pull(const RulePlan& rule, const std::string& phase, const MetricSource& source,
                        TriggerRecord& record, Time now) {
  if (!armed_) return false;
  const bool any =
      window_.pull(rule.window, source, [&](const WindowSample& sample) { take(rule, phase, sample, record, now); });
  if (fires_from(rule, now) == now) fire(rule, phase, now, record, now);
  return any;
}

Time TriggerWatch::fires_from(const RulePlan& rule, Time now) const {
  const bool by_the_clock = armed_ && !fired_ && rule.window.by_time_alone();
  return by_the_clock ? window_.supported_from(rule.window, now) : Time::never();
}

void TriggerWatch::take(const RulePlan& rule, const std::string& phase, const WindowSample& sample,
                        TriggerRecord& record, Time now) {
  record.samples = samples_before_ + window_.samples();
  record.missing = missing_before_ + window_.missing();
  if (sample.has_data) {
    const bool nearer = !record.closest ||
                        (rule.window.limit().above ? sample.value > *record.closest : sample.value < *record.closest);
    if (nearer) {
      record.closest = sample.value;
      record.closest_at = sample.at;
    }
  }
  if (stretch_ && window_.holds_since() != stretch_->since) close_stretch(record);
  if (!window_.holds_since()) return;
  if (!stretch_) stretch_ = NearMiss{phase, *window_.holds_since(), {}, 0, sample.value};
  stretch_->held = sample.due - window_.unbroken_after();
  stretch_->samples = window_.unbroken_samples();
  stretch_->furthest = rule.window.limit().above ? std::max(stretch_->furthest, sample.value)
                                                 : std::min(stretch_->furthest, sample.value);
  if (fired_ || rule.window.by_time_alone() || !window_.supported(rule.window, sample.due)) return;
  record.fired_value = sample.value;
  fire(rule, phase, sample.due, record, now);
}

void TriggerWatch::fire(const RulePlan& rule, const std::string& phase, Time window_end, TriggerRecord& record,
                        Time now) {
  fired_ = true;
  record.fired_at = now;
  record.fired_in = phase;
  record.window_begin = window_end - rule.window.length;
  record.window_end = window_end;
}

void TriggerWatch::close_stretch(TriggerRecord& record) {
  if (!fired_) {
    ++record.near_misses;
    if (!record.longest_near_miss || stretch_->held > record.longest_near_miss->held) {
      record.longest_near_miss = stretch_;
    }
  }
  stretch_.reset();
}

void TriggerWatch::leave(TriggerRecord& record) {
  if (stretch_) close_stretch(record);
  armed_ = false;
}

}  // namespace rehearse
