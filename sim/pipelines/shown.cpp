#include "sim/pipelines/shown.h"

#include <algorithm>

namespace rehearse {

void Shown::flushed(Time at, Time oldest, Time newest, const std::map<TableId, NewestCommits>& by_table) {
  if (oldest != Time::never()) ended(oldest, at);
  if (newest > newest_.back().second) newest_.emplace_back(at, newest);
  for (const auto& [table, commits] : by_table) {
    Steps& steps = by_table_.try_emplace(table, Steps{{Time{}, {}}}).first->second;
    NewestCommits now = steps.back().second;
    now.inserted = std::max(now.inserted, commits.inserted);
    now.written = std::max(now.written, commits.written);
    if (now != steps.back().second) steps.emplace_back(at, now);
  }
  look(at);
}

void Shown::look(Time at) {
  if (behind_.empty() != behind_since_.has_value()) return;
  if (behind_since_) add({*behind_since_, at}, at_no_position_);
  behind_since_ = behind_.empty() ? std::nullopt : std::optional(at);
}

void Shown::ended(Time commit, Time at) { add({first_showing(commit), at}, at_no_position_); }

Time Shown::first_showing(Time commit) const {
  const auto found =
      std::partition_point(newest_.begin(), newest_.end(), [&](const auto& step) { return step.second < commit; });
  return found == newest_.end() ? Time::never() : found->first;
}

// The latest ends last.
void Shown::add(Span span, std::vector<Span>& to) const {
  if (span.from >= span.until) return;
  while (!to.empty() && to.back().until >= span.from) {
    span.from = std::min(span.from, to.back().from);
    to.pop_back();
  }
  to.push_back(span);
}

std::vector<Shown::Span> Shown::at_no_position(Time oldest_not_visible) const {
  std::vector<Span> spans = at_no_position_;
  Time from = behind_since_.value_or(Time::never());
  if (oldest_not_visible != Time::never()) from = std::min(from, first_showing(oldest_not_visible));
  add({from, Time::never()}, spans);
  return spans;
}

}  // namespace rehearse
