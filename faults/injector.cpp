#include "faults/injector.h"

#include <algorithm>

#include "faults/schedule.pb.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/samplers.h"

namespace rehearse {

void read_schedule(const faults::Schedule& schedule, FaultPlan& plan) {
  const auto moment = [](const faults::Moment& m, std::optional<Time>& at, std::optional<std::string>& phase,
                         Duration& plus) {
    if (m.from_case() == faults::Moment::kPhase) phase = m.phase();
    else at = Time{m.after_ns()} + Duration{m.plus_ns()};
    plus = Duration{m.plus_ns()};
  };
  switch (schedule.when_case()) {
    case faults::Schedule::kAt:
      moment(schedule.at(), plan.at, plan.phase, plan.plus);
      break;
    case faults::Schedule::kEveryNs:
      plan.every = Duration{schedule.every_ns()};
      break;
    case faults::Schedule::kRateNano:
      // events in 10^9 s: the mean gap is 10^18 ns / rate
      plan.mean_gap = Duration{1'000'000'000'000'000'000 / std::max<std::int64_t>(schedule.rate_nano(), 1)};
      break;
    case faults::Schedule::WHEN_NOT_SET:
      break;
  }
  if (schedule.has_until()) moment(schedule.until(), plan.until, plan.until_phase, plan.until_plus);
  plan.chance = chance(static_cast<std::uint64_t>(schedule.chance_ppb()), 1'000'000'000);
}

Injector::Injector(std::uint64_t seed, std::vector<FaultPlan> plans) : seed_(seed) {
  for (FaultPlan& plan : plans) {
    Entry entry;
    entry.plan = std::move(plan);
    faults_.push_back(std::move(entry));
  }
}

Injector::Injector(const Injector& other)
    : seed_(other.seed_), done_striking_(other.done_striking_), healed_(other.healed_) {
  for (const Entry& e : other.faults_) {
    Entry copy;
    const FaultPlan& plan = e.plan;
    copy.plan = {plan.name,  plan.kind,     plan.place, plan.fault->clone(), plan.at,         plan.phase, plan.plus,
                 plan.every, plan.mean_gap, plan.until, plan.until_phase,    plan.until_plus, plan.chance};
    copy.cause = e.cause;
    copy.absent = e.absent;
    copy.strikes = e.strikes;
    copy.active = e.active;
    copy.struck = e.struck;
    faults_.push_back(std::move(copy));
  }
}

void Injector::start(World& world) {
  for (std::uint32_t i = 0; i < faults_.size(); ++i) {
    Entry& e = faults_[i];
    e.cause = world.causes.named("fault " + e.plan.name);
    e.absent = !e.plan.chance.hit(bits(stream(seed_, "fault." + e.plan.name + ".chance"), 0));
    if (e.absent) continue;
    if (e.plan.at) world.schedule(*e.plan.at, {Actor::faults, strikes, i, 0});
    if (e.plan.every || e.plan.mean_gap) schedule_next(i, Time{0}, world);
  }
}

void Injector::phase_entered(const std::string& phase, World& world) {
  if (healed_ || done_striking_) return;
  for (std::uint32_t i = 0; i < faults_.size(); ++i) {
    Entry& e = faults_[i];
    if (e.plan.until_phase == phase) {
      e.plan.until = world.now() + e.plan.until_plus;
      e.plan.until_phase.reset();
    }
    if (e.plan.phase != phase || e.absent) continue;
    world.schedule(world.now() + e.plan.plus, {Actor::faults, strikes, i, 0});
    e.plan.phase.reset();  // the first entry only
  }
}

void Injector::schedule_next(std::uint32_t i, Time after, World& world) {
  Entry& e = faults_[i];
  const Duration gap =
      e.plan.every ? *e.plan.every
                   : scaled_q40(*e.plan.mean_gap,
                                exponential_q40(bits(stream(seed_, "fault." + e.plan.name + ".gaps"), e.strikes)));
  const Time next = after + std::max(gap, nanosecond);
  if (e.plan.until && next > *e.plan.until) return;
  world.schedule(next, {Actor::faults, strikes, i, 0});
}

void Injector::handle(const Event& event, World& world) {
  if (healed_) return;
  Entry& e = faults_[event.index];
  if (event.code == ends) return end(event.index, event.argument, world);
  if (done_striking_ || e.absent) return;
  if (e.plan.until && world.now() > *e.plan.until) return;
  const std::uint64_t number = e.strikes++;
  const std::optional<Duration> lasts = e.plan.fault->strike({world, event.index, number, e.plan.name, e.cause});
  Struck struck{world.now(), std::nullopt};
  if (lasts) struck.until = world.now() + *lasts;
  e.struck.push_back(struck);
  if (lasts || e.plan.fault->lasts()) e.active.push_back(number);
  if (lasts) world.schedule(world.now() + *lasts, {Actor::faults, ends, event.index, number});
  if (e.plan.every || e.plan.mean_gap) schedule_next(event.index, world.now(), world);
}

void Injector::end(std::uint32_t i, std::uint64_t strike, World& world) {
  Entry& e = faults_[i];
  const auto at = std::find(e.active.begin(), e.active.end(), strike);
  if (at == e.active.end()) return;
  e.active.erase(at);
  e.plan.fault->end({world, i, strike, e.plan.name, e.cause});
}

void Injector::leave_out_what_has_not_struck() {
  for (Entry& e : faults_) {
    const auto is_at_work = [&](const Entry& other) {
      return !other.struck.empty() && other.plan.kind == e.plan.kind && other.plan.place == e.plan.place;
    };
    if (std::none_of(faults_.begin(), faults_.end(), is_at_work)) e.absent = true;
  }
}

void Injector::heal_all(World& world) {
  for (std::uint32_t i = 0; i < faults_.size(); ++i) {
    for (Struck& struck : faults_[i].struck)
      if (!struck.until || *struck.until > world.now()) struck.until = world.now();
    while (!faults_[i].active.empty()) end(i, faults_[i].active.front(), world);
  }
  healed_ = true;
  REHEARSE_ASSERT(!any_active(), "no fault is left after healing");
}

Injector::Effects Injector::effects(const World& world) const {
  Effects all;
  for (std::uint32_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = *faults_[i].plan.fault;
    std::vector<Effect>& by_strike = all.emplace_back();
    for (std::uint64_t strike = 0; strike < faults_[i].strikes; ++strike)
      by_strike.push_back({fault.hits(world, i, strike), fault.held_up(world, i, strike)});
  }
  return all;
}

bool Injector::any_active() const {
  return std::any_of(faults_.begin(), faults_.end(), [](const Entry& e) { return !e.active.empty(); });
}

}  // namespace rehearse
