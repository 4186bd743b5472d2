// A row of a synthetic source as texts that PostgreSQL would print for its columns' types.
//
// Content comes from sim/rows, so equal content prints equally; what the simulation leaves open (the characters of
// texts, days and instants) is filled in here: `region_3`, days from 2000-01-01 on, identifiers and documents that hold
// the number. A number beyond what its type holds is wrapped. Altered values look altered and are still of their type.
// A derived table's row is printed as the rows that it is made of.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sim/capture/change_event.h"
#include "sim/world/world.h"

namespace rehearse {

// "decimal(12,2)" to "numeric(12,2)", "timestamptz" to "timestamp with time zone", as PostgreSQL prints types.
std::string printed_type(const std::string& type);

// How the values of a synthetic column print.
enum class Faithful : std::uint8_t {
  as_it_is,  // as the value that the simulation computes with
  apart,     // otherwise, but different values differently
  no         // different values may print alike
};
Faithful faithful(const Column& column);

// When a write was committed, and its row inserted.
struct RowTimes {
  Time created;
  Time updated;
  Time updated_before;  // of the write before: what a value left stale shows
};

class RowTexts {
 public:
  explicit RowTexts(const World& world) : world_(&world) {}
  void clear() { texts_.clear(); }
  // The columns of schema version `version`; views live until clear().
  std::vector<EventColumn> row(TableId table, std::uint16_t version, RowCell at, const RowTimes& times);
  // A row of a dataset as it should be.
  std::vector<EventColumn> row(const Dataset& dataset, RowCell at, const RowTimes& times);
  // The names of the key's columns in that version.
  std::vector<std::string_view> key(TableId table, std::uint16_t version) const;

 private:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string text(const Column& column, const std::string& type, const Value& value, Write write,
                   const RowTimes& times) const;
  const Column& printed_column(const TableSchema& schema, ColumnId id) const;
  std::string time_text(Time at) const;
  EventColumn column(TableId table, ColumnId id, std::string_view name, const std::string& type, RowCell at,
                     const RowTimes& times);
  EventColumn derived_column(TableId table, ColumnId id, RowCell at, const RowTimes& times);

  const World* world_;
  std::deque<std::string> texts_;
};

}  // namespace rehearse
