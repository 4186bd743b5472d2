// Small worlds made by hand: one table of rows (and one that it refers to, if wanted), a stream that follows it, a
// batch store, and a loop that runs them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/reconcile/reconciler.h"
#include "sim/world/through_time.h"
#include "sim/world/world.h"

namespace rehearse::reconcile_test {

inline constexpr TableId orders = 0;
inline constexpr TableId customers = 1;  // where the shape has them
// Columns of the table, by ColumnId; the last where there are customers.
inline constexpr ColumnId id = 0, amount = 1, status = 2, created_at = 3, customer_id = 4;

struct WorldShape {
  RowId rows = 10;
  Duration poll_every = second;  // of the stream's connector: how far it lags
  std::uint64_t changes_per_second = 0;
  std::uint32_t partitions = 1, workers = 1;
  Duration service_time{};
  bool initial_snapshot = true;
  RowId customers = 0;  // rows of the second table; none: there is no such table
  Delivery delivery = Delivery::at_least_once;
  std::optional<Duration> retention{};  // of the topic, if not the usual one
  std::uint64_t seed = 1;
};

struct Small {
  explicit Small(const WorldShape& shape = {});
  // Runs agenda and lanes up to and with `end`.
  void run(Time end);
  void use(const scenario::Scenario& scenario, bool scans_too = true);
  void add_consumer(const std::string& name);  // of the orders

  void change(RowId row, Op op = Op::update) { world.source.change(orders, row, op, world.now(), world.now()); }
  // Damages the stream's store behind everybody's back.
  void lose(RowId row) { put(row, {stream_cell(row).write, absent, 0}); }
  void alter(RowId row, ColumnId column, AlterationKind kind);
  void put(RowId row, Cell cell) { world.rows(stream, orders).put(row, cell); }
  void duplicate(RowId row) { world.rows(stream, orders).set_extra_copies(row, 1); }
  Cell source_cell(RowId row) const { return world.rows(source_store, orders).get(row); }
  Cell stream_cell(RowId row) const { return world.rows(stream, orders).get(row); }

  World world;
  StoreId nightly = 0, stream = 0;
  std::unique_ptr<Reconciler> reconciler;
  bool paranoid = true;  // views scan too, and compare
};

// A scenario with one check, "c", made from text in Protobuf's text format, and more text beside it.
scenario::Scenario scenario_of(const std::string& check, const std::string& more = "");
// The comparison part of a check: source against the stream, from 1 h on, every hour.
std::string compared(const std::string& align, const std::string& more = "");

// The rows claimed in a class by a run.
std::vector<RowId> claimed(const CheckRun& run, DiscrepancyClass kind);

}  // namespace rehearse::reconcile_test
