#include "sim/source/synthetic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

#include "sim/kernel/assert.h"
#include "sim/source/source.h"

namespace rehearse {
namespace {

constexpr int max_changes_bits = 17;     // of a transaction: its changes have ids of their own below this
constexpr std::uint32_t max_picks = 64;  // a dead row is drawn again this often before the change is left out
constexpr std::uint8_t picks_ahead = 4;  // so many of them in a draft

// Of 2^32 equally likely draws, how many a share is: none of them for nothing, and every one for the whole.
std::uint64_t share_of_2_32(std::uint32_t ppm) { return (std::uint64_t{ppm} << 32) / 1'000'000; }

// 1 or 0, without a branch. A row that is not yet made is not dead; some row is made.
std::size_t dead_in(std::span<const Cell> cells, RowId row) {
  const bool made = row < cells.size();
  return std::size_t{made} & std::size_t{!cells[made ? row : 0].live()};
}

}  // namespace

// Ranks cover the table in steps of a sixteenth, so that a growing table keeps most of its hot keys.
void SyntheticWorkload::Picks::cover(RowId rows) {
  covers = std::max<RowId>(rows, 1);
  covers_until = covers + covers / 16;
  popular = PopularKeys(covers, exponent, popular_keys(seed, table, covers));
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
    // Three quarters of a draft on average, so that it is seldom too short.
    table.ahead = std::clamp<std::size_t>(
        static_cast<std::size_t>(0.75 * many_draws / std::max(options.mean_size, 1.0)), 1, Block::most);
    // One order of popularity a table: the rows that change most are also those that are deleted most.
    for (auto [picks, popularity] : {std::pair{&table.updates, options.updates}, {&table.deletes, options.deletes}}) {
      picks->exponent = popularity.zipf;
      picks->seed = seed;
      picks->table = static_cast<TableId>(i);
      if (popularity.zipf > 0) picks->cover(options.rows);
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
  a.until = until;
  draw(a, 0, from, a.block());
  a.see_next();
  return a;
}

void SyntheticWorkload::Arrivals::see_next() {
  const Time at = block().at[next_id - block().first_id];
  next = at < until ? at : Time::never();
}

void SyntheticWorkload::take(Arrivals& a, std::size_t transactions) const {
  a.next_id += transactions;
  if (a.next_id == a.block().first_id + a.block().count) {
    if (a.coming().stage == Block::Stage::empty) draw_coming(a);
    a.block().stage = Block::Stage::empty;
    a.which = 1 - a.which;
  }
  a.see_next();
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

std::uint64_t SyntheticWorkload::transactions_of(std::size_t which) const {
  const auto is_open = [&](const Open& open) { return open.arrivals == which; };
  return arrivals_[which].next_id - static_cast<std::uint64_t>(std::count_if(open_.begin(), open_.end(), is_open));
}

void SyntheticWorkload::advance(Source& source, Time to) {
  const auto later = [](const Open& a, const Open& b) {
    return std::tie(a.commit, a.arrivals, a.id) > std::tie(b.commit, b.arrivals, b.id);
  };
  while (!stopped_) {
    // The stream whose transaction is next, and until when that is so. At one instant the lower stream goes first, and
    // what was held open before either.
    std::size_t first = 0;
    Time until = open_.empty() ? to : std::min(to, open_.front().commit - Duration{1});
    for (std::size_t i = 1; i < arrivals_.size(); ++i) {
      const bool earlier = arrivals_[i].next < arrivals_[first].next;
      until = std::min(until, earlier ? arrivals_[first].next - Duration{1} : arrivals_[i].next);
      if (earlier) first = i;
    }
    const Time arrival = arrivals_.empty() ? Time::never() : arrivals_[first].next;
    if (!open_.empty() && open_.front().commit <= std::min(arrival, to)) {
      const Open done = open_.front();
      std::pop_heap(open_.begin(), open_.end(), later);
      open_.pop_back();
      commit_large(source, arrivals_[done.arrivals], done.id, done.statements, done.commit);
      continue;
    }
    if (arrival > to) break;
    Arrivals& a = arrivals_[first];
    const Table& table = tables_[a.table];
    if (table.options.long_share_ppm == 0) {
      commit_block(source, a, until);
      continue;
    }
    if (table.long_transaction.hit(bits(a.holds, a.next_id))) {
      open_.push_back({arrival + table.options.long_hold(bits(a.holds, a.next_id, 1)),
                       static_cast<std::uint32_t>(first), a.next_id, arrival});
      std::push_heap(open_.begin(), open_.end(), later);
      take(a, 1);
    } else {
      commit_block(source, a, arrival);
    }
  }
}

std::uint32_t SyntheticWorkload::Table::size_of_transaction(std::uint64_t random_bits) const {
  const std::uint64_t changes =
      options.geometric_sizes ? size(random_bits) : static_cast<std::uint64_t>(options.sizes(random_bits).ns);
  return static_cast<std::uint32_t>(std::min(changes, std::uint64_t{1} << max_changes_bits));
}

// ---- what coming transactions are, many at a time ------------------------------------------------------------------

void SyntheticWorkload::Draft::add(std::uint64_t first_id, std::uint32_t size, Time commit) {
  for (std::uint32_t i = 0; i < usual_size; ++i) {
    ids[changes + i] = first_id + i;
    at[changes + i] = commit;
  }
  for (std::uint32_t i = usual_size; i < size; ++i) {
    ids[changes + i] = first_id + i;
    at[changes + i] = commit;
  }
  changes += size;
}

// Times and sizes, the first after `from`. Few at first: a small world draws little that it does not need.
void SyntheticWorkload::draw(const Arrivals& a, std::uint64_t first_id, Time from, Block& block) const {
  const Table& table = tables_[a.table];
  block.stage = Block::Stage::drawn;
  block.first_id = first_id;
  block.too_large = false;
  block.draft.changes = 0;
  const std::size_t count = std::min<std::size_t>(table.ahead, first_id + 1);
  std::array<std::uint64_t, Block::most> work;
  for (std::size_t i = 0; i < count; ++i) work[i] = exponential_q40(bits(a.gaps, first_id + i));
  a.calendar.chain(from, {work.data(), count}, block.at);
  block.change[0] = 0;
  for (block.count = 0; block.count < count && !block.too_large; ++block.count) {
    const std::uint64_t id = first_id + block.count;
    const std::uint32_t size = table.size_of_transaction(bits(a.sizes, id));
    if (block.draft.fits(size)) block.draft.add(id << max_changes_bits, size, block.at[block.count]);
    else if (block.count == 0) block.too_large = true;
    else break;
    block.change[block.count + 1] = static_cast<std::uint32_t>(block.draft.changes);
  }
}

void SyntheticWorkload::draw_coming(Arrivals& a) const {
  const Block& last = a.block();
  draw(a, last.first_id + last.count, last.at[last.count - 1], a.coming());
}

// What each change is, and the first pick of those that need a row. `slots`: of the table before the first of them.
void SyntheticWorkload::draft(const Arrivals& a, RowId slots, Draft& draft) const {
  const Table& table = tables_[a.table];
  const std::uint64_t insert_below = table.insert_below, update_below = table.update_below;
  const Stream kinds = a.kinds;
  Picking picking;
  std::size_t updates = 0, removes = 0;
  for (std::size_t i = 0; i < draft.changes; ++i) {
    const std::uint64_t kind = bits(kinds, draft.ids[i]) >> 32;
    const std::size_t picks = kind >= insert_below, is_remove = kind >= update_below;
    draft.intents[i] = Intent::make(Intent::no_row, static_cast<Op>(picks + is_remove), 0);
    draft.slots[i] = slots;
    slots += picks == 0;
    picking.updates.at[updates] = picking.removes.at[removes] = static_cast<std::uint16_t>(i);
    updates += picks - is_remove;
    removes += is_remove;
  }
  draft.slots[draft.changes] = slots;
  picking.updates.count = updates;
  picking.removes.count = removes;
  for (const Op op : {Op::update, Op::remove}) {
    draft.covers[static_cast<std::size_t>(op)] = table.picks(op).covers;
    pick(table.picks(op), a, 0, op, picking.of(op), draft);
  }
}

// An attempt of all that are to pick.
void SyntheticWorkload::pick(const Picks& picks, const Arrivals& a, std::uint8_t attempt, Op op,
                             const Picking::Places& places, Draft& draft) {
  const std::size_t count = places.count;
  std::array<std::uint64_t, many_draws> rows;
  for (std::size_t i = 0; i < count; ++i) rows[i] = bits(a.keys, draft.ids[places.at[i]], attempt);
  if (picks.ranks()) picks.popular({rows.data(), count});
  else
    for (std::size_t i = 0; i < count; ++i) rows[i] = below(rows[i], draft.slots[places.at[i]]);
  for (std::size_t i = 0; i < count; ++i)
    draft.intents[places.at[i]] = Intent::make(static_cast<RowId>(rows[i]), op, attempt);
}

void SyntheticWorkload::find_dead(std::span<const Cell> cells, const Draft& draft, Picking& dead) {
  std::array<std::uint16_t, many_draws> found;
  std::size_t count = 0;
  for (std::uint16_t i = 0; i < draft.changes && !cells.empty(); ++i) {
    found[count] = i;
    count += dead_in(cells, draft.intents[i].row());
  }
  std::size_t updates = 0, removes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t is_remove = draft.intents[found[i]].op() == Op::remove;
    dead.updates.at[updates] = dead.removes.at[removes] = found[i];
    updates += 1 - is_remove;
    removes += is_remove;
  }
  dead.updates.count = updates;
  dead.removes.count = removes;
}

void SyntheticWorkload::keep_dead(std::span<const Cell> cells, const Draft& draft, Picking::Places& dead) {
  std::size_t still = 0;
  for (std::size_t i = 0; i < dead.count; ++i) {
    const std::uint16_t place = dead.at[i];
    dead.at[still] = place;
    still += dead_in(cells, draft.intents[place].row());
  }
  dead.count = still;
}

// Those whose row is dead pick again, and what they pick is fetched. Attempts come in their order, from 1 on.
void SyntheticWorkload::pick_again(const Arrivals& a, const Source& source, std::uint8_t attempt, Draft& draft,
                                   Picking& dead) const {
  const TableCopy& rows = source.rows(a.table);
  draft.reinserts = source.reinserts(a.table);
  if (attempt == 1) find_dead(rows.cells(), draft, dead);
  for (const Op op : {Op::update, Op::remove}) {
    const Picks& picks = tables_[a.table].picks(op);
    if (picks.covers != draft.covers[static_cast<std::size_t>(op)]) continue;
    Picking::Places& places = dead.of(op);
    if (attempt > 1) keep_dead(rows.cells(), draft, places);
    if (places.count == 0) continue;
    pick(picks, a, attempt, op, places, draft);
    for (std::size_t i = 0; i < places.count; ++i) rows.prefetch(draft.intents[places.at[i]].row());
  }
}

// ---- commits -------------------------------------------------------------------------------------------------------

void SyntheticWorkload::Committing::see_table(std::size_t change) {
  const RowId slots = source.rows(arrivals.table).slots();
  for (const Op op : {Op::update, Op::remove}) {
    const Picks& picks = table.picks(op);
    const auto of = static_cast<std::size_t>(op);
    const bool held = slots > 0 && (picks.ranks() ? slots <= picks.covers_until && picks.covers == draft.covers[of]
                                                  : slots == draft.slots[change]);
    holds[of] = !held ? 0 : source.reinserts(arrivals.table) == draft.reinserts ? picks_ahead : 1;
  }
}

// The block's draft meets the table, and the coming one is drafted: while it is, what is picked again is fetched.
void SyntheticWorkload::settle(const Source& source, Arrivals& a) const {
  Block &block = a.block(), &coming = a.coming();
  if (block.stage == Block::Stage::drawn) draft(a, source.rows(a.table).slots(), block.draft);
  static_assert(picks_ahead == 4);
  Picking dead;
  pick_again(a, source, 1, block.draft, dead);
  if (coming.stage == Block::Stage::empty) draw_coming(a);
  pick_again(a, source, 2, block.draft, dead);
  draft(a, block.draft.slots[block.draft.changes], coming.draft);
  pick_again(a, source, 3, block.draft, dead);
  block.stage = Block::Stage::settled;
  coming.stage = Block::Stage::drafted;
}

// The transactions of a stream's block up to and with `until`.
void SyntheticWorkload::commit_block(Source& source, Arrivals& a, Time until) {
  Block& block = a.block();
  Table& table = tables_[a.table];
  const std::size_t first = a.next_id - block.first_id;
  if (block.too_large) {
    commit_large(source, a, a.next_id, block.at[first], block.at[first]);
    return take(a, 1);
  }
  if (block.stage != Block::Stage::settled) settle(source, a);
  std::size_t end = first + 1;
  while (end < block.count && block.at[end] <= until && block.at[end] < a.until) ++end;
  Committing c{source, table, a, block.draft, &a.coming().draft};
  commit(c, block.change[first], block.change[end]);
  committed_ += end - first;
  take(a, end - first);
}

// A transaction that was held open, or has more changes than a draft.
void SyntheticWorkload::commit_large(Source& source, const Arrivals& a, std::uint64_t id, Time statements, Time at) {
  Table& table = tables_[a.table];
  const std::uint32_t size = table.size_of_transaction(bits(a.sizes, id));
  Draft few;
  Committing c{source, table, a, few, nullptr, at - statements};
  for (std::uint32_t from = 0; from < size; from += many_draws) {
    few.changes = 0;
    few.add(id << max_changes_bits | from, std::min<std::uint32_t>(size - from, many_draws), at);
    draft(a, source.rows(a.table).slots(), few);
    Picking dead;
    for (std::uint8_t attempt = 1; attempt < picks_ahead; ++attempt) pick_again(a, source, attempt, few, dead);
    commit(c, 0, few.changes);
  }
  ++committed_;
}

void SyntheticWorkload::commit(Committing& c, std::size_t from, std::size_t to) {
  c.see_table(from);
  for (std::size_t i = commit_drafted(c, from, to); i < to; i = commit_drafted(c, i + 1, to)) {
    const Intent intent = c.draft.intents[i];
    if (c.holds_for(intent) && c.source.rows(c.arrivals.table)[intent.row()].live()) {
      c.source.change(c.arrivals.table, intent.row(), intent.op(), c.draft.at[i] - c.held, c.draft.at[i]);
    } else {
      commit_anew(c, i);
      c.see_table(i + 1);
    }
  }
}

// Those from `from` on that are as they were drafted and that nothing follows from. Returns the first that is not, or
// for which there is no room at hand.
std::size_t SyntheticWorkload::commit_drafted(Committing& c, std::size_t from, std::size_t to) {
  Source::Changes changes(c.source, c.arrivals.table);
  to = std::min(to, from + changes.room());
  const std::span<const Cell> cells = std::as_const(c.source).rows(c.arrivals.table).cells();
  const Draft& draft = c.draft;
  const Intent* const coming = c.coming ? c.coming->intents.data() : draft.intents.data();
  std::size_t i = from;
  for (; i < to; ++i) {
    const Intent intent = draft.intents[i];
    if (coming[i].row() < cells.size()) __builtin_prefetch(&cells[coming[i].row()], 1);
    if (!c.holds_for(intent) || !changes.takes(intent.row())) break;
    changes.change(intent.row(), intent.op(), draft.at[i]);
  }
  changes.finish(c.source);
  return i;
}

// An insert, or a change whose row has to be picked anew.
void SyntheticWorkload::commit_anew(Committing& c, std::size_t change) {
  const TableId table = c.arrivals.table;
  const Time at = c.draft.at[change], statements = at - c.held;
  const Op op = c.draft.intents[change].op();
  if (op == Op::insert) {
    if (!reinsert(c, change)) c.source.insert(table, statements, at);
    return;
  }
  const TableCopy& rows = c.source.rows(table);
  Picks& picks = c.table.picks(op);
  if (rows.slots() > picks.covers_until) picks.cover(rows.slots());
  for (std::uint32_t attempt = 0; attempt < max_picks && rows.slots() > 0; ++attempt) {
    const RowId row = pick(picks, c.arrivals, c.draft.ids[change], attempt, rows.slots());
    if (!rows[row].live()) continue;
    return c.source.change(table, row, op, statements, at);
  }
  ++without_a_row_;
}

// A share of the inserts bring a deleted key back.
bool SyntheticWorkload::reinsert(Committing& c, std::size_t change) {
  const Arrivals& a = c.arrivals;
  const std::uint32_t share = c.table.options.reinserts_ppm;
  const std::uint64_t id = c.draft.ids[change];
  if (share == 0 || below(bits(a.kinds, id, 1), 1'000'000) >= share) return false;
  const TableCopy& rows = c.source.rows(a.table);
  for (std::uint32_t attempt = 0; attempt < max_picks && rows.slots() > 0; ++attempt) {
    const RowId row = static_cast<RowId>(below(bits(a.keys, id, attempt), rows.slots()));
    if (rows[row].live() || rows[row].write == 0) continue;
    c.source.change(a.table, row, Op::insert, c.draft.at[change] - c.held, c.draft.at[change]);
    return true;
  }
  return false;
}

RowId SyntheticWorkload::pick(const Picks& picks, const Arrivals& a, std::uint64_t change_id, std::uint32_t attempt,
                              RowId slots) {
  if (picks.ranks()) return static_cast<RowId>(picks.popular(a.keys, change_id, attempt));
  return static_cast<RowId>(below(bits(a.keys, change_id, attempt), slots));
}

}  // namespace rehearse
