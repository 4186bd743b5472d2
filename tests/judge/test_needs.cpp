// What single readers need, what is good enough on the way back, and what is safe in a phase.
#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

// The dashboard is moved at 10 h, fraud at 15 h; both have all they need but for what the test does.
Bench moved() {
  Bench bench;
  bench.plan();
  bench.go(1, h(10));
  bench.go(2, h(15));
  return bench;
}

// Of whom danger was missed, in the order of the verdict's sentences.
std::vector<std::string> endangered(const Bench& bench) {
  std::vector<std::string> readers;
  const result::Result result = bench.judged();
  for (const std::string& reason : result.reasons()) {
    const std::string start = "Danger was missed: ";
    if (reason.starts_with(start))
      readers.push_back(reason.substr(start.size(), reason.find(' ', start.size()) - start.size()));
  }
  return readers;
}
using Names = std::vector<std::string>;

bool says(const Bench& bench, const std::string& words) {
  const result::Result result = bench.judged();
  return std::any_of(result.reasons().begin(), result.reasons().end(),
                     [&](const std::string& reason) { return reason.find(words) != std::string::npos; });
}

void needs(Bench& bench, int consumer, const std::string& text) {
  scenario::Scenario more;
  google::protobuf::TextFormat::ParseFromString("consumers { name: 'x' needs { " + text + " } }", &more);
  *bench.scenario.mutable_consumers(consumer)->mutable_needs() = more.consumers(0).needs();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_store_is_unsafe_only_for_readers_that_do_not_tolerate_what_is_wrong_with_it) {
  Bench bench = moved();
  for (const RowId row : {1, 2, 3}) bench.divergent(new_one, row, h(20), h(24));
  BOOST_TEST(endangered(bench) == (Names{"dashboard", "fraud"}), boost::test_tools::per_element());
  needs(bench, 1, "tolerance { rows: 3 }");
  BOOST_TEST(endangered(bench) == Names{"dashboard"}, boost::test_tools::per_element());
  BOOST_TEST(says(bench, "fraud.needs.tolerance 3."));
  needs(bench, 1, "tolerance { rows: 2 }");
  BOOST_TEST(endangered(bench) == (Names{"dashboard", "fraud"}), boost::test_tools::per_element());
  needs(bench, 1, "tolerance { share_ppb: 300000000 }");  // 3 of 10 keys
  BOOST_TEST(endangered(bench) == Names{"dashboard"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_that_needs_fresher_data_than_promised_is_exposed_while_the_store_keeps_its_promise) {
  Bench bench = moved();
  bench.truth.stores[new_one].older.push_back({minute * 10, {{h(20), h(24)}}});
  bench.truth.stores[old_one].older.push_back({minute * 10, {}});
  BOOST_TEST(endangered(bench).empty());
  needs(bench, 1, "freshness_ns: 600000000000");
  BOOST_TEST(endangered(bench) == Names{"fraud"}, boost::test_tools::per_element());
  BOOST_TEST(says(bench, "new was older than the 10m that fraud needs"));
}

BOOST_AUTO_TEST_CASE(a_key_twice_is_unsafe_for_a_reader_that_needs_keys_to_be_unique_whatever_is_tolerated) {
  Bench bench = moved();
  bench.scenario.mutable_safety()->mutable_max_divergence()->set_rows(5);
  bench.divergent(new_one, 1, h(20), h(24), "", Kind::duplicate);
  BOOST_TEST(endangered(bench).empty());  // no copy is told of
  bench.truth.intervals[0].state.extra = 1;
  BOOST_TEST(endangered(bench) == Names{"dashboard"}, boost::test_tools::per_element());
  BOOST_TEST(says(bench, "new had a key twice"));
}

// The promise is an hour: the key is missed from 21 h on, for more than an hour until 22 h and a moment.
BOOST_AUTO_TEST_CASE(a_key_missing_for_longer_than_the_freshness_is_unsafe_for_a_reader_that_needs_all_keys) {
  for (const Duration more : {Duration{}, minute}) {
    Bench bench = moved();
    bench.scenario.mutable_safety()->mutable_max_divergence()->set_rows(5);
    needs(bench, 1, "complete: true");
    bench.divergent(new_one, 1, h(20), h(21), "fault a", Kind::missing);
    bench.divergent(new_one, 1, h(21), h(22) + more, "fault b", Kind::missing);  // the same absence, another cause
    BOOST_TEST(endangered(bench) == (more == Duration{} ? Names{} : Names{"fraud"}), boost::test_tools::per_element());
    bench.truth.intervals[0].kind = Kind::mismatch;
    BOOST_TEST(endangered(bench).empty());
  }
}

// From 20 to 24 h it shows a change without one before it; one row, which all tolerate, is divergent from 30 to 33 h.
BOOST_AUTO_TEST_CASE(a_store_at_no_position_of_the_source_is_unsafe_for_a_reader_that_needs_a_point_in_time) {
  Bench bench = moved();
  bench.scenario.mutable_safety()->mutable_max_divergence()->set_rows(5);
  bench.truth.stores[new_one].at_no_position = {{h(20), h(24)}};
  bench.divergent(new_one, 1, h(30), h(33));
  BOOST_TEST(endangered(bench).empty());
  needs(bench, 1, "point_in_time: true");
  BOOST_TEST(endangered(bench) == Names{"fraud"}, boost::test_tools::per_element());
  BOOST_TEST(says(bench, "new was not at one position of the source"));
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.exposures_size(), 1);
  BOOST_TEST(result.exposures(0).for_ns() == (hour * 7).ns);
  BOOST_TEST(result.exposures(0).stores(0).at_no_position());
  BOOST_TEST(!result.exposures(0).stores(0).divergent());
  BOOST_TEST(!result.exposures(0).stores(0).stale());
  BOOST_TEST(result.consumers(1).needs(0) == "point in time");
}

// The dashboard has seen what was created at 49 h when it is sent back at 50:01. The old store shows what was created
// by 26 h, and from 53 h on what was by 52 h.
BOOST_AUTO_TEST_CASE(a_store_behind_what_a_reader_has_seen_is_unsafe_for_it_until_it_has_caught_up) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50));
  bench.stale(new_one, h(49) + minute * 30, h(60));
  needs(bench, 0, "sorted: 'created_at'");
  for (ConsumerTruth& reader : bench.truth.consumers) {  // who does not need it is not held to it
    if (reader.name == "dashboard") reader.sorted = SortedBy::created_at;
    reader.seen = {{h(0), h(0)}, {h(20), h(20)}, {h(49), h(49)}};
  }
  bench.truth.stores[new_one].highest = {
      {orders, SortedBy::created_at, {{h(0), h(0)}, {h(20), h(20)}, {h(49), h(49)}}}};
  bench.truth.stores[old_one].highest = {
      {orders, SortedBy::created_at, {{h(0), h(0)}, {h(26), h(26)}, {h(53), h(52)}}}};
  const result::Result result = bench.judged();
  BOOST_TEST(!result.rollbacks(0).landed());
  BOOST_TEST(result.rollbacks(0).rto_ns() == (hour * 3).ns);
  BOOST_TEST(result.rollbacks(0).landing().find("old was behind the created_at that dashboard had seen") !=
             std::string::npos);
  BOOST_REQUIRE_EQUAL(result.exposures_size(), 1);
  BOOST_TEST(result.exposures(0).for_ns() == (minute * (31 + 179)).ns);
  BOOST_TEST(result.exposures(0).stores(1).behind());
  BOOST_TEST(!result.exposures(0).stores(1).stale());
  bench.truth.consumers[0].seen.pop_back();  // what it has seen is no newer than the old store's
  BOOST_TEST(bench.judged().rollbacks(0).landed());
}

BOOST_AUTO_TEST_CASE(on_the_way_back_the_looser_of_need_and_promise_is_enough_and_the_plan_may_say_otherwise) {
  Bench bench;
  bench.plan();
  needs(bench, 0, "freshness_ns: 600000000000");
  bench.go(1, h(20));
  bench.roll_back(h(50));
  bench.divergent(new_one, 1, h(49), h(60));
  for (const StoreId store : {old_one, new_one}) bench.truth.stores[store].older.push_back({minute * 10, {}});
  bench.truth.stores[old_one].older[0].spans = {{h(0), h(100)}};  // a batch job's store is never ten minutes old
  BOOST_TEST(bench.judged().rollbacks(0).landed());
  bench.stale(old_one, h(50), h(60));
  BOOST_TEST(!bench.judged().rollbacks(0).landed());
  bench.scenario.mutable_safety()->mutable_fallback()->set_freshness_ns((hour * 30).ns);
  bench.truth.stores[old_one].older.push_back({hour * 30, {}});
  BOOST_TEST(bench.judged().rollbacks(0).landed());
  BOOST_TEST(says(bench, "fallback.freshness 30h") + says(bench, "fallback.freshness 1d6h") == 1);
  bench.truth.stores[old_one].older[1].spans = {{h(50), h(60)}};
  BOOST_TEST(!bench.judged().rollbacks(0).landed());
}

BOOST_AUTO_TEST_CASE(what_is_safe_in_one_phase_is_not_in_the_next) {
  Bench bench = moved();
  bench.parse("safety { phases { name: 'canary' max_divergence { rows: 3 } } }");
  bench.divergent(new_one, 1, h(11), h(14));
  BOOST_TEST(endangered(bench).empty());
  BOOST_TEST(says(bench, "canary.max_divergence 3."));
  bench.divergent(new_one, 2, h(16), h(19));
  BOOST_TEST(endangered(bench) == (Names{"dashboard", "fraud"}), boost::test_tools::per_element());
}

// Exposed from 13:30 to 15:30, and the dashboard alone is there before 15 h: what is allowed is two hours, then one.
BOOST_AUTO_TEST_CASE(exposure_adds_up_across_phases_and_is_held_against_what_each_allows) {
  Bench bench = moved();
  bench.parse("safety { phases { name: 'canary' max_exposure_ns: 7200000000000 } }");
  bench.divergent(new_one, 1, h(13) + minute * 30, h(15) + minute * 30);
  BOOST_TEST(endangered(bench) == Names{"dashboard"}, boost::test_tools::per_element());
  BOOST_TEST(says(bench, "the 1h that are allowed within a day were over"));
  bench.parse("safety { phases { name: 'full' max_exposure_ns: 7200000000000 } }");
  BOOST_TEST(endangered(bench).empty());
}

BOOST_AUTO_TEST_CASE(a_phase_of_safety_has_the_fields_of_safety) {
  const google::protobuf::Descriptor &whole = *scenario::Safety::descriptor(),
                                     &phase = *scenario::PhaseSafety::descriptor();
  for (int i = 1; i < phase.field_count(); ++i) {
    const auto* same = whole.FindFieldByNumber(phase.field(i)->number());
    BOOST_REQUIRE(same != nullptr);
    BOOST_TEST(same->name() == phase.field(i)->name());
    BOOST_TEST(same->cpp_type() == phase.field(i)->cpp_type());
  }
  BOOST_TEST(whole.field_count() == phase.field_count());  // it has a name, and no phases
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_rollback_are_all_reads_each_once) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50));
  bench.divergent(new_one, 1, h(49), h(60));
  const result::Result result = bench.judged();
  const result::Rollback& r = result.rollbacks(0);
  BOOST_TEST(r.harm_until_onset().reads() + r.harm_before().reads() + r.harm_returning().reads() +
                 r.harm_landed().reads() ==
             3U * 100 * 60);
  BOOST_TEST(r.harm_returning().reads() + r.harm_landed().reads() == r.harm_after().reads());
}

}  // namespace rehearse::judging::test
