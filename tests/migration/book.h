// The rules of windows again, from their words: a model that looks at every run due in a window, oldest first.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/migration/windows.h"
#include "tests/migration/fakes.h"

namespace rehearse::testing {

struct Book {
  const Series& series;
  const WindowRule& rule;
  Time entered;

  enum class Run { good, bad, missing, awaited };
  struct Seen {
    Run run;
    double value;
  };
  // What is known by `now` of the run that was due.
  Seen seen(Time due, Time now) const {
    Time latest_reported = Time::before_all();
    const WindowSample* sample = nullptr;
    for (const WindowSample& s : series.samples) {
      if (s.at > now) continue;
      latest_reported = std::max(latest_reported, s.due);
      if (s.due == due) sample = &s;
    }
    if (sample == nullptr) return {due < latest_reported ? Run::missing : Run::awaited, 0};
    if (!sample->has_data || std::isnan(sample->value)) return {Run::missing, 0};
    return {rule.limit().passed_by(sample->value) ? Run::good : Run::bad, sample->value};
  }
  // Of the runs due in (begin, end], none of them before the entry.
  std::vector<Seen> runs(Time begin, Time end, Time now) const {
    std::vector<Seen> all;
    for (Time due = series.next_due_after(std::max(begin, entered)); due <= end; due = series.next_due_after(due))
      all.push_back(seen(due, now));
    return all;
  }
  static std::int64_t count(const std::vector<Seen>& runs, Run what) {
    return std::count_if(runs.begin(), runs.end(), [&](const Seen& s) { return s.run == what; });
  }

  // What the window that ends there says by what is known.
  bool supported(Time end, Time now) const {
    std::vector<Seen> window = runs(end - rule.length, end, now);
    if (rule.length == Duration{}) {
      window = runs(entered, end, now);
      if (window.empty() || window.back().run != Run::good) return false;
      return rule.min_samples == 1;
    }
    const std::int64_t data = count(window, Run::good) + count(window, Run::bad);
    const bool whole = end - rule.length >= entered && count(window, Run::missing) == 0;
    if (data < rule.min_samples) return false;
    if (std::holds_alternative<EverySample>(rule.test)) return whole && count(window, Run::bad) == 0;
    if (std::holds_alternative<AnySample>(rule.test)) return count(window, Run::good) > 0;
    if (std::holds_alternative<AverageOfSamples>(rule.test)) {
      double sum = 0;
      for (const Seen& s : window) sum += s.value;
      return whole && rule.limit().passed_by(sum / static_cast<double>(data));
    }
    for (std::size_t i = 1; i < window.size(); ++i)
      if (window[i].value < window[i - 1].value) return false;
    return whole && window.back().value > window.front().value;
  }
  // A gate may open at t: nothing that was due since the entry is awaited, and the window says so.
  bool holds(Time t) const { return count(runs(entered, t, t), Run::awaited) == 0 && supported(t, t); }
};

}  // namespace rehearse::testing
