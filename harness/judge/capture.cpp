// What a captured stream held and could not tell, in sentences with counts and the first place.

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

// "3 updates of rows that …"; {} in `rest` is the column, where the kind is about one.
struct Words {
  EvidenceKind kind;
  const char* one;
  const char* many;
  const char* rest;
};
constexpr Words words[] = {
    {EvidenceKind::update_of_unknown_row, "update", "updates",
     " of rows that neither a snapshot nor the stream had made, not replayed"},
    {EvidenceKind::delete_of_unknown_row, "delete", "deletes",
     " of rows that neither a snapshot nor the stream had made, not replayed"},
    {EvidenceKind::insert_of_live_row, "insert", "inserts",
     " of rows that were there already, replayed as updates: the snapshot and the stream overlap, or a delete is "
     "missing"},
    {EvidenceKind::update_without_identity, "update", "updates",
     " without a word of which row it is, not replayed: declare the table's `key`, or give it a replica identity"},
    {EvidenceKind::delete_without_identity, "delete", "deletes",
     " without a word of which row it is, not replayed: declare the table's `key`, or give it a replica identity"},
    {EvidenceKind::inserts_only, "insert", "inserts",
     " and neither an update nor a delete, and no key is known: had there been any, the stream might lack them"},
    {EvidenceKind::null_may_be_not_a_number, "NULL", "NULLs", " in {}, each of which may have been NaN or an infinity"},
    {EvidenceKind::unchanged_value_unknown, "row", "rows",
     " of which {} did not change and the stream never showed it"},
    {EvidenceKind::values_unknown, "value", "values",
     " of {}, which a declared schema change made and the stream does not carry"},
    {EvidenceKind::snapshot_contradicts_stream, "row", "rows",
     " that a snapshot read later otherwise than the stream had made them, not replayed"},
    {EvidenceKind::old_row_contradicts_replay, "change", "changes",
     " whose old value of {} is not what the replay had made: a change before it is missing"},
    {EvidenceKind::may_be_delivered_again, "change", "changes",
     " that came twice in a row, replayed as two: without a key nobody can tell whether it was delivered again"},
    {EvidenceKind::table_dropped, "statement", "statements", " that dropped it, replayed as the deletion of its rows"},
    {EvidenceKind::ddl_passed_over, "statement", "statements",
     " passed over: what they did to columns is declared under `source.ddl`, or not replayed"},
};

std::string with_column(std::string_view rest, const std::string& column) {
  const std::size_t at = rest.find("{}");
  if (at == std::string_view::npos) return std::string(rest);
  return std::string(rest.substr(0, at)) + column + std::string(rest.substr(at + 2));
}

std::string place_of(std::uint64_t line, const std::string& row) {
  std::string text;
  if (line > 0) text += fmt::format("; the first in line {}", line);
  if (!row.empty()) text += fmt::format("{} ({})", line > 0 ? "" : "; the first", row);
  return text;
}

result::CaptureFinding finding_of(const CapturedStream& stream, const CaptureEvidence& evidence) {
  const auto* said =
      std::find_if(std::begin(words), std::end(words), [&](const Words& w) { return w.kind == evidence.kind; });
  result::CaptureFinding out;
  out.set_kind(std::string(evidence_name(evidence.kind)));
  out.set_table(stream.tables[evidence.table].name);
  out.set_column(evidence.column);
  out.set_count(evidence.count);
  out.set_first_line(evidence.first_line);
  out.set_first_row(evidence.first_row);
  out.set_left_out(leaves_out_a_change(evidence.kind));
  out.set_text(fmt::format("{}: {}{}{}.", out.table(), counted(evidence.count, said->one, said->many),
                           with_column(said->rest, evidence.column),
                           place_of(evidence.first_line, evidence.first_row)));
  return out;
}

void add_other_tables(const OtherTables& others, result::Capture& out) {
  constexpr std::size_t named_most = 5;
  if (others.named.empty()) return;
  std::uint64_t rows = others.rows_of_more;
  std::vector<std::string> names;
  for (const OtherTables::Table& table : others.named) {
    rows += table.rows;
    if (names.size() < named_most) names.push_back(fmt::format("{}.{}", table.schema, table.name));
  }
  if (others.named.size() > named_most) names.emplace_back("others");
  result::CaptureFinding& finding = *out.add_findings();
  finding.set_kind("other_tables");
  finding.set_count(rows);
  finding.set_first_line(others.named.front().first_line);
  finding.set_text(fmt::format("{} about rows of tables that are not listed ({}), not replayed{}.",
                               counted(rows, "event", "events"), joined(names),
                               place_of(others.named.front().first_line, "")));
}

void add_passed_over(const CapturedStream& stream, result::Capture& out) {
  for (const PassedOver& passed : stream.passed_over) {
    result::CaptureFinding& finding = *out.add_findings();
    finding.set_kind("passed_over");
    finding.set_count(passed.count);
    finding.set_first_line(passed.first_line);
    finding.set_text(fmt::format("{} no change of a row ({}), passed over{}.",
                                 counted(passed.count, "message that is", "messages that are"), passed.what,
                                 place_of(passed.first_line, "")));
  }
}

void add_delivered_again(const DeliveredAgain& again, result::Capture& out) {
  if (again.count == 0) return;
  result::CaptureFinding& finding = *out.add_findings();
  finding.set_kind("delivered_again");
  finding.set_count(again.count);
  finding.set_first_line(again.first_line);
  finding.set_text(fmt::format("{} with the position, key and content of one before, replayed once{}.",
                               counted(again.count, "change", "changes"), place_of(again.first_line, "")));
}

// Whoever lists a table expects rows of it.
void add_silent_tables(const Case& c, result::Capture& out, result::Result& result) {
  const scenario::Capture& given = c.in.scenario.source().capture();
  for (const scenario::CapturedTable& listed : given.tables()) {
    const bool any = std::ranges::any_of(c.in.capture->tables, [&](const CapturedTable& table) {
      return table.schema == given.schema() && table.events > 0 &&
             std::ranges::find(table.versions, listed.name(), &CapturedTableVersion::table_name) !=
                 table.versions.end();
    });
    if (any) continue;
    result::CaptureFinding& finding = *out.add_findings();
    finding.set_kind("no_events");
    finding.set_table(listed.name());
    finding.set_text(fmt::format("{}: the stream has no event about its rows.", listed.name()));
    result.add_warnings(fmt::format("The stream has no event about rows of the listed table {}.", listed.name()));
  }
}

void add_times(const Case& c, result::Capture& out, result::Result& result) {
  const TimesGoingBack& back = c.in.capture->times_going_back;
  out.set_commit_times_going_back(back.count);
  if (back.count == 0) return;
  result::CaptureFinding& finding = *out.add_findings();
  finding.set_kind("commit_time_goes_back");
  finding.set_count(back.count);
  finding.set_first_line(back.first_line);
  finding.set_text(fmt::format("{} earlier times than one before them, by up to {}, replayed with the latest one{}.",
                               counted(back.count, "transaction says", "transactions say"), duration({back.most_ns}),
                               place_of(back.first_line, "")));
  // Clocks and the order in which commits are logged differ by less, so this is what partitions of a topic that stand
  // one after the other look like.
  if (back.most_ns >= second.ns)
    result.add_warnings(
        fmt::format("The stream's commit times go back by up to {}, the first time in line {}: if partitions or topics "
                    "stand in it one after the other, they must be merged by their times.",
                    duration({back.most_ns}), back.first_line));
}

void add_span(const CaptureCounts& counts, result::Capture& out, result::Result& result) {
  out.set_transactions(counts.transactions);
  out.set_transactions_before_start(counts.transactions_before_start);
  out.set_transactions_after_end(counts.transactions - counts.transactions_done);
  out.set_changes_within(counts.changes_within);
  if (out.transactions_before_start() > 0)
    result.add_warnings(fmt::format("{} of {} lie before the start of the rehearsal and were replayed at it.",
                                    count(out.transactions_before_start()),
                                    counted(counts.transactions, "captured transaction", "captured transactions")));
  if (out.transactions_after_end() > 0)
    result.add_warnings(fmt::format("{} of {} lie after the end of the rehearsal and were not replayed.",
                                    count(out.transactions_after_end()),
                                    counted(counts.transactions, "captured transaction", "captured transactions")));
}

bool beyond(std::uint64_t part, std::uint64_t whole, std::int64_t share_ppb) {
  return part > 0 && static_cast<double>(part) * 1e9 > static_cast<double>(whole) * static_cast<double>(share_ppb);
}

bool is_expected(const Case& c, const std::string& table) {
  const auto& losses = c.in.scenario.expect().source_log_incomplete();
  return std::any_of(losses.begin(), losses.end(), [&](const auto& loss) { return loss.table() == table; });
}

}  // namespace

void write_capture(const Case& c, result::Result& result) {
  if (!c.in.capture) return;
  const CapturedStream& stream = *c.in.capture;
  const scenario::Capture& given = c.in.scenario.source().capture();
  result::Capture& out = *result.mutable_capture();
  out.set_stream(given.stream());
  out.set_row_events(stream.row_events);
  out.set_max_left_out_ppb(given.max_left_out_ppb());
  for (const CaptureEvidence& evidence : stream.evidence) {
    *out.add_findings() = finding_of(stream, evidence);
    if (leaves_out_a_change(evidence.kind)) out.set_left_out(out.left_out() + evidence.count);
  }
  add_other_tables(stream.other_tables, out);
  add_passed_over(stream, out);
  add_delivered_again(stream.delivered_again, out);
  add_silent_tables(c, out, result);
  add_times(c, out, result);
  add_span(c.in.replayed, out, result);
  out.set_too_much_left_out(beyond(out.left_out(), out.row_events(), given.max_left_out_ppb()));
  if (out.left_out() > 0 && !out.too_much_left_out())  // more than that is a reason for the verdict
    result.add_warnings(fmt::format("{} of {} in the captured stream cannot be replayed as the source made them.",
                                    count(out.left_out()),
                                    counted(out.row_events(), "event about rows", "events about rows")));
  if (!c.in.witness) return;
  for (const WitnessComparison& comparison : *c.in.witness) {
    result::CaptureWitness& witness = *out.add_witnesses();
    witness.set_table(comparison.table);
    witness.set_differing(rows_lost(comparison));
    witness.set_rows(comparison.rows_equal + rows_lost(comparison));
    witness.set_too_much(!is_expected(c, comparison.table) &&
                         beyond(witness.differing(), witness.rows(), given.max_left_out_ppb()));
  }
}

}  // namespace rehearse::judging
