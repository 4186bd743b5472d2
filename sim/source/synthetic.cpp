#include "sim/source/synthetic.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "sim/kernel/assert.h"
#include "sim/source/source.h"

namespace rehearse {
namespace {

constexpr int max_changes_bits = 17;     // of a transaction: its changes have ids of their own below this
constexpr std::uint32_t max_picks = 64;  // a dead row is drawn again this often before the change is left out

std::uint32_t share_of_2_32(std::uint32_t ppm) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>((std::uint64_t{ppm} << 32) / 1'000'000, 0xffffffffU));
}

}  // namespace

// Ranks cover the table in steps of a sixteenth, so that a growing table keeps most of its hot keys.
void SyntheticWorkload::Picks::cover(RowId rows) {
  if (rows < covers + covers / 16 + 1 && covers > 0) return;
  covers = std::max<RowId>(rows, 1);
  zipf = Zipf(covers, exponent);
  permutation = popular_keys(seed, table, covers);
}

KeyPermutation popular_keys(std::uint64_t seed, TableId table, RowId rows) {
  return {stream(seed, "source.popularity." + std::to_string(table)).key,
          static_cast<int>(std::bit_width(std::uint64_t{rows} - 1)) + 1};
}

SyntheticWorkload::SyntheticWorkload(std::uint64_t seed, std::vector<SyntheticTableOptions> tables) : seed_(seed) {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Table table;
    table.options = std::move(tables[i]);
    const SyntheticTableOptions& options = table.options;
    table.insert_below = share_of_2_32(options.inserts_ppm);
    table.update_below = share_of_2_32(options.inserts_ppm + options.updates_ppm);
    table.size = Geometric::with_mean(options.geometric_sizes ? options.mean_size : 1);
    table.long_transaction = chance(options.long_share_ppm, 1'000'000);
    // One order of popularity a table: the rows that change most are also those that are deleted most.
    for (auto [picks, popularity] : {std::pair{&table.updates, options.updates}, {&table.deletes, options.deletes}}) {
      picks->exponent = popularity.zipf;
      picks->seed = seed;
      picks->table = static_cast<TableId>(i);
      picks->cover(options.rows);
    }
    tables_.push_back(std::move(table));
    arrivals_.push_back(
        arrivals(static_cast<TableId>(i), "base", RateCalendar(tables_[i].options.calendar), Time{0}, Time::never()));
  }
}

SyntheticWorkload::Arrivals SyntheticWorkload::arrivals(TableId table, const std::string& name, RateCalendar calendar,
                                                        Time from, Time until) const {
  const std::string prefix = "source." + std::to_string(table) + "." + name + ".";
  Arrivals a;
  a.table = table;
  a.calendar = std::move(calendar);
  a.gaps = stream(seed_, prefix + "gaps");
  a.sizes = stream(seed_, prefix + "sizes");
  a.holds = stream(seed_, prefix + "holds");
  a.kinds = stream(seed_, prefix + "kinds");
  a.keys = stream(seed_, prefix + "keys");
  a.next = from;
  a.until = until;
  schedule_next(a);
  return a;
}

void SyntheticWorkload::schedule_next(Arrivals& a) const {
  a.next = a.calendar.advance(a.next, exponential_q40(bits(a.gaps, a.next_id)));
  if (a.next >= a.until) a.next = Time::never();
}

std::size_t SyntheticWorkload::add_burst(TableId table, const std::string& name, double extra, Time from, Time until) {
  RateCalendarOptions calendar = tables_[table].options.calendar;
  calendar.peak_rate_nhz = static_cast<std::uint64_t>(static_cast<double>(calendar.peak_rate_nhz) * extra);
  arrivals_.push_back(arrivals(table, "burst." + name, RateCalendar(calendar), from, until));
  return arrivals_.size() - 1;
}

void SyntheticWorkload::end_burst(std::size_t which, Time at) {
  Arrivals& a = arrivals_[which];
  a.until = std::min(a.until, at);
  if (a.next >= a.until) a.next = Time::never();
}

void SyntheticWorkload::advance(Source& source, Time to) {
  const auto later = [](const Open& a, const Open& b) {
    return std::tie(a.commit, a.arrivals, a.id) > std::tie(b.commit, b.arrivals, b.id);
  };
  while (!stopped_) {
    std::size_t first = 0;
    for (std::size_t i = 1; i < arrivals_.size(); ++i)
      if (arrivals_[i].next < arrivals_[first].next) first = i;
    const Time arrival = arrivals_.empty() ? Time::never() : arrivals_[first].next;
    if (!open_.empty() && open_.front().commit <= std::min(arrival, to)) {
      const Open done = open_.front();
      std::pop_heap(open_.begin(), open_.end(), later);
      open_.pop_back();
      commit(source, arrivals_[done.arrivals], done.id, done.statements, done.commit);
      continue;
    }
    if (arrival > to) break;
    Arrivals& a = arrivals_[first];
    Table& table = tables_[a.table];
    const std::uint64_t id = a.next_id++;
    schedule_next(a);
    if (table.options.long_share_ppm > 0 && table.long_transaction.hit(bits(a.holds, id))) {
      open_.push_back(
          {arrival + table.options.long_hold(bits(a.holds, id, 1)), static_cast<std::uint32_t>(first), id, arrival});
      std::push_heap(open_.begin(), open_.end(), later);
    } else {
      commit(source, a, id, arrival, arrival);
    }
  }
}

std::uint64_t SyntheticWorkload::size_of(const Table& table, const Arrivals& a, std::uint64_t id) {
  const std::uint64_t size = table.options.geometric_sizes
                                 ? table.size(bits(a.sizes, id))
                                 : static_cast<std::uint64_t>(table.options.sizes(bits(a.sizes, id)).ns);
  return std::min(size, std::uint64_t{1} << max_changes_bits);
}

RowId SyntheticWorkload::pick(const Picks& picks, const Arrivals& a, std::uint64_t change_id, std::uint32_t attempt,
                              RowId slots) {
  if (picks.exponent > 0)
    return static_cast<RowId>(picks.permutation.key(picks.zipf(a.keys, change_id, attempt), picks.covers));
  return static_cast<RowId>(below(bits(a.keys, change_id, attempt), slots));
}

SyntheticWorkload::Intent SyntheticWorkload::intent(const Table& table, const Arrivals& a, std::uint64_t change_id,
                                                    RowId slots) const {
  const std::uint32_t kind = static_cast<std::uint32_t>(bits(a.kinds, change_id) >> 32);
  if (kind < table.insert_below) return {};
  Intent intent;
  intent.op = kind < table.update_below ? Op::update : Op::remove;
  const Picks& picks = table.picks(intent.op);
  intent.among = among(picks, slots);
  if (intent.among > 0) intent.row = pick(picks, a, change_id, 0, slots);
  return intent;
}

void SyntheticWorkload::plan(Arrivals& a, std::uint64_t id, const Source& source) const {
  const Table& table = tables_[a.table];
  const TableCopy& rows = source.rows(a.table);
  Planned& planned = a.planned[id % Arrivals::ahead];
  planned.id = id;
  planned.size = size_of(table, a, id);
  for (std::size_t i = 0; i < std::min<std::uint64_t>(planned.size, Planned::most); ++i) {
    planned.intents[i] = intent(table, a, id << max_changes_bits | i, rows.slots());
    if (planned.intents[i].op != Op::insert) rows.prefetch(planned.intents[i].row);
  }
}

void SyntheticWorkload::commit(Source& source, Arrivals& a, std::uint64_t id, Time statements, Time at) {
  Table& table = tables_[a.table];
  const Planned planned = a.planned[id % Arrivals::ahead];
  const bool known = planned.id == id;
  const std::uint64_t size = known ? planned.size : size_of(table, a, id);
  for (; a.next_planned < a.next_id + Arrivals::ahead; ++a.next_planned) plan(a, a.next_planned, source);
  ++committed_;
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::uint64_t change_id = id << max_changes_bits | i;
    change(source, table, a, change_id,
           known && i < Planned::most ? planned.intents[i] : intent(table, a, change_id, source.rows(a.table).slots()),
           statements, at);
  }
}

bool SyntheticWorkload::reinsert(Source& source, const Arrivals& a, std::uint64_t change_id, Time statements,
                                 Time commit) {
  const TableCopy& rows = source.rows(a.table);
  for (std::uint32_t attempt = 0; attempt < max_picks && rows.slots() > 0; ++attempt) {
    const RowId row = static_cast<RowId>(below(bits(a.keys, change_id, attempt), rows.slots()));
    if (rows[row].live() || rows[row].write == 0) continue;
    source.change(a.table, row, Op::insert, statements, commit);
    return true;
  }
  return false;
}

void SyntheticWorkload::change(Source& source, Table& table, const Arrivals& a, std::uint64_t change_id,
                               const Intent& intent, Time statements, Time commit) {
  if (intent.op == Op::insert) {
    const bool back =
        table.options.reinserts_ppm > 0 && below(bits(a.kinds, change_id, 1), 1'000'000) < table.options.reinserts_ppm;
    if (back && reinsert(source, a, change_id, statements, commit)) return;
    source.insert(a.table, statements, commit);
    return;
  }
  const TableCopy& rows = source.rows(a.table);
  const RowId slots = rows.slots();
  Picks& picks = table.picks(intent.op);
  if (picks.exponent > 0) picks.cover(slots);
  const bool holds = intent.among == among(picks, slots);
  for (std::uint32_t attempt = 0; attempt < max_picks && slots > 0; ++attempt) {
    const RowId row = holds && attempt == 0 ? intent.row : pick(picks, a, change_id, attempt, slots);
    if (!rows[row].live()) continue;
    source.change(a.table, row, intent.op, statements, commit);
    return;
  }
  ++without_a_row_;
}

}  // namespace rehearse
