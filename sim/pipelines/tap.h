// A tap decides the fate of records between the connector and the topic: deliver, drop, duplicate, delay or alter.
//
// It is how a fault acts on a stream; the connector does not know which one. A tap is asked once for a span of records
// and answers for each; its answers may depend only on the records and on keyed draws, never on how spans were cut.
// No tap, no call. Taps are values: a copied world copies them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/marks.h"
#include "sim/rows/types.h"
#include "sim/source/source.h"

namespace rehearse {

struct TapRecord {
  TableId table;
  RowId row;
  Write write;
  Op op;
  Lsn lsn;
  unsigned delivery;  // 0 = the first
  Time commit;
  Time append;
  Mark mark;  // as the connector read it
  // By a mistaken rule a record is made of another than the one that it should be, which lies at `position` (at `lsn`
  // otherwise) and says `meant`.
  Lsn position = 0;
  Mark meant = absent;
  CauseSet causes = 0;  // why it is not as it should be
};

struct Fate {
  bool drop = false;
  Mark mark = absent;                    // what is delivered; starts as the record's
  std::optional<Duration> delayed_by;    // delivered later instead of now
  std::optional<Duration> copied_after;  // and a second time, this long after the first
  CauseSet causes = 0;
  CauseSet copy_causes = 0;  // besides those, of the second delivery alone
};

struct TapContext {
  MarkTable& marks;
  CauseTable& causes;
  const Source& source;
};

class Tap {
 public:
  virtual ~Tap() = default;
  virtual std::unique_ptr<Tap> clone() const = 0;
  // fates.size() == records.size(); fates start as "deliver as it is" or as an earlier tap left them.
  virtual void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) = 0;
  virtual std::uint64_t hits() const = 0;
};

// A list of taps that copies with its owner. Taps are named by their fault's index.
class Taps {
 public:
  Taps() = default;
  Taps(const Taps& other) { *this = other; }
  Taps& operator=(const Taps& other) {
    taps_.clear();
    for (const Entry& e : other.taps_) taps_.push_back({e.fault, e.tap->clone()});
    return *this;
  }
  Taps(Taps&&) noexcept = default;
  Taps& operator=(Taps&&) noexcept = default;

  bool empty() const { return taps_.empty(); }
  void insert(std::uint32_t fault, std::unique_ptr<Tap> tap) { taps_.push_back({fault, std::move(tap)}); }
  // Takes the fault's tap out and returns what it struck.
  std::uint64_t remove(std::uint32_t fault);
  std::uint64_t hits(std::uint32_t fault) const;
  void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context);

 private:
  struct Entry {
    std::uint32_t fault;
    std::unique_ptr<Tap> tap;
  };
  std::vector<Entry> taps_;
};

}  // namespace rehearse
