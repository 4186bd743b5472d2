#include "harness/migration/windows.h"

#include <algorithm>
#include <cmath>

namespace rehearse {

void Window::enter(const WindowRule& rule, const MetricSource& source, Time entered) {
  *this = Window{};
  test_ = rule.test;
  entered_ = settled_until_ = gapless_after_ = unbroken_after_ = entered;
  metric_ = source.find(rule.metric);
  if (!metric_) return;
  seen_ = source.samples(*metric_);
  while (seen_ > 0 && source.sample(*metric_, seen_ - 1).due > entered) --seen_;
  reschedule(source);
}

void Window::reschedule(const MetricSource& source) {
  if (metric_) expect(source, source.next_due_after(*metric_, settled_until_));
}

void Window::expect(const MetricSource& source, Time due) {
  expected_ = due;
  overdue_at_ = due == Time::never() ? Time::never() : source.next_due_after(*metric_, due);
}

void Window::pass_over(const MetricSource& source) {
  settled_until_ = expected_;
  expect(source, overdue_at_);
}

void Window::break_at(Time t) {
  unbroken_after_ = std::max(unbroken_after_, t);
  since_.reset();
  unbroken_ = 0;
}

bool Window::add(const WindowRule& rule, const MetricSource& source, WindowSample sample) {
  if (sample.due <= entered_) return false;                // it speaks of the time before
  if (latest_ && sample.due < latest_->due) return false;  // a later run overtook it: it was missing
  if (std::isnan(sample.value)) sample.has_data = false;
  while (expected_ < sample.due) {
    ++missing_;
    gapless_after_ = expected_;
    break_at(expected_);
    std::visit([](auto& test) { test.missed(); }, test_);
    pass_over(source);
  }
  if (expected_ == sample.due) pass_over(source);
  latest_ = sample;
  sample.has_data ? ++samples_ : ++missing_;
  if (sample.has_data) recent_.push_back(sample.due);
  else gapless_after_ = sample.due;
  if (static_cast<std::int64_t>(recent_.size()) > std::max<std::int64_t>(rule.min_samples, 1)) recent_.pop_front();
  if (!std::visit([&](auto& test) { return test.take(sample, rule.length); }, test_)) {
    break_at(sample.due);
    return true;
  }
  if (!since_) since_ = sample.due;
  ++unbroken_;
  return true;
}

bool Window::has_enough(const WindowRule& rule, Time begin) const {
  if (rule.min_samples <= 0) return true;
  return static_cast<std::int64_t>(recent_.size()) >= rule.min_samples && recent_.front() > begin;
}

bool Window::supported(const WindowRule& rule, Time t) const {
  const bool latest_alone = rule.length.ns == 0 && !rule.by_time_alone();
  if (!metric_ || (latest_alone && !latest_)) return false;
  const Time begin = latest_alone ? latest_->due - nanosecond : t - rule.length;
  return has_enough(rule, begin) && std::visit([&](const auto& test) { return test.holds(begin, breaks()); }, test_);
}

WindowStatus Window::status(const WindowRule& rule, Time now) const {
  if (holds(rule, now)) return WindowStatus::met;
  if (!latest_ || !latest_->has_data || now >= no_data_from(rule)) return WindowStatus::no_data;
  return since_ || supported(rule, now) ? WindowStatus::holding : WindowStatus::broken;
}

Time Window::supported_from(const WindowRule& rule, Time t, Time until) const {
  if (rule.length.ns == 0) return supported(rule, t) ? t : Time::never();
  if (!metric_) return Time::never();
  const Time from =
      std::visit([&](const auto& test) { return test.holds_from(t, until, rule.length, breaks()); }, test_);
  return from != Time::never() && has_enough(rule, from - rule.length) ? from : Time::never();
}

Time Window::no_data_from(const WindowRule& rule) const {
  if (!latest_ || rule.length.ns == 0) return overdue_at_;
  return std::min(overdue_at_, latest_->due + rule.length);
}

}  // namespace rehearse
