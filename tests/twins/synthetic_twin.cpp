#include "tests/twins/synthetic_twin.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <queue>
#include <string>
#include <tuple>

namespace rehearse::twins {
namespace {

constexpr int change_bits = 17;  // a change is transaction << 17 | its number
constexpr std::uint32_t picks_tried = 64;

struct Arrivals {
  TableId table;
  std::string prefix;
};

struct Transaction {
  Time commit;
  int order;  // at one instant, held-open transactions commit before others arrive
  std::size_t arrivals;
  std::uint64_t id;
  Time statements;
  bool operator>(const Transaction& b) const {
    return std::tie(commit, order, arrivals, id) > std::tie(b.commit, b.order, b.arrivals, b.id);
  }
};
using Queue = std::priority_queue<Transaction, std::vector<Transaction>, std::greater<>>;

// Which row a popularity rank stands for, in a table of `rows` slots. Ranks cover the table as it was when it had last
// grown by a sixteenth.
class Ranks {
 public:
  Ranks(std::uint64_t seed, TableId table, RowId rows, double exponent)
      : key_(stream(seed, fmt::format("source.popularity.{}", table)).key), exponent_(exponent) {
    cover(rows);
  }
  RowId pick(Stream keys, std::uint64_t change, std::uint32_t attempt, RowId rows) {
    if (exponent_ == 0) return static_cast<RowId>(below(bits(keys, change, attempt), rows));
    if (rows > covered_ + covered_ / 16) cover(rows);
    return static_cast<RowId>(KeyPermutation(key_, bits_).key(zipf_(keys, change, attempt), covered_));
  }

 private:
  void cover(RowId rows) {
    covered_ = std::max<RowId>(rows, 1);
    zipf_ = Zipf(covered_, exponent_);
    bits_ = std::max(bits_, static_cast<int>(std::bit_width(std::uint64_t{covered_} - 1)) + 1);
  }
  std::uint64_t key_;
  double exponent_;
  RowId covered_ = 0;
  int bits_ = 0;
  Zipf zipf_;
};

struct Table {
  SyntheticTableOptions options;
  Ranks updates, deletes;
  std::vector<Write> writes;
  std::vector<bool> live;
};

class Twin {
 public:
  explicit Twin(const SmallWorld& world) : world_(world) {
    for (TableId t = 0; t < world.tables.size(); ++t) {
      const SyntheticTableOptions& o = world.tables[t];
      tables_.push_back({o, Ranks(world.seed, t, o.rows, o.updates.zipf), Ranks(world.seed, t, o.rows, o.deletes.zipf),
                         std::vector<Write>(o.rows, 1), std::vector<bool>(o.rows, true)});
    }
  }

  std::vector<LogRecord> run() {
    Time stop = world_.end + Duration{1};
    for (TableId t = 0; t < tables_.size(); ++t) arrive(t, "base.", world_.tables[t].calendar, Time{0}, Time::never());
    for (const Control& control : world_.controls) {
      if (control.kind == Control::Kind::stop_writes) stop = control.at + Duration{1};
      if (control.kind != Control::Kind::burst) continue;
      const Burst& burst = world_.bursts[control.value];
      RateCalendarOptions calendar = world_.tables[burst.table].calendar;
      calendar.peak_rate_nhz = static_cast<std::uint64_t>(static_cast<double>(calendar.peak_rate_nhz) * burst.extra);
      // Ended by hand after everything of that instant has happened.
      const Time until = burst.ended == Time::never() ? burst.until : std::min(burst.until, burst.ended + Duration{1});
      arrive(burst.table, fmt::format("burst.{}.", burst.name()), calendar, burst.from, until);
    }
    while (!queue_.empty() && queue_.top().commit < stop) {
      const Transaction transaction = queue_.top();
      queue_.pop();
      commit(transaction);
    }
    return log_;
  }

 private:
  Stream named(const Arrivals& a, const char* what) const { return stream(world_.seed, a.prefix + what); }

  void arrive(TableId table, const std::string& name, const RateCalendarOptions& options, Time from, Time until) {
    const Arrivals a{table, fmt::format("source.{}.{}", table, name)};
    const RateCalendar calendar(options);
    Time at = from;
    for (std::uint64_t id = 0;; ++id) {
      at = calendar.advance(at, exponential_q40(bits(named(a, "gaps"), id)));
      if (at >= until || at > world_.end) break;
      const SyntheticTableOptions& o = world_.tables[table];
      const bool held = chance(o.long_share_ppm, 1'000'000).hit(bits(named(a, "holds"), id));
      const Time commit = held ? at + o.long_hold(bits(named(a, "holds"), id, 1)) : at;
      queue_.push({commit, held ? 0 : 1, arrivals_.size(), id, at});
    }
    arrivals_.push_back(a);
  }

  void commit(const Transaction& transaction) {
    const Arrivals& a = arrivals_[transaction.arrivals];
    const SyntheticTableOptions& o = world_.tables[a.table];
    const std::uint64_t draw = bits(named(a, "sizes"), transaction.id);
    const std::uint64_t size =
        o.geometric_sizes ? Geometric::with_mean(o.mean_size)(draw) : static_cast<std::uint64_t>(o.sizes(draw).ns);
    for (std::uint64_t i = 0; i < size; ++i) change(a, transaction.id << change_bits | i, transaction.commit);
  }

  void change(const Arrivals& a, std::uint64_t id, Time commit) {
    Table& table = tables_[a.table];
    const Stream keys = named(a, "keys");
    const std::uint64_t kind = bits(named(a, "kinds"), id) >> 32;
    const auto share = [](std::uint64_t ppm) { return (ppm << 32) / 1'000'000; };
    const RowId rows = static_cast<RowId>(table.writes.size());
    const bool inserts = kind < share(table.options.inserts_ppm);
    if (inserts) {
      const bool back = below(bits(named(a, "kinds"), id, 1), 1'000'000) < table.options.reinserts_ppm;
      for (std::uint32_t attempt = 0; back && rows > 0 && attempt < picks_tried; ++attempt) {
        const RowId row = static_cast<RowId>(below(bits(keys, id, attempt), rows));
        if (!table.live[row]) return write(a.table, row, Op::insert, commit);
      }
      table.writes.push_back(0);
      table.live.push_back(false);
      return write(a.table, rows, Op::insert, commit);
    }
    const bool updates = kind < share(table.options.inserts_ppm + table.options.updates_ppm);
    for (std::uint32_t attempt = 0; rows > 0 && attempt < picks_tried; ++attempt) {
      const RowId row = (updates ? table.updates : table.deletes).pick(keys, id, attempt, rows);
      if (table.live[row]) return write(a.table, row, updates ? Op::update : Op::remove, commit);
    }
  }

  void write(TableId t, RowId row, Op op, Time commit) {
    tables_[t].live[row] = op != Op::remove;
    log_.push_back(LogRecord::make(t, row, ++tables_[t].writes[row], op, commit));
  }

  const SmallWorld& world_;
  std::vector<Table> tables_;
  std::vector<Arrivals> arrivals_;
  Queue queue_;
  std::vector<LogRecord> log_;
};

}  // namespace

std::vector<LogRecord> synthetic_twin(const SmallWorld& world) { return Twin(world).run(); }

}  // namespace rehearse::twins
