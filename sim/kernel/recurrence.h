// When something recurs: by cron, every so often, or at given times.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/kernel/cron.h"
#include "sim/kernel/time.h"

namespace rehearse {

class Recurrence {
 public:
  Recurrence() = default;                                          // never
  static Recurrence every(Duration period, Duration offset = {});  // offset, offset + period, …
  static Recurrence cron(Cron cron, std::int64_t start_unix_ns, int offset_minutes);
  static Recurrence at(std::vector<Time> times, std::vector<Duration> daily, std::int64_t start_unix_ns);

  Time next_at_or_after(Time t) const;
  Time next_after(Time t) const { return next_at_or_after(t + nanosecond); }
  bool ever() const { return kind_ != Kind::never; }
  // The period of `every`; none for the others.
  std::optional<Duration> period() const;

 private:
  enum class Kind : std::uint8_t { never, every, cron, at } kind_ = Kind::never;
  Duration period_;
  Duration offset_;
  std::optional<Cron> cron_;
  std::int64_t start_unix_ns_ = 0;
  int offset_minutes_ = 0;
  std::vector<Time> times_;      // sorted
  std::vector<Duration> daily_;  // since midnight UTC, sorted
};

}  // namespace rehearse
