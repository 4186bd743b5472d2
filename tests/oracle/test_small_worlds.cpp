// Two keys, three writes, two faults: every choice of each, at every instant, against a model written apart.
//
// Writes commit at 1, 3 and 5 s; a sink that does no work flushes every 2 s. Faults strike at the half seconds. The
// model knows no lane: it lists when each delivery of each write is under way and when it becomes visible, and asks of
// each instant in turn whether the row is right, late or divergent, as docs/model.md defines it.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <set>

#include "faults/connector_restart/connector_restart.pb.h"
#include "faults/duplicate_delivery/duplicate_delivery.pb.h"
#include "faults/field_corruption/field_corruption.pb.h"
#include "faults/out_of_order_deletes/out_of_order_deletes.pb.h"
#include "tests/oracle/hand_world.h"

namespace rehearse::oracle_test {
namespace {

enum class Kind { sink_crash, connector_crash, duplicates, damage, late_deletes };
struct Strike {
  Kind kind;
  double at;  // taps last for a second; parts are down for no time
};
struct Change {
  double at;
  RowId key;
  bool removes;
  Write write;
};
constexpr double tap_lasts = 1, tap_delay = 3, end = 14, just_after = 1e-6;

// ---- the model ------------------------------------------------------------------------------------------------------

struct Delivery {
  Change change;
  double owed, appended, gone;  // under way in [owed, gone); visible from `gone` unless lost
  bool damaged = false;
  bool copy = false;
  bool lost = false;
};

class Model {
 public:
  Model(const std::vector<Change>& changes, const std::vector<Strike>& strikes, bool loses)
      : strikes_(strikes), loses_(loses), changes_(changes) {
    for (const Change& c : changes) deliver(c, c.at, c.at);
    for (const Strike& s : strikes)
      if (s.kind == Kind::connector_crash)
        for (const Change& c : changes)
          if (c.at < s.at) replay(c, s.at);
    std::stable_sort(deliveries_.begin(), deliveries_.end(),
                     [](const Delivery& a, const Delivery& b) { return a.appended < b.appended; });
  }
  bool divergent(RowId key, double t) const {
    std::set<double> instants{0, t};
    for (const Change& c : changes_) instants.insert(c.at);
    for (const Delivery& d : deliveries_) instants.insert({d.owed, d.gone});
    State state;
    for (const double instant : instants)
      if (instant <= t) state = next(key, instant, std::move(state));
    return state.divergent;
  }

 private:
  struct State {
    bool divergent = false;
    std::set<Write> missed;  // what was not under way while the row was divergent: no later commit excuses it
  };
  State next(RowId key, double t, State before) const {
    std::vector<Change> expected{{0, key, false, 1}};  // after each write
    for (const Change& c : changes_)
      if (c.key == key && c.at <= t) expected.push_back(c);
    Delivery held{expected[0], 0, 0, 0};
    std::set<Write> under_way;
    for (const Delivery& d : deliveries_) {
      if (d.change.key != key) continue;
      if (!d.lost && d.gone <= t) held = d;
      if (d.owed <= t && t < d.gone && !(d.copy && d.damaged)) under_way.insert(d.change.write);
    }
    const auto shown = [&](const Change& c) {
      if (held.change.removes || c.removes) return held.change.removes == c.removes;
      return held.change.write == c.write && !held.damaged;
    };
    if (shown(expected.back())) return {};
    for (std::size_t i = 0; i + 1 < expected.size() && under_way.count(expected.back().write); ++i) {
      if (!shown(expected[i])) continue;
      const auto excused = [&](const Change& c) { return under_way.count(c.write) || !before.missed.count(c.write); };
      if (std::all_of(expected.begin() + static_cast<std::ptrdiff_t>(i) + 1, expected.end(), excused))
        return {false, before.missed};
    }
    before.divergent = true;
    for (const Change& c : expected)
      if (!under_way.count(c.write)) before.missed.insert(c.write);
    return before;
  }
  bool active(Kind kind, double t) const {
    return std::any_of(strikes_.begin(), strikes_.end(),
                       [&](const Strike& s) { return s.kind == kind && s.at < t && t < s.at + tap_lasts; });
  }
  // At one instant faults act in the order of their kinds, and a tap ends before a later fault strikes: a replay comes
  // after a crash of the sink, before a tap that begins, and after one that ends.
  void replay(const Change& c, double at) { deliver(c, at + just_after, at); }
  void deliver(const Change& c, double appended, double owed) {
    const double later = c.removes && active(Kind::late_deletes, owed) ? tap_delay : 0;
    const bool damaged = !c.removes && active(Kind::damage, owed);
    sink({c, owed, appended + later, 0, damaged, appended > owed});
    if (active(Kind::duplicates, owed)) sink({c, appended, appended + later + tap_delay, 0, damaged, true});
  }
  void sink(Delivery d) {
    const auto flush = [](double t) { return 2 * static_cast<double>(static_cast<int>((t + 1.999) / 2)); };
    d.gone = flush(d.appended);
    for (const Strike& s : strikes_) {  // in the order of time
      if (s.kind != Kind::sink_crash || s.at < d.appended || s.at >= d.gone) continue;
      d.lost = loses_;
      d.gone = loses_ ? s.at : flush(s.at);
      if (loses_) break;
    }
    deliveries_.push_back(d);
  }
  std::vector<Strike> strikes_;
  bool loses_;
  std::vector<Change> changes_;
  std::vector<Delivery> deliveries_;
};

// ---- the world ------------------------------------------------------------------------------------------------------

void add_fault(HandWorld& hand, const std::string& name, const Strike& strike) {
  if (strike.kind == Kind::sink_crash || strike.kind == Kind::connector_crash) {
    faults::ConnectorRestart p;
    p.set_pipeline("cdc");
    p.set_part(strike.kind == Kind::sink_crash ? faults::ConnectorRestart::SINK
                                               : faults::ConnectorRestart::SOURCE_CONNECTOR);
    return hand.fault(name, p, at(strike.at));
  }
  const auto tapping = [&](auto p) {
    p.set_pipeline("cdc");
    p.set_share_ppb(1'000'000'000);
    p.set_for_ns(lasting(tap_lasts).ns);
    p.mutable_delay()->set_kind(values::Distribution::CONSTANT);
    p.mutable_delay()->set_a(lasting(tap_delay).ns);
    hand.fault(name, p, at(strike.at));
  };
  if (strike.kind == Kind::damage) {
    faults::FieldCorruption p;
    p.set_pipeline("cdc");
    p.set_column("amount");
    p.set_how(faults::FieldCorruption::SHIFT);
    p.set_share_ppb(1'000'000'000);
    p.set_for_ns(lasting(tap_lasts).ns);
    return hand.fault(name, p, at(strike.at));
  }
  strike.kind == Kind::duplicates ? tapping(faults::DuplicateDelivery{}) : tapping(faults::OutOfOrderDeletes{});
}

// Returns the first instant at which world and model disagree; negative if there is none.
double first_difference(const std::vector<Change>& changes, const std::vector<Strike>& strikes, bool loses,
                        bool* diverged) {
  HandOptions options;
  options.sink.flush_every = lasting(2);
  options.sink.delivery = loses ? rehearse::Delivery::at_most_once : rehearse::Delivery::at_least_once;
  HandWorld hand(options);
  for (std::size_t i = 0; i < strikes.size(); ++i) add_fault(hand, "f" + std::to_string(i), strikes[i]);
  const Model model(changes, strikes, loses);
  auto change = changes.begin();
  std::vector<std::set<RowId>> sampled;
  std::vector<double> instants;
  for (double t = 0.25; t < end; t += 0.5) {
    for (; change != changes.end() && change->at <= t; ++change) {
      const bool back = !change->removes && !hand.world.source.rows(0)[change->key].live();
      if (change->removes) hand.remove(at(change->at), change->key);
      else back ? hand.insert_again(at(change->at), change->key) : hand.update(at(change->at), change->key);
    }
    hand.run(at(t));
    for (RowId key = 0; key < 2; ++key) {
      const bool wrong = hand.ledger.divergent(hand.store, 0, key);
      *diverged |= wrong;
      if (wrong != model.divergent(key, t)) return t;
    }
    sampled.push_back({});
    for (const auto& [table, row] : hand.ledger.divergent_rows(hand.store)) sampled.back().insert(row);
    instants.push_back(t);
  }
  const auto intervals = hand.ledger.intervals();
  for (std::size_t i = 0; i < instants.size(); ++i) {
    std::set<RowId> open;
    for (const DivergentInterval& interval : intervals)
      if (interval.from <= at(instants[i]) && at(instants[i]) < interval.until) open.insert(interval.row);
    if (open != sampled[i]) return instants[i];
  }
  return -1;
}

// Every way to spread three writes over two keys, each an update, or a delete where the key is there.
std::vector<std::vector<Change>> all_changes() {
  std::vector<std::vector<Change>> all;
  for (int choice = 0; choice < 64; ++choice) {
    std::vector<Change> changes;
    std::array<bool, 2> there{true, true};
    std::array<Write, 2> writes{1, 1};
    for (int i = 0; i < 3; ++i) {
      const auto key = static_cast<RowId>(choice >> (2 * i) & 1);
      const bool removes = (choice >> (2 * i + 1) & 1) && there[key];
      there[key] = !removes;
      changes.push_back({1.0 + 2 * i, key, removes, ++writes[key]});
    }
    all.push_back(std::move(changes));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_interleaving_of_two_faults_with_three_writes_of_two_keys_is_as_the_model_says) {
  constexpr std::array kinds{Kind::sink_crash, Kind::connector_crash, Kind::duplicates, Kind::damage,
                             Kind::late_deletes};
  std::size_t worlds = 0, divergent = 0;
  for (const std::vector<Change>& changes : all_changes())
    for (const bool loses : {false, true})
      for (const Kind first : kinds)
        for (const Kind second : kinds)
          for (double a = 0.5; a < 7; ++a)
            for (double b = a + (first == second ? 1 : 0); b < 7; ++b) {
              if (a == b && first > second) continue;
              bool diverged = false;
              const double t = first_difference(changes, {{first, a}, {second, b}}, loses, &diverged);
              ++worlds;
              divergent += diverged;
              if (t < 0) continue;
              std::string text;
              for (const Change& c : changes) text += fmt::format(" {}{}", c.removes ? "-" : "+", c.key);
              BOOST_TEST_ERROR("writes" << text << ", faults " << static_cast<int>(first) << " at " << a << " and "
                                        << static_cast<int>(second) << " at " << b << (loses ? ", at most once" : "")
                                        << ": differs at " << t);
            }
  BOOST_TEST(worlds > 30'000U);
  BOOST_TEST(divergent > 1'000U);
}

}  // namespace rehearse::oracle_test
