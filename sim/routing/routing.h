// Who reads from which store, since when, and by whose word: one record, which the plan, the judge and the reports
// read.
//
// A reader of a dataset and a reader of one store by its name stand here alike; only the former can be sent elsewhere.
// Left out: routing by share of the requests, and the time that a change takes to reach everybody.
// Invariant: the history is in the order of time, and its last entry of a consumer is where it reads now.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

struct Route {
  Time since;
  std::uint32_t consumer = 0;  // index into World::consumers
  StoreId store = 0;
  std::string by{};  // "phase canary", "rollback"; empty: it reads there from the start
};

class Routing {
 public:
  // The next consumer, by number, with the store that it reads at first.
  void add(StoreId store, Time now);
  // From now on. Nothing changes for one that reads there already.
  void send(std::uint32_t consumer, StoreId store, Time now, std::string by);

  StoreId store(std::uint32_t consumer) const { return now_[consumer]; }
  StoreId first_store(std::uint32_t consumer) const { return first_[consumer]; }
  const std::vector<Route>& history() const { return history_; }

 private:
  std::vector<StoreId> first_, now_;  // by consumer
  std::vector<Route> history_;
};

}  // namespace rehearse
