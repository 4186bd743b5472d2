// trace.json: named processes and threads, complete events that never overlap in their thread, and everything that
// lasted.
#include "reports/trace.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

struct Event {
  std::string phase, name, category;
  int pid = 0, tid = 0;
  double ts = 0, duration = 0;
};

std::vector<Event> read(const std::string& text) {
  google::protobuf::Struct trace;
  BOOST_REQUIRE(google::protobuf::util::JsonStringToMessage(text, &trace).ok());
  std::vector<Event> events;
  for (const auto& value : trace.fields().at("traceEvents").list_value().values()) {
    const auto& fields = value.struct_value().fields();
    const auto number = [&](const char* name) { return fields.count(name) ? fields.at(name).number_value() : 0; };
    Event event{fields.at("ph").string_value(),
                fields.at("name").string_value(),
                "",
                static_cast<int>(number("pid")),
                static_cast<int>(number("tid")),
                number("ts"),
                number("dur")};
    if (fields.count("cat")) event.category = fields.at("cat").string_value();
    if (event.phase == "M" && fields.at("args").struct_value().fields().count("name"))
      event.category = fields.at("args").struct_value().fields().at("name").string_value();
    if (event.phase != "M") BOOST_TEST(fields.count("ts") == 1u);
    events.push_back(event);
  }
  return events;
}

std::size_t count(const std::vector<Event>& events, const std::string& phase, const std::string& category) {
  std::size_t n = 0;
  for (const Event& event : events) n += event.phase == phase && event.category == category;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_is_json_whatever_the_text) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), fixture::hostile()})
    read(render_trace(result));
}

BOOST_AUTO_TEST_CASE(every_event_has_a_named_process_and_a_named_thread) {
  for (const result::Result& result : {fixture::rich(), fixture::hostile()}) {
    const std::vector<Event> events = read(render_trace(result));
    std::set<int> processes, threads;
    for (const Event& event : events) {
      if (event.phase == "M" && event.name == "process_name") processes.insert(event.pid);
      if (event.phase == "M" && event.name == "thread_name") threads.insert(event.tid);
    }
    for (const Event& event : events) {
      BOOST_TEST(processes.contains(event.pid));
      if (event.phase != "M") BOOST_TEST(threads.contains(event.tid), event.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_lasts_is_a_complete_event_in_microseconds) {
  const result::Result result = fixture::rich();
  const std::vector<Event> events = read(render_trace(result));
  std::size_t strikes = 0, entered = 0, history = 0, steps = 0;
  for (const result::Fault& fault : result.faults()) strikes += static_cast<std::size_t>(fault.strikes_size());
  for (const result::Phase& phase : result.phases()) entered += phase.has_entered_at_ns();
  for (const result::Gate& gate : result.gates()) history += static_cast<std::size_t>(gate.history_size());
  for (const auto& step : result.rollbacks(0).steps()) steps += step.has_started_at_ns();
  BOOST_TEST(count(events, "X", "fault") == strikes);
  BOOST_TEST(count(events, "X", "phase") == entered);
  BOOST_TEST(count(events, "X", "gate") == history);
  BOOST_TEST(count(events, "X", "rollback") == steps);
  BOOST_TEST(count(events, "X", "pause") == 1u);
  BOOST_TEST(count(events, "X", "check") == 3u);
  for (const Event& event : events)
    if (event.category == "phase" && event.name == result.phases(0).name()) {
      BOOST_TEST(event.ts == static_cast<double>(result.phases(0).entered_at_ns()) / 1e3);
      BOOST_TEST(event.duration ==
                 static_cast<double>(result.phases(0).left_at_ns() - result.phases(0).entered_at_ns()) / 1e3);
    }
}

BOOST_AUTO_TEST_CASE(events_of_one_thread_do_not_overlap) {
  result::Result result = fixture::rich();
  result::Fault& fault = *result.add_faults();
  fault.set_name("overlapping");
  for (const auto& [from, until] : {std::pair{10, 30}, {20, 40}, {30, 35}}) {
    result::Strike& strike = *fault.add_strikes();
    strike.set_struck_at_ns(from * 1500), strike.set_healed_at_ns(until * 1500);
  }
  const std::vector<Event> events = read(render_trace(result));
  std::map<int, double> busy_until;
  std::set<int> threads;
  for (const Event& event : events) {
    if (event.phase != "X") continue;
    if (busy_until.count(event.tid)) BOOST_TEST(busy_until[event.tid] <= event.ts, event.name);
    busy_until[event.tid] = event.ts + event.duration;
    if (event.name == "overlapping") threads.insert(event.tid);
  }
  BOOST_TEST(threads.size() == 2u);
}

}  // namespace rehearse::reports
