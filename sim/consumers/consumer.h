// A downstream reader of a dataset or of one store, and what one of its reads is.
//
// Left out: reads of aggregates, response times, errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/kernel/recurrence.h"
#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

enum class Tier : std::uint8_t { low, medium, high };
// By which of a table's columns no read may see a lower highest value than one before.
enum class SortedBy : std::uint8_t { nothing, created_at, updated_at };

struct Consumer {
  std::string name{};
  std::optional<std::uint32_t> dataset{};  // what it reads, from where routing sends it; none: one store for ever
  TableId table = 0;
  std::optional<StoreId> fallback{};  // where a rollback sends it, if declared
  Recurrence reads{};
  Tier tier = Tier::low;
  std::optional<Duration> freshness{};  // that it needs; none: what the store's pipeline promises
  bool needs_unique = false, needs_complete = false, needs_point_in_time = false;
  SortedBy needs_sorted = SortedBy::nothing;
  double zipf = 0;     // which row a read draws: 0 = uniform
  bool listed = true;  // false: nobody on the team knows it
};

// One read: of one row, from the store that routing sent the consumer to at that instant.
struct Read {
  Time at;
  std::uint32_t consumer = 0;
  std::uint64_t number = 0;  // of the consumer's reads, from 0
  StoreId store = 0;
  TableId table = 0;
  RowId row = 0;
  // Of what it was shown. From a batch job's store, since the extract that its content is from; from a stream's, since
  // the first change of the row that is committed, on its way and not shown; zero if there is none.
  Duration age;
};

}  // namespace rehearse
