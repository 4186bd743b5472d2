#include "reports/html.h"

#include <fmt/core.h>

#include "reports/findings.h"
#include "reports/html_assets.h"
#include "reports/html_parts.h"

namespace rehearse::reports {
namespace html {

std::string Table::html() const {
  if (rows_.empty()) return "";
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  const auto numeric = [&](std::size_t i) { return i < headings_.size() && headings_[i].starts_with('#'); };
  for (std::size_t i = 0; i < headings_.size(); ++i)
    out += numeric(i) ? "<th class=\"num\">" + esc(headings_[i].substr(1)) + "</th>"
                      : "<th>" + esc(headings_[i]) + "</th>";
  out += "</tr></thead><tbody>";
  for (const auto& row : rows_) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += (numeric(i) ? "<td class=\"num\">" : "<td>") + row[i] + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string section(std::string_view id, std::string_view title, std::string_view lead, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<section id=\"{}\"><h2>{}</h2>{}{}</section>\n", id, esc(title),
                     lead.empty() ? "" : "<p class=\"lead\">" + esc(lead) + "</p>", body);
}

std::string folded(std::string_view summary, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>{}</details>\n", esc(summary), body);
}

std::string chip(std::string_view kind, std::string_view text) {
  return fmt::format("<span class=\"chip {}\">{}</span>", kind, esc(text));
}

std::string when(const Result& result, std::int64_t at_ns) {
  return fmt::format("<time datetime=\"{0}\" title=\"{0}\">{1} <small>{2}</small></time>", iso_instant(result, at_ns),
                     show_calendar(result, at_ns), show_duration(at_ns));
}

std::string_view colour_of(ReadOutcome outcome) {
  const OutcomeRule::Colour colour = rule_of(outcome).colour();
  return colour == OutcomeRule::BAD ? "bad" : colour == OutcomeRule::WARN ? "warn" : "good";
}

std::string number_or_zero(std::uint64_t n, std::string_view kind) {
  if (n == 0) return "<span class=\"zero\">0</span>";
  if (kind.empty()) return show_count(n);
  return fmt::format("<b class=\"{}\">{}</b>", kind, show_count(n));
}

std::string sentences(const google::protobuf::RepeatedPtrField<std::string>& texts, std::string_view css_class) {
  if (texts.empty()) return "";
  std::string out = fmt::format("<ul class=\"{}\">", css_class);
  for (const std::string& text : texts) out += "<li>" + esc(text) + "</li>";
  return out + "</ul>";
}

const char* rightness_kind(result::Rightness rightness) {
  return rightness == result::right ? "good" : rightness == result::wrong ? "bad" : "idle";
}

namespace {

const char* kind_of(Result::Verdict verdict) {
  return verdict == Result::pass ? "good" : verdict == Result::fail ? "bad" : "warn";
}

std::string tile(std::string_view label, std::string_view value, std::string_view note, std::string_view kind = "") {
  return fmt::format("<div class=\"tile {}\"><dt>{}</dt><dd>{}</dd><p>{}</p></div>", kind, esc(label), esc(value),
                     esc(note));
}

std::string outcome_tile(const Result& result) {
  std::string note = result.migrates_to().empty() ? "" : result.migrates_from() + " → " + result.migrates_to();
  if (!result.rollbacks().empty()) note = "on " + show_instant(result, result.rollbacks(0).fired_at_ns());
  return tile("Outcome", word(result.outcome().kind()), note);
}

std::string expectation_tile(const Result& result) {
  if (result.expectations().empty()) return "";
  int held = 0;
  for (const result::Expectation& e : result.expectations()) held += e.status() == result::Expectation::held;
  return tile("Expectations", fmt::format("{} of {}", held, result.expectations_size()), "held",
              held == result.expectations_size() ? "good" : "bad");
}

std::string harm_tiles(const Result& result) {
  if (result.consumers().empty()) return "";
  const result::Harm total = total_harm(result);
  const std::string of = "of " + counted(total.reads(), "read", "reads");
  std::string tiles;
  for (const ReadOutcome outcome : result::followed_outcomes()) {
    const std::uint64_t reads = reads_of(total, outcome);
    tiles += tile(capitalised(rule_of(outcome).words()) + " reads", show_count(reads), of,
                  reads == 0 ? "good" : colour_of(outcome));
  }
  return tiles;
}

std::string divergence_tile(const Result& result) {
  if (result.stores().empty()) return "";
  std::uint64_t now = 0, worst = 0;
  for (const result::Store& store : result.stores()) {
    now += store.divergent_now();
    worst = std::max<std::uint64_t>(worst, store.divergent_worst());
  }
  return tile("Divergent rows", show_count(now), "at the end; " + show_count(worst) + " at worst in one store",
              now == 0 ? "good" : "bad");
}

std::string rollback_tile(const Result& result) {
  if (result.rollbacks().empty()) return "";
  const result::Rollback& r = result.rollbacks(0);
  return tile("Good data after", r.has_rto_ns() ? show_duration(r.rto_ns()) : "n/a",
              r.has_routed_ns() ? "readers sent back after " + show_duration(r.routed_ns()) : "");
}

std::string hero(const Result& result) {
  std::string out = fmt::format("<header class=\"hero {}\"><div class=\"wrap\">", kind_of(result.verdict()));
  out += fmt::format("<p class=\"eyebrow\">Rehearsal · seed {} · {} from {}</p>", result.seed(),
                     show_duration(result.duration_ns()), iso_epoch(result.start_epoch_ns()).substr(0, 10));
  out += "<h1>" + esc(result.scenario().empty() ? "unnamed" : result.scenario()) + "</h1>";
  if (!result.about().empty()) out += "<p class=\"about\">" + esc(result.about()) + "</p>";
  out += fmt::format("<div class=\"verdict\"><span class=\"badge\">{}</span><p>{}</p></div>", word(result.verdict()),
                     esc(headline(result)));
  if (result.has_stopped_at_ns())
    out += "<p class=\"stopped\">Stopped early, at " + show_instant(result, result.stopped_at_ns()) + ".</p>";
  out += sentences(result.remarks(), "reasons") + sentences(result.warnings(), "warnings");
  out += "<dl class=\"tiles\">" + outcome_tile(result) + expectation_tile(result) + harm_tiles(result) +
         divergence_tile(result) + rollback_tile(result) + "</dl>";
  return out + "</div></header>\n";
}

const char* kind_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::bad:
      return "bad";
    case Tone::warn:
      return "warn";
    default:
      return "idle";
  }
}

std::string findings(std::string_view id, std::string_view title, const std::vector<Finding>& list,
                     std::string_view if_none) {
  std::string body;
  for (const Finding& finding : list) {
    body +=
        fmt::format("<article class=\"finding {}\"><h3>{}{}</h3>", kind_of(finding.tone),
                    finding.mark.empty() ? "" : chip(kind_of(finding.tone), finding.mark) + " ", esc(finding.title));
    for (const std::string& detail : finding.details) body += "<p>" + esc(detail) + "</p>";
    body += "</article>";
  }
  if (!list.empty()) body = "<div class=\"findings\">" + body + "</div>";
  if (list.empty() && !if_none.empty()) body = "<p class=\"lead\">" + esc(if_none) + "</p>";
  return section(id, title, "", body);
}

std::string timeline(const Result& result) {
  if (result.series().empty() && result.phases().empty() && result.marks().empty()) return "";
  return "<section id=\"timeline\"><div class=\"bar\"><h2>Timeline</h2><div class=\"controls\" role=\"group\" "
         "aria-label=\"Stretch of time that is shown\"><button data-do=\"earlier\" aria-label=\"Earlier\">←</button>"
         "<button data-do=\"later\" aria-label=\"Later\">→</button><button data-do=\"out\" aria-label=\"Zoom "
         "out\">−</button><button data-do=\"in\" aria-label=\"Zoom in\">+</button><button data-do=\"whole\" "
         "id=\"unzoom\" disabled>Whole rehearsal</button></div></div>"
         "<p class=\"lead\" id=\"timeline-help\">Drag across a chart to zoom all of them, double-click to zoom out; "
         "click "
         "a phase or a mark to go there, a name to hide its line. Where samples are dense, a line is the greatest of "
         "each stretch, and its band on a linear axis reaches down to the least. By keyboard: ← → read along, with "
         "Shift move, + − "
         "zoom, "
         "Esc shows the whole rehearsal.</p>"
         "<noscript><p>The charts need JavaScript; everything else on this page does not.</p></noscript>"
         "<div id=\"view\" tabindex=\"0\" role=\"group\" aria-label=\"Charts over simulated time\" "
         "aria-describedby=\"timeline-help\"><div id=\"strip\"></div><div id=\"charts\"></div></div>"
         "<p id=\"reading\" class=\"unseen\" role=\"status\"></p></section>\n";
}

std::string navigation(const std::string& body) {
  struct Entry {
    const char* id;
    const char* name;
  };
  constexpr Entry entries[] = {{"decisions", "Decisions"},
                               {"exposure", "Exposure"},
                               {"capture", "Capture"},
                               {"bottlenecks", "Bottlenecks"},
                               {"advice", "What to change"},
                               {"expectations", "Expectations"},
                               {"timeline", "Timeline"},
                               {"plan", "Plan"},
                               {"rollback", "Rollback"},
                               {"matrix", "Matrix"},
                               {"checks", "Checks"},
                               {"stores", "Truth"},
                               {"harm", "Harm"},
                               {"faults", "Faults"},
                               {"log", "Source log"},
                               {"audit", "Audit"},
                               {"about", "About"}};
  std::string out = "<nav aria-label=\"Sections\"><div class=\"wrap\"><div class=\"links\">";
  for (const Entry& entry : entries)
    if (body.find(fmt::format("<section id=\"{}\">", entry.id)) != std::string::npos)
      out += fmt::format("<a href=\"#{}\">{}</a>", entry.id, entry.name);
  return out + "</div><button id=\"theme\" hidden></button></div></nav>\n";
}

bool continues_with(std::string_view code, std::size_t at, std::string_view lower) {
  if (code.size() - at < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = code[at + i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

// Inside <script> only `</script` and `<!--` end or change the script. In our code and dygraphs' both could stand in
// strings and regular expressions alone, where a backslash changes nothing.
std::string in_script(std::string_view code) {
  std::string out;
  out.reserve(code.size());
  for (std::size_t at = 0; at < code.size(); ++at) {
    out += code[at];
    if (code[at] == '<' && (continues_with(code, at, "</script") || continues_with(code, at, "<!--"))) out += '\\';
  }
  return out;
}

}  // namespace

std::string script(std::string_view code) { return "<script>" + in_script(code) + "</script>\n"; }

}  // namespace html

std::string render_html(const result::Result& unsafe) {
  using namespace html;
  const Result result = with_printable_text(unsafe);
  const std::string body = findings("decisions", "Decisions", decisions(result), "") +
                           findings("exposure", "Exposure", exposures(result), nobody_exposed(result)) +
                           findings("capture", "Capture", capture(result), "") +
                           findings("bottlenecks", "Bottlenecks", bottlenecks(result), "") +
                           findings("advice", "What to change", advice(result), "") + expectations(result) +
                           timeline(result) + plan(result) + rollbacks(result) + triggers(result) + matrix(result) +
                           checks(result) + stores(result) + harm(result) + faults(result) + incomplete_log(result) +
                           conservation(result) + audit(result) + events(result) + about(result);
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:\">\n";
  out += fmt::format("<title>{}: {}</title>\n<style>{}\n{}</style></head>\n<body>\n", word(result.verdict()),
                     esc(one_line(result.scenario())), assets::dygraph_css, assets::page_css);
  out += "<a class=\"skip\" href=\"#content\">Skip to the content</a>\n";
  out +=
      hero(result) + navigation(body) + "<main class=\"wrap\" id=\"content\" tabindex=\"-1\">\n" + body + "</main>\n";
  out += "<script id=\"data\" type=\"application/json\">" + chart_data(result) + "</script>\n";
  out += script(assets::dygraph_js) + script(assets::strip_js) + script(assets::page_js);
  return out + "</body></html>\n";
}

}  // namespace rehearse::reports
