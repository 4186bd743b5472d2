// Ground truth by store, harm by consumer, what struck, what the log could not carry, and the small print.
#include <fmt/core.h>

#include <algorithm>

#include "reports/html_parts.h"

namespace rehearse::reports::html {
namespace {

constexpr int rows_in_sight = 12;  // a longer table is folded
constexpr int rows_most = 500;     // of one table; result.json has them all

std::string more_in_result(int rows) {
  if (rows <= rows_most) return "";
  return fmt::format("<p><small>and {} more in result.json</small></p>",
                     show_count(static_cast<std::uint64_t>(rows - rows_most)));
}

// What was divergent, and what was claimed, by class.
std::string classes(const Result& result) {
  Table table({"Class", "#Truly divergent", "#At worst", "#Claimed", "#Right", "#Not right"});
  for (const result::ClassTruth& k : result.classes())
    table.add({"<b>" + esc(k.name()) + "</b>",
               k.has_divergences() ? number_or_zero(k.divergences(), "bad") : "<span class=\"zero\">n/a</span>",
               k.has_divergent_worst() ? number_or_zero(k.divergent_worst(), "bad") : "<span class=\"zero\">n/a</span>",
               show_count(k.claims()), show_count(k.right()),
               number_or_zero(k.claims() - std::min(k.right(), k.claims()), "warn")});
  const std::string html = table.html();
  return html.empty() ? "" : "<h3>Claimed against true, by class</h3>" + html;
}

// Harm of a tier's consumers together, the highest tier first.
std::string tiers(const Result& result) {
  std::string out;
  for (const char* tier : {"high", "medium", "low"}) {
    result::Harm sum;
    int consumers = 0;
    for (const result::Consumer& c : result.consumers()) {
      if (c.tier() != tier) continue;
      ++consumers;
      result::add_harm(c.harm(), sum);
    }
    if (consumers == 0) continue;
    std::string_view kind = "good";
    std::string worst = "no harm";
    for (const ReadOutcome outcome : result::followed_outcomes()) {
      const std::uint64_t reads = reads_of(sum, outcome);
      if (reads == 0) continue;
      kind = colour_of(outcome);
      worst = show_count(reads) + " " + rule_of(outcome).words();
      break;
    }
    out += fmt::format("<div class=\"tile {}\"><dt>Tier {}</dt><dd>{}</dd><p>{} of {} by {}</p></div>", kind, tier,
                       worst, harm_words(sum), counted(sum.reads(), "read", "reads"),
                       counted(static_cast<std::uint64_t>(consumers), "consumer", "consumers"));
  }
  return out.empty() ? "" : "<dl class=\"tiles\">" + out + "</dl>";
}

std::string folded_if_long(int rows, std::string_view summary, const std::string& html) {
  return html.empty() || rows <= rows_in_sight ? html : folded(summary, html);
}

std::string causes_of(const result::Store& store) {
  std::string out;
  for (const result::CauseCount& cause : store.causes())
    out += fmt::format("<div>{} <small>{}{}</small></div>", esc(cause.cause()), show_count(cause.intervals()),
                       cause.now() == 0 ? "" : ", " + show_count(cause.now()) + " to the end");
  return out;
}

// The reads of one consumer as a bar, from the harmless to the worst.
std::string harm_bar(const result::Harm& harm) {
  if (harm.reads() == 0) return "";
  std::string parts;
  for (const ReadOutcome outcome : all_outcomes()) {
    const std::uint64_t reads = reads_of(harm, outcome);
    if (reads == 0) continue;
    const double share = static_cast<double>(reads) * 100 / static_cast<double>(harm.reads());
    parts.insert(0,
                 fmt::format("<i class=\"{}\" style=\"flex:{:.3f}\"></i>", colour_of(outcome), std::max(share, 0.8)));
  }
  return "<div class=\"stack\">" + parts + "</div>";
}

std::string served_from(const Result& result, const result::Consumer& consumer) {
  std::string out;
  for (const result::Serving& serving : consumer.served_from())
    out += fmt::format("<div>{} <small>from {}</small></div>", esc(serving.store()),
                       show_calendar(result, serving.from_at_ns()));
  return out;
}

std::string figures(const Result& result) {
  const result::Figures& f = result.figures();
  Table table({"Figure", "#Value"});
  table.add({"Changes", show_count(f.changes())});
  table.add({"Transactions", show_count(f.transactions())});
  table.add({"Agenda events", show_count(f.agenda_events())});
  table.add({"Rows compared by checks", show_count(f.rows_compared())});
  table.add({"Slots", show_count(f.slots())});
  table.add({"Bytes a slot, all copies", show_value(f.bytes_per_slot(), "")});
  table.add({"Retained log, at most", show_bytes(static_cast<double>(f.log_bytes()))});
  table.add({"Times of rows", show_bytes(static_cast<double>(f.row_time_bytes()))});
  if (result.has_machine()) {
    const result::Machine& m = result.machine();
    table.add({"Wall time", show_value(m.wall_seconds(), "seconds")});
    table.add({"Changes a second", show_speed(m.changes_per_second())});
    table.add({"Agenda events a second", show_speed(m.agenda_events_per_second())});
    table.add({"Memory at peak", show_bytes(static_cast<double>(m.peak_memory_bytes()))});
  }
  return table.html();
}

std::string settings(const Result& result) {
  Table table({"Result of", ""});
  if (!result.version().empty()) table.add({"Rehearse", "<code>" + esc(result.version()) + "</code>"});
  for (const result::Setting& s : result.depends_on())
    table.add({esc(s.name()), "<code>" + esc(s.value()) + "</code>"});
  if (!result.digests().trajectory().empty())
    table.add({"Digest of the trajectory", "<code>" + esc(result.digests().trajectory()) + "</code>"});
  if (!result.digests().outcome().empty())
    table.add({"Digest of the outcome", "<code>" + esc(result.digests().outcome()) + "</code>"});
  std::string out = table.html();
  Table files({"Beside this page", ""});
  for (const result::File& file : result.files())
    if (file.name() != "report.html") files.add({"<code>" + esc(file.name()) + "</code>", esc(file.what())});
  return out + files.html();
}

std::string measures(const Result& result) {
  Table table({"Store", "Measure of an aggregate", "#Off by", "#In the worst group", "Which"});
  bool any = false;
  for (const result::Store& s : result.stores())
    for (const result::MeasureError& m : s.measures()) {
      any = true;
      const char* kind = m.worst() > 0 ? "bad" : "zero";
      const auto shown = [&](double share) {
        return fmt::format("<span class=\"{}\">{}</span>", kind, show_percent(share));
      };
      table.add({esc(s.name()), esc(m.name()), shown(m.relative_error()), shown(m.worst()), esc(m.worst_group())});
    }
  return any ? table.html() : "";
}

}  // namespace

std::string stores(const Result& result) {
  const bool ages = std::any_of(result.stores().begin(), result.stores().end(),
                                [](const result::Store& s) { return s.has_worst_age_ns(); });
  std::vector<std::string> headings = {"Store",        "#Rows",    "#Divergences", "#At worst", "#At the end",
                                       "#Row-seconds", "By cause", "#Stale for",   "#Promised", "Healed and drained"};
  if (ages) headings.insert(headings.end() - 1, "#Oldest");
  Table table(headings);
  for (const result::Store& s : result.stores()) {
    std::vector<std::string> cells = {
        fmt::format("<b>{}</b><br><small>{} by {}</small>", esc(s.name()), esc(s.dataset()), esc(s.pipeline())),
        show_count(s.rows()),
        number_or_zero(s.divergent_intervals(), "bad"),
        number_or_zero(s.divergent_worst(), "bad"),
        number_or_zero(s.divergent_now(), "bad"),
        number_or_zero(s.divergent_row_seconds(), ""),
        causes_of(s),
        s.stale_ns() == 0 ? "<span class=\"zero\">never</span>"
                          : "<b class=\"warn\">" + show_duration(s.stale_ns()) + "</b><br><small>" +
                                esc(joined(s.stale_causes(), ", ")) + "</small>",
        s.freshness_ns() == 0 ? "–" : show_duration(s.freshness_ns()),
        s.healed_equal() ? chip("good", "equal") : chip("bad", "not equal")};
    if (ages) cells.insert(cells.end() - 1, s.has_worst_age_ns() ? show_duration(s.worst_age_ns()) : "n/a");
    table.add(std::move(cells));
  }
  return section("stores", "The truth, store by store",
                 "A divergence is a row that differs from its contract and that nothing on its way will correct.",
                 table.html() + measures(result) + classes(result));
}

std::string harm(const Result& result) {
  std::vector<std::string> heads{"Consumer", "Tier", "", "#Reads"};
  for (const ReadOutcome outcome : result::harmful_outcomes())
    heads.push_back("#" + capitalised(rule_of(outcome).words()));
  heads.emplace_back("Served from");
  Table table(heads);
  for (const result::Consumer& c : result.consumers()) {
    std::vector<std::string> cells = {
        "<b>" + esc(c.name()) + "</b>" + (c.listed() ? "" : " " + chip("warn", "on nobody's list")) +
            "<br><small>reads " + esc(c.reads()) +
            (c.needs().empty() ? "" : ", needs " + esc(joined(c.needs(), ", "))) + "</small>",
        esc(c.tier()), harm_bar(c.harm()), show_count(c.harm().reads())};
    for (const ReadOutcome outcome : result::harmful_outcomes())
      cells.push_back(number_or_zero(reads_of(c.harm(), outcome), colour_of(outcome)));
    cells.push_back(served_from(result, c));
    table.add(std::move(cells));
  }
  return section("harm", "Harm to consumers",
                 "What reads found: a wrong row, a right one that was too old, a key that was there twice.",
                 tiers(result) + table.html());
}

std::string faults(const Result& result) {
  Table table({"Fault", "Kind", "On", "Struck", "#Hits", ""});
  for (const result::Fault& f : result.faults()) {
    std::string strikes;
    constexpr int most = 6;
    for (int i = 0; i < std::min(most, f.strikes_size()); ++i) {
      const result::Strike& strike = f.strikes(i);
      strikes += "<div>" + when(result, strike.struck_at_ns());
      if (strike.has_healed_at_ns())
        strikes += " <small>for " + show_duration(strike.healed_at_ns() - strike.struck_at_ns()) + "</small>";
      strikes += "</div>";
    }
    if (f.strikes_size() > most) strikes += fmt::format("<small>and {} more</small>", f.strikes_size() - most);
    table.add(
        {"<b>" + esc(f.name()) + "</b>" + (f.detail().empty() ? "" : "<br><small>" + esc(f.detail()) + "</small>"),
         esc(f.kind()) + (f.defect() ? " " + chip("info", "defect") : ""), esc(f.target()),
         strikes.empty() ? "–" : strikes, show_count(f.hits()), f.vacuous() ? chip("warn", vacuous_word(f)) : ""});
  }
  return section("faults", "Faults and defects", "", table.html());
}

std::string incomplete_log(const Result& result) {
  Table table({"Table", "Key", "Column", "Why", "Evidence", "Position", "#Rows"});
  for (int i = 0; i < std::min(rows_most, result.source_log_incomplete_size()); ++i) {
    const result::SourceLogIncomplete& f = result.source_log_incomplete(i);
    table.add({esc(f.table()), "<code>" + esc(f.key()) + "</code>", esc(f.column()), esc(f.reason()), esc(f.evidence()),
               "<code>" + esc(f.position()) + "</code>", show_count(f.rows())});
  }
  return section(
      "log", "What the source's log cannot carry", "Shown by the final tables. No pipeline is to blame for these rows.",
      folded_if_long(result.source_log_incomplete_size(),
                     counted(static_cast<std::uint64_t>(result.source_log_incomplete_size()), "finding", "findings"),
                     table.html() + more_in_result(result.source_log_incomplete_size())));
}

std::string conservation(const Result& result) {
  using C = result::Conservation;
  struct Column {
    const char* heading;
    std::uint64_t (C::*count)() const;
    const char* kind;
    bool always;
  };
  static constexpr Column all[] = {{"#Changes", &C::changes, "", true},
                                   {"#Applied", &C::applied, "", true},
                                   {"#Again", &C::applied_again, "", false},
                                   {"#In flight", &C::in_flight, "", true},
                                   {"#Filtered", &C::filtered, "", false},
                                   {"#Compacted", &C::compacted, "", false},
                                   {"#Expired", &C::expired, "bad", true},
                                   {"#Dropped", &C::dropped, "bad", true},
                                   {"#Dead-lettered", &C::dead_lettered, "warn", false},
                                   {"#Spilled", &C::spilled, "", false},
                                   {"#Deduplicated", &C::deduplicated, "", false},
                                   {"#Not for the first time", &C::not_first, "", false},
                                   {"#Superseded", &C::superseded, "", false}};
  std::vector<std::string> headings = {"Pipeline"};
  std::vector<const Column*> shown;
  for (const Column& column : all)
    if (column.always || std::any_of(result.conservation().begin(), result.conservation().end(),
                                     [&](const C& c) { return (c.*column.count)() > 0; })) {
      shown.push_back(&column);
      headings.push_back(column.heading);
    }
  headings.push_back("");
  Table table(headings);
  for (const C& c : result.conservation()) {
    std::vector<std::string> cells = {"<b>" + esc(c.pipeline()) + "</b>"};
    for (const Column* column : shown) cells.push_back(number_or_zero((c.*column->count)(), column->kind));
    cells.push_back(c.balanced() ? chip("good", "balanced") : chip("bad", "does not add up"));
    table.add(std::move(cells));
  }
  return section("conservation", "Where every change went",
                 "Each change of the source and each row of an initial snapshot, once, when the rehearsal ended; what "
                 "came again counts beside it, or is told as not for the first time. Columns of zeros are left out.",
                 table.html());
}

std::string audit(const Result& result) {
  Table table({"When", "Who", "What", "#Rows", "Detail"});
  for (int i = 0; i < std::min(rows_most, result.audit_size()); ++i) {
    const result::AuditEntry& a = result.audit(i);
    table.add({when(result, a.at_ns()), esc(a.actor()), esc(a.action()),
               a.rows() == 0 ? "<span class=\"zero\">–</span>" : show_count(a.rows()), esc(a.detail())});
  }
  return section(
      "audit", "Audit log", "Everything that rules and plan did to stores and pipelines.",
      folded_if_long(result.audit_size(), counted(static_cast<std::uint64_t>(result.audit_size()), "action", "actions"),
                     table.html() + more_in_result(result.audit_size())));
}

std::string events(const Result& result) {
  Table table({"When", "Kind", "What", "#Lasts"});
  for (int i = 0; i < std::min(rows_most, result.marks_size()); ++i) {
    const result::Mark& m = result.marks(i);
    table.add({when(result, m.at_ns()), esc(word(m.kind())), esc(m.text()),
               m.has_until_at_ns() ? show_duration(m.until_at_ns() - m.at_ns()) : ""});
  }
  return section(
      "events", "Everything that happened, in order", "",
      folded_if_long(result.marks_size(), counted(static_cast<std::uint64_t>(result.marks_size()), "event", "events"),
                     table.html() + more_in_result(result.marks_size())));
}

std::string about(const Result& result) {
  std::string body;
  if (!result.not_modelled().empty()) body += "<h3>Not modelled</h3>" + sentences(result.not_modelled(), "plain");
  if (!result.replay().empty())
    body += "<h3>Repeat it</h3><pre class=\"replay\"><code>" + esc(result.replay()) + "</code></pre>";
  body += "<div class=\"columns\"><div>" + settings(result) + "</div><div>" + figures(result) + "</div></div>";
  return section("about", "About this rehearsal", "", body);
}

}  // namespace rehearse::reports::html
