// The durable log between a connector and the members that read it.
//
// A record refers to the source's log by position (or to a row of the initial snapshot), so that its content is kept
// once. Invariant: append times within a partition never go back.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"
#include "sim/rows/log.h"
#include "sim/rows/types.h"

namespace rehearse {

// Sixteen bytes: 40 bits position | 4 bits delivery | 1 0 | 1 altered | 1 snapshot | 1 noted | 16 mark, and the append
// time.
struct TopicRecord {
  std::uint64_t packed = 0;
  Time append;

  static TopicRecord make(std::uint64_t position, unsigned delivery, bool snapshot, bool noted, Mark mark,
                          Time append) {
    return {position << 24 | std::uint64_t{delivery & 15} << 20 | std::uint64_t{snapshot} << 17 |
                std::uint64_t{noted} << 16 | mark,
            append};
  }
  std::uint64_t position() const { return packed >> 24; }                         // LSN, or row of the snapshot
  unsigned delivery() const { return static_cast<unsigned>(packed >> 20 & 15); }  // 0 = the first
  bool snapshot() const { return packed >> 17 & 1; }
  bool noted() const { return packed >> 16 & 1; }                   // the partition's notes say more
  static constexpr std::uint64_t special = std::uint64_t{7} << 16;  // any of these three
  Mark mark() const { return static_cast<Mark>(packed & 0xffff); }
  bool altered() const { return packed >> 18 & 1; }  // the mark is not that of the row as it was committed
  TopicRecord with_altered(bool altered) const { return {packed | std::uint64_t{altered} << 18, append}; }
};
static_assert(sizeof(TopicRecord) == 16);

// What is special about a record: that it is a copy, or was altered or delayed, and why.
struct RecordNote {
  CauseSet causes = 0;
  bool copy = false;
};

using TopicLog = Log<TopicRecord, 12>;

// The lowest position of the noted records that are still kept: the lowest of those that no later one undercuts is in
// front. Costs a step for each record, whoever asks how often.
class LowestNoted {
 public:
  void add(std::uint64_t offset, std::uint64_t position) {
    while (!kept_.empty() && kept_.back().position >= position) kept_.pop_back();
    kept_.push_back({offset, position});
  }
  void forget_before(std::uint64_t offset) {
    while (!kept_.empty() && kept_.front().offset < offset) kept_.pop_front();
  }
  // From `offset` on; the highest position there is if nothing is noted there.
  std::uint64_t from(std::uint64_t offset) const {
    for (const Noted& noted : kept_)
      if (noted.offset >= offset) return noted.position;
    return ~std::uint64_t{0};
  }

 private:
  struct Noted {
    std::uint64_t offset, position;
  };
  std::deque<Noted> kept_;  // by offset, and by position as well
};

struct Partition {
  TopicLog records;
  LowestNoted lowest_noted;                   // but for rows of the snapshot
  std::map<std::uint64_t, RecordNote> notes;  // by offset
  std::uint64_t last_copy = 0;                // one past the offset of the last copy ever appended
};

enum class Partitioner : std::uint8_t { by_key, round_robin };

struct TopicOptions {
  std::uint32_t partitions = 1;
  Duration retention = day * 7;
  Partitioner partitioner = Partitioner::by_key;
};

struct Topic {
  TopicOptions options;
  std::vector<Partition> partitions;
  std::uint64_t appended = 0;
  using Integral = Unsigned128;
  Integral append_times = 0;  // their sum, for Little's law

  explicit Topic(const TopicOptions& given = {}) : options(given), partitions(given.partitions) {}
  std::uint32_t partition_of(TableId table, RowId row, std::uint64_t position) const {
    if (options.partitions == 1) return 0;
    if (options.partitioner == Partitioner::round_robin)
      return static_cast<std::uint32_t>(position % options.partitions);
    return static_cast<std::uint32_t>(below(finalise(std::uint64_t{table} << 32 | row), options.partitions));
  }
  std::uint64_t append(std::uint32_t partition, TopicRecord record) {
    append_times += static_cast<std::uint64_t>(record.append.ns);
    ++appended;
    Partition& p = partitions[partition];
    p.records.append(record);
    return p.records.end() - 1;
  }
  std::uint64_t kept_bytes() const {
    std::uint64_t bytes = 0;
    for (const Partition& p : partitions) bytes += p.records.kept_bytes();
    return bytes;
  }
};

}  // namespace rehearse
