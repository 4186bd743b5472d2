#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

constexpr std::size_t examples_most = 5;

struct Cell {
  std::uint64_t divergences = 0, caught = 0, untold = 0, false_alarms = 0;
  std::vector<Duration> delays;
  struct Seen {
    Divergences::Index interval;
    Sighting sighting;
  };
  std::vector<Seen> missed, claimed;  // the first few of each
  const FalseAlarms* alarm = nullptr;
};

using Row = std::map<std::string, Cell>;  // by cause as it is shown

void add_sightings(const Case& c, const CheckScore& score, Row& cells) {
  for (const Sightings& s : score.sightings)
    for (std::size_t i = 0; i < s.seen.size(); ++i) {
      if (!s.seen[i].covers_run) continue;
      const DivergentInterval& interval = c.divergences[s.first + i];
      const std::vector<std::string> causes = shown_causes(c.in.causes, interval.causes);
      const bool unknown = c.in.causes.members(interval.causes).empty();
      for (std::size_t k = 0; k < causes.size(); ++k) {
        Cell& cell = cells[causes[k]];
        ++cell.divergences;
        // Caught by another of its causes, it is missed here.
        Sighting seen = s.seen[i];
        if (!unknown && (seen.by >> std::min<std::size_t>(k, 63) & 1) == 0) seen.claimed = Time::never();
        cell.untold += seen.untold;
        if (seen.untold) continue;
        cell.caught += seen.caught();
        if (seen.caught()) cell.delays.push_back(seen.claimed - interval.from);
        auto& examples = seen.caught() ? cell.claimed : cell.missed;
        if (examples.size() < examples_most) examples.push_back({s.first + i, seen});
      }
    }
  for (auto& [cause, cell] : cells) std::sort(cell.delays.begin(), cell.delays.end());
}

void add_false_alarms(const Case& c, const CheckScore& score, Row& cells) {
  for (const FalseAlarms& alarms : score.false_alarms) {
    bool any = false;
    for (const FaultTruth& fault : c.in.faults) {
      const bool at_work =
          std::any_of(fault.strikes.begin(), fault.strikes.end(), [&](const FaultTruth::Strike& strike) {
            return strike.at <= alarms.run->reported && strike.until.value_or(Time::never()) >= alarms.run->first_read;
          });
      if (!at_work) continue;
      any = true;
      Cell& cell = cells[fault.name];
      cell.false_alarms += alarms.claims;
      if (!cell.alarm) cell.alarm = &alarms;
    }
    if (any) continue;
    Cell& cell = cells[""];
    cell.false_alarms += alarms.claims;
    if (!cell.alarm) cell.alarm = &alarms;
  }
}

// Where the example lies, and the contents of both sides as they stood until `until`.
void write_row(const Case& c, StoreId store, TableId table, RowId row, const RowState& state, Time until,
               result::Example& out) {
  out.set_store(c.store_name(store));
  out.set_table(c.in.names.table(table));
  out.set_key(c.in.names.key(table, row));
  const std::optional<Names::RowTexts> texts = c.in.names.row(table, row, state);
  if (!texts) return;
  out.set_content_at_ns(until.ns);
  out.set_expected_absent(texts->expected_absent);
  out.set_actual_absent(texts->actual_absent);
  for (const Names::Column& column : texts->columns) {
    result::Field& field = *out.add_fields();
    field.set_column(column.name);
    if (column.expected) field.set_expected(*column.expected);
    if (column.actual) field.set_actual(*column.actual);
    field.set_differs(column.differs);
  }
  for (const Names::Origin& origin : texts->made_of) {
    result::Origin& made_of = *out.add_made_of();
    made_of.set_table(origin.table);
    made_of.set_looked_up(origin.looked_up);
    if (origin.expected) made_of.set_expected(*origin.expected);
    if (origin.actual) made_of.set_actual(*origin.actual);
  }
}

std::string claim_text(std::uint8_t kind, Time reported, std::uint64_t run) {
  return fmt::format("{} (run {}, reported {})", class_name(kind), count(run), when(reported));
}

void write_example(const Case& c, const Cell::Seen& seen, result::Example& out) {
  const DivergentInterval& interval = c.divergences[seen.interval];
  const Time shown = std::min(interval.until, c.end);
  write_row(c, interval.store, interval.table, interval.row, interval.state, shown, out);
  for (const std::string& cause : shown_causes(c.in.causes, interval.causes)) out.add_causes(cause);
  out.set_kind(class_of(interval.kind));
  out.set_onset_at_ns(interval.from.ns);
  if (interval.until < c.end) out.set_until_at_ns(interval.until.ns);
  out.set_caught(seen.sighting.caught());
  if (seen.sighting.caught()) out.set_claim(claim_text(seen.sighting.kind, seen.sighting.claimed, seen.sighting.run));
}

void write_false_alarm(const Case& c, const CheckScore& score, const FalseAlarms& alarms, result::Example& out) {
  const Claim claim = *alarms.example;
  if (claim.names_row()) {
    const StoreId store = score.check->trial;
    write_row(c, store, claim.table, claim.row, c.in.names.at_end(store, claim.table, claim.row), c.end, out);
  } else {
    out.set_store(c.store_name(score.check->trial));
    out.set_table(c.in.names.table(claim.table));
  }
  out.set_kind(class_name(claim.kind));
  out.set_onset_at_ns(alarms.run->first_read.ns);
  out.set_claim(claim_text(claim.kind, alarms.run->reported, alarms.run->number));
  out.set_false_alarm(true);
}

void write_cell(const Case& c, const std::string& cause, const CheckScore& score, const Cell& cell,
                result::Result& result) {
  result::MatrixCell& out = *result.add_matrix();
  out.set_cause(cause);
  out.set_check(score.check->name);
  out.set_divergences(cell.divergences);
  out.set_caught(cell.caught);
  out.set_missed(cell.divergences - cell.caught - cell.untold);
  out.set_untold(cell.untold);
  out.set_false_alarms(cell.false_alarms);
  if (!cell.delays.empty()) write_delay(cell.delays, *out.mutable_delay());
  // A missed row says most; one that was caught shows what the claim looked like.
  const std::size_t claimed = std::min<std::size_t>(cell.claimed.size(), cell.missed.empty() ? examples_most : 1);
  const std::size_t missed = std::min(cell.missed.size(), examples_most - claimed - (cell.alarm ? 1 : 0));
  for (std::size_t i = 0; i < missed; ++i) write_example(c, cell.missed[i], *out.add_examples());
  for (std::size_t i = 0; i < claimed && out.examples_size() + (cell.alarm ? 1 : 0) < static_cast<int>(examples_most);
       ++i)
    write_example(c, cell.claimed[i], *out.add_examples());
  if (cell.alarm) write_false_alarm(c, score, *cell.alarm, *out.add_examples());
}

}  // namespace

void write_matrix(const Case& c, const std::vector<CheckScore>& scores, result::Result& result) {
  std::map<std::string, Row> rows;  // by check
  std::vector<std::string> causes;  // in the order in which they are shown
  for (const FaultTruth& fault : c.in.faults)
    if (fault.struck()) causes.push_back(fault.name);
  const std::size_t faults = causes.size();
  for (const CheckScore& score : scores) {
    if (!score.judged || score.runs == score.runs_without_data) continue;
    Row& cells = rows[score.check->name];
    add_sightings(c, score, cells);
    add_false_alarms(c, score, cells);
    for (const auto& [cause, cell] : cells)
      if (!cause.empty() && std::find(causes.begin(), causes.end(), cause) == causes.end()) causes.push_back(cause);
  }
  std::sort(causes.begin() + static_cast<std::ptrdiff_t>(faults), causes.end());
  causes.push_back("");
  for (const std::string& cause : causes)
    for (const CheckScore& score : scores) {
      const auto row = rows.find(score.check->name);
      if (row == rows.end()) continue;
      const auto cell = row->second.find(cause);
      if (cell != row->second.end()) write_cell(c, cause, score, cell->second, result);
      else if (!cause.empty()) write_cell(c, cause, score, Cell{}, result);
    }
}

}  // namespace rehearse::judging
