#include "harness/reconcile/two_sided.h"

#include <utility>

#include "harness/reconcile/second_reading.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

constexpr Duration round_trip = millisecond * 10;  // of asking the source again

struct Rechecks {
  Duration after;
  std::uint32_t times = 0;
  bool wait_for_lag = false;
};

// The tools' own defaults where a tool is named.
Rechecks rechecks_of(const scenario::Comparison& options) {
  if (!options.has_recheck()) return {};
  const scenario::Recheck& given = options.recheck();
  switch (given.like()) {
    case scenario::Recheck::PT_TABLE_CHECKSUM:
      return {second, 1, false};
    case scenario::Recheck::AWS_DMS:
      return {second * 5, 1, true};
    case scenario::Recheck::SPIRIT:
      return {minute, 3, false};
    case scenario::Recheck::SYNC_DIFF_INSPECTOR:
      return {};
    default:
      return {{given.after_ns()}, static_cast<std::uint32_t>(given.times()), false};
  }
}

}  // namespace

TwoSidedCheck::TwoSidedCheck(CheckDescription description, const scenario::Comparison& options)
    : Check(std::move(description)), scan_rate_nano_(options.scan_rate_nano()), settle_{options.settle_ns()} {
  const Rechecks rechecks = rechecks_of(options);
  recheck_after_ = rechecks.after;
  rechecks_ = rechecks.times;
  recheck_waits_for_lag_ = rechecks.wait_for_lag;
}

Duration TwoSidedCheck::ahead() const { return description().align == scenario::AS_OF ? settle_ : Duration{}; }

Check::Next TwoSidedCheck::begin(Context context) {
  again_ = 0;
  data_ = true;
  return begin_pass(context);
}

Check::Next TwoSidedCheck::go_on(Context context) {
  switch (stage_) {
    case Stage::quiescing:
      return wait_for_positions(context);
    case Stage::reading_reference:
    case Stage::settling:
      return open_trial(context);
    case Stage::before_reread:
      return compare_with_source_now(context);
    case Stage::reading_trial:
      return end_pass(context);
    case Stage::waiting:
      break;
  }
  return begin_pass(context);
}

Check::Next TwoSidedCheck::begin_pass(Context& context) {
  if (description().align != scenario::QUIESCE) return open_reference(context);
  waits_since_ = context.view.now();
  wanted_position_ = context.view.source_end();
  return wait_for_positions(context);
}

// Looks again ever more rarely, and gives up when the next run is due.
Check::Next TwoSidedCheck::wait_for_positions(Context& context) {
  const ReadView& view = context.view;
  const bool reached = view.lowest_position(*description().reference) >= wanted_position_ &&
                       view.lowest_position(description().trial) >= wanted_position_;
  if (reached) return open_reference(context);
  stage_ = Stage::quiescing;
  const Time next = view.now() + std::max(second, (view.now() - waits_since_) / 16);
  if (next < context.next_due) return next;
  data_ = false;
  context.run.first_read = context.run.last_read = view.now();
  return std::nullopt;
}

Check::Next TwoSidedCheck::open_reference(Context& context) {
  reference_ = open(context, *description().reference);
  reference_opened_ = context.view.now();
  if (again_ == 0) context.run.first_read = reference_opened_;
  if (description().align == scenario::AS_OF) {
    stage_ = Stage::settling;
    return context.view.now() + settle_;
  }
  stage_ = Stage::reading_reference;
  return context.view.now() + reading_time(context.view, reference_);
}

Check::Next TwoSidedCheck::open_trial(Context& context) {
  Sides sides;
  sides.reference = std::move(reference_);
  sides.trial = open(context, description().trial);
  sides.scope = scope();
  if (description().align == scenario::WINDOW_CUT) {
    // The window is closed where both sides have everything: a batch store up to its last extract, a stream up to its
    // oldest change that is not visible.
    const Time now = context.view.now();
    Time closed = reference_opened_;
    for (const StoreId side : {*description().reference, description().trial})
      closed = std::min(closed, now - context.view.freshness(side));
    sides.cut = closed - settle_;
  }
  context.run.last_read = context.view.now();
  Duration takes = reading_time(context.view, sides.trial);
  if (stage_ == Stage::settling) takes += reading_time(context.view, sides.reference);
  const auto ready = [](const Reading& reading) { return reading.ready; };
  data_ = data_ && std::all_of(sides.reference.begin(), sides.reference.end(), ready) &&
          std::all_of(sides.trial.begin(), sides.trial.end(), ready);
  if (context.onlooker) context.onlooker->has_read(description(), context.run);
  if (rereads()) {
    before_reread_ = std::move(sides);
    stage_ = Stage::before_reread;
    return context.view.now() + takes;
  }
  compare(context, std::move(sides));
  takes += more_time();
  stage_ = Stage::reading_trial;
  return context.view.now() + takes;
}

// Both sides are read: what differs is asked of the source once more, in one question.
Check::Next TwoSidedCheck::compare_with_source_now(Context& context) {
  rows_reread_ = 0;
  compare(context, std::exchange(before_reread_, {}));
  Duration takes = more_time();
  if (rows_reread_ > 0) {
    context.run.last_read = context.view.now();
    takes += round_trip + time_to_read(rows_reread_);
  }
  stage_ = Stage::reading_trial;
  return context.view.now() + takes;
}

Check::Next TwoSidedCheck::end_pass(Context& context) {
  if (data_ && suspects() && again_ < rechecks_) {
    ++again_;
    stage_ = Stage::waiting;
    const Duration lag = recheck_waits_for_lag_ ? context.view.freshness(description().trial) : Duration{};
    return context.view.now() + std::max(recheck_after_, lag);
  }
  context.run.data = data_;
  report(context.run);
  return std::nullopt;
}

Scope TwoSidedCheck::scope() const {
  switch (description().align) {
    case scenario::POSITION:
    case scenario::QUIESCE:
      return Scope::settled;
    case scenario::AS_OF:
      return Scope::unchanged;
    default:
      return Scope::all;
  }
}

std::vector<Reading> TwoSidedCheck::open(Context& context, StoreId store) const {
  std::vector<Reading> readings;
  for (const TableId table : description().tables)
    readings.push_back(context.view.open(store, table, reads_positions() ? Positions::read : Positions::unread));
  return readings;
}

Duration TwoSidedCheck::reading_time(const ReadView& view, const std::vector<Reading>& readings) const {
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < readings.size(); ++i) rows += rows_to_read(view, i, readings[i]);
  return time_to_read(rows);
}

Duration TwoSidedCheck::time_to_read(std::uint64_t rows) const {
  // Rates are in rows per 10^9 s; rounded up.
  const auto rate = static_cast<Unsigned128>(scan_rate_nano_);
  const Unsigned128 work = static_cast<Unsigned128>(rows) * 1'000'000'000 * 1'000'000'000;
  return {static_cast<std::int64_t>((work + rate - 1) / rate)};
}

}  // namespace rehearse
