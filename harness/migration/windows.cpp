#include "harness/migration/windows.h"

#include <algorithm>
#include <cmath>

namespace rehearse {

void Window::enter(const WindowRule& rule, const MetricSource& source, Time entered) {
  *this = Window{};
  entered_ = unbroken_after_ = entered;
  metric_ = source.find(rule.metric);
  if (!metric_) return;
  seen_ = source.samples(*metric_);
  expect(source, source.next_due_after(*metric_, entered));
}

void Window::expect(const MetricSource& source, Time due) {
  expected_ = due;
  overdue_at_ = due == Time::never() ? Time::never() : source.next_due_after(*metric_, due);
}

void Window::break_at(Time t) {
  unbroken_after_ = std::max(unbroken_after_, t);
  since_.reset();
  recent_.clear();
  unbroken_ = 0;
}

bool Window::add(const WindowRule& rule, const MetricSource& source, WindowSample sample) {
  if (sample.due <= entered_) return false;                // it speaks of the time before
  if (latest_ && sample.due < latest_->due) return false;  // a later run overtook it: it was missing
  if (std::isnan(sample.value)) sample.has_data = false;
  while (expected_ < sample.due) {
    ++missing_;
    break_at(expected_);
    expect(source, overdue_at_);
  }
  if (expected_ == sample.due) expect(source, overdue_at_);
  latest_ = sample;
  sample.has_data ? ++samples_ : ++missing_;
  if (!rule.satisfied_by(sample)) {
    break_at(sample.due);
    return true;
  }
  if (!since_) since_ = sample.due;
  ++unbroken_;
  recent_.push_back(sample.due);
  if (static_cast<std::int64_t>(recent_.size()) > std::max<std::int64_t>(rule.min_samples, 1)) recent_.pop_front();
  return true;
}

bool Window::holds(const WindowRule& rule, Time t) const {
  const std::int64_t wanted = std::max<std::int64_t>(rule.min_samples, 1);
  if (!since_ || static_cast<std::int64_t>(recent_.size()) < wanted) return false;
  if (rule.length.ns == 0) return wanted == 1;
  const Time begin = t - rule.length;
  return begin >= unbroken_after_ && recent_.front() > begin;
}

WindowStatus Window::status(const WindowRule& rule, Time now) const {
  if (!latest_ || !latest_->has_data || now >= no_data_from(rule)) return WindowStatus::no_data;
  if (!since_) return WindowStatus::broken;
  return holds(rule, now) ? WindowStatus::met : WindowStatus::holding;
}

Time Window::met_from(const WindowRule& rule) const { return since_ ? unbroken_after_ + rule.length : Time::never(); }

Time Window::no_data_from(const WindowRule& rule) const {
  if (!latest_ || rule.length.ns == 0) return overdue_at_;
  return std::min(overdue_at_, latest_->due + rule.length);
}

}  // namespace rehearse
