#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

// The stream is late from 2 h to 5 h, with a promise of an hour. From 1 h to 2 h 200 changes a second came; what else
// happened in that hour the test says. By 3 h all is written.
struct LateStream {
  Bench bench;
  StageCounts at_2h{721'000, 721'000, 721'000, 361'000, 0, 361'000};  // the processor did 100 a second

  LateStream() {
    bench.stale(new_one, h(2), h(5));
    scenario::StreamPipeline& stream = *bench.scenario.mutable_pipelines(1)->mutable_stream();
    stream.mutable_processor()->set_buffer(100);
    stream.mutable_processor()->set_workers(2);
    stream.mutable_processor()->set_dispatch(scenario::Processor::SHARED);
    stream.mutable_sink()->set_writers(1);
    stream.mutable_sink()->set_row_time_ns((millisecond * 10).ns);
    stream.mutable_sink()->set_flush_every_ns(second.ns);
  }
  result::Result judged() const {
    const StageCounts before{1'000, 1'000, 1'000, 1'000, 0, 1'000};
    const StageCounts after{721'000, 721'000, 721'000, 721'000, 0, 721'000};
    JudgeInputs in = bench.inputs();
    in.streams = {{.pipeline = "cdc"}};
    in.samples = {{new_one,
                   {h(0), h(1), h(2), h(3), h(4)},
                   {0, 0, 0, 0, 0},
                   std::vector<Duration>(5),
                   {before, before, at_2h, after, after}}};
    return judge(in);
  }
};

std::string advised(const result::Result& result) {
  return result.advice().empty() ? "" : result.advice(0).path() + ": " + result.advice(0).value();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_sink_with_a_full_buffer_is_the_bottleneck_and_what_would_do_is_said) {
  LateStream late;
  late.at_2h.fetched = 361'100;
  late.at_2h.buffered = 100;
  const result::Result result = late.judged();
  BOOST_REQUIRE_EQUAL(result.bottlenecks_size(), 1);
  const result::Bottleneck& found = result.bottlenecks(0);
  BOOST_TEST(found.pipeline() == "cdc");
  BOOST_TEST(found.stage() == "sink");
  BOOST_TEST(found.buffer_full());
  BOOST_TEST(found.late());
  BOOST_TEST(found.held_up_ns() == (hour * 4).ns);  // from the commit on
  BOOST_TEST(found.from_at_ns() == h(1).ns);
  BOOST_TEST(found.until_at_ns() == h(2).ns);
  BOOST_REQUIRE_EQUAL(found.stages_size(), 4);
  BOOST_TEST(found.stages(0).offered() == 200.0);
  BOOST_TEST(found.stages(0).served() == 200.0);
  BOOST_TEST(found.stages(1).waiting() == 359'900U);  // in the topic
  BOOST_TEST(found.stages(3).served() == 100.0);
  BOOST_TEST(found.stages(3).waiting() == 100U);
  BOOST_TEST(advised(result) == "pipelines.cdc.stream.sink.row_time: 5ms or less, or 2 `writers` or more");
  BOOST_TEST(result.advice(0).now() == "10ms");
}

BOOST_AUTO_TEST_CASE(a_processor_before_which_changes_pile_up_is_the_bottleneck) {
  const result::Result result = LateStream{}.judged();
  BOOST_TEST(result.bottlenecks(0).stage() == "processor");
  BOOST_TEST(advised(result) == "pipelines.cdc.stream.processor.workers: 4 or more");
  LateStream by_key;  // workers of their own keys need not share what comes
  by_key.bench.scenario.mutable_pipelines(1)->mutable_stream()->mutable_processor()->set_dispatch(
      scenario::Processor::BY_KEY);
  BOOST_TEST(advised(by_key.judged()).empty());
}

BOOST_AUTO_TEST_CASE(a_connector_that_leaves_changes_unread_is_the_bottleneck) {
  LateStream late;
  late.at_2h = {721'000, 361'000, 361'000, 361'000, 0, 361'000};
  late.bench.scenario.mutable_pipelines(1)->mutable_stream()->mutable_connector()->set_rate_nano(100'000'000'000);
  BOOST_TEST(late.judged().bottlenecks(0).stage() == "connector");
  BOOST_TEST(advised(late.judged()) == "pipelines.cdc.stream.connector.rate: 200/s or more");
}

BOOST_AUTO_TEST_CASE(a_part_that_stood_still_for_most_of_the_time_is_named_with_who_held_it) {
  LateStream late;
  late.bench.holds.push_back({"cdc", "members", "crashed", "fault crash", h(1), h(3) + nanosecond});
  const result::Result result = late.judged();
  BOOST_TEST(result.bottlenecks(0).stage() == "processor and sink");
  BOOST_TEST(result.bottlenecks(0).held_by() == "fault crash");
  BOOST_TEST(result.advice().empty());
  late.bench.holds[0].until = h(3);  // two hours of four
  BOOST_TEST(late.judged().bottlenecks(0).stage() == "processor");
}

BOOST_AUTO_TEST_CASE(a_sink_that_seldom_flushes_waits_and_is_not_slow) {
  LateStream late;
  late.at_2h = {721'000, 721'000, 721'000, 721'000, 50, 720'950};
  scenario::Sink& sink = *late.bench.scenario.mutable_pipelines(1)->mutable_stream()->mutable_sink();
  sink.set_flush_every_ns((hour * 3).ns);
  const result::Result result = late.judged();
  BOOST_TEST(result.bottlenecks(0).stage() == "sink");
  BOOST_TEST(result.bottlenecks(0).waits_to_flush());
  BOOST_TEST(advised(result) == "pipelines.cdc.stream.sink.flush_every: less than 1h");
}

BOOST_AUTO_TEST_CASE(where_every_stage_kept_up_none_is_named) {
  LateStream late;
  late.at_2h = {721'000, 721'000, 721'000, 721'000, 0, 721'000};
  BOOST_TEST(late.judged().bottlenecks().empty());
}

BOOST_AUTO_TEST_CASE(a_buffer_that_was_full_is_told_though_nothing_was_late) {
  LateStream late;
  late.bench.truth.stores[new_one].stale.clear();
  BOOST_TEST(late.judged().bottlenecks().empty());
  late.at_2h.buffered = 90;
  BOOST_REQUIRE_EQUAL(late.judged().bottlenecks_size(), 1);
  BOOST_TEST(!late.judged().bottlenecks(0).late());
  BOOST_TEST(late.judged().bottlenecks(0).held_up_ns() == hour.ns);
}

BOOST_AUTO_TEST_CASE(a_batch_job_whose_cycles_take_longer_than_they_are_apart_is_held_up_by_its_load) {
  Bench bench;
  bench.stale(old_one, h(50), h(60));
  bench.truth.stores[old_one].rows = 7'200;
  bench.scenario.mutable_pipelines(0)->mutable_batch()->set_rate_nano(1'500'000'000);
  JudgeInputs in = bench.inputs();
  in.samples = {{.store = old_one}};
  in.batches = {{.pipeline = "nightly", .cycles = 100}};  // one an hour: 2 rows a second
  const result::Result result = judge(in);
  BOOST_REQUIRE_EQUAL(result.bottlenecks_size(), 1);
  BOOST_TEST(result.bottlenecks(0).stage() == "extract and load");
  BOOST_TEST(result.bottlenecks(0).stages(0).offered() == 2.0);
  BOOST_TEST(result.bottlenecks(0).stages(0).served() == 1.5);
  BOOST_TEST(advised(result) == "pipelines.nightly.batch.rate: 2/s or more");
}

}  // namespace rehearse::judging::test
