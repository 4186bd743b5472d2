// The fault × check matrix with its examples, and the checks one by one.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "reports/html_parts.h"

namespace rehearse::reports::html {
namespace {

constexpr int most_examples = 5;  // of a cell

struct Axes {
  std::vector<std::string> causes, checks;
};

Axes axes_of(const Result& result) {
  Axes axes;
  const auto note = [](std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  for (const result::MatrixCell& cell : result.matrix())
    note(axes.causes, cell.cause()), note(axes.checks, cell.check());
  return axes;
}

// A name that may be broken between its words, for a narrow column.
std::string breakable(std::string_view name) {
  std::string out;
  for (const char c : esc(name)) {
    out += c;
    if (c == '_' || c == '.' || c == '=') out += "<wbr>";
  }
  return out;
}

std::string shown_cause(const std::string& cause) { return cause.empty() ? "nothing divergent" : cause; }

const char* colour_of(const result::MatrixCell& cell) {
  if (cell.divergences() == 0) return cell.false_alarms() > 0 ? "bad" : "idle";
  if (cell.caught() == 0) return "bad";
  return cell.caught() >= cell.divergences() ? "good" : "warn";
}

std::string cell_html(const result::MatrixCell& cell, int index) {
  std::string out = fmt::format("<td class=\"cell {}\">", colour_of(cell));
  if (cell.divergences() == 0) out += "<b>–</b><small>nothing to catch</small>";
  else
    out += fmt::format(
        "<b>{}</b> <span>of {} caught</span><div class=\"share\"><i "
        "style=\"width:{:.1f}%\"></i></div><small>{}</small>",
        show_count(cell.caught()), show_count(cell.divergences()),
        static_cast<double>(cell.caught()) * 100 / static_cast<double>(cell.divergences()),
        cell.missed() == 0 ? "none missed" : show_count(cell.missed()) + " missed");
  if (cell.untold() > 0) out += "<small>" + show_count(cell.untold()) + " n/a: not read a second time</small>";
  if (cell.has_delay()) out += fmt::format("<small>after {} (median)</small>", show_duration(cell.delay().median_ns()));
  if (cell.false_alarms() > 0)
    out += "<small class=\"bad\">" + counted(cell.false_alarms(), "false alarm", "false alarms") + "</small>";
  const int shown = std::min(cell.examples_size(), most_examples);
  if (shown > 0)
    out += fmt::format("<a href=\"#example-{}-1\">{}</a>", index,
                       counted(static_cast<std::uint64_t>(shown), "row", "rows"));
  return out + "</td>";
}

std::string side(const std::optional<std::string>& content) {
  return content ? esc(*content) : std::string("<span class=\"zero\">NULL</span>");
}

std::string fields_html(const result::Example& example) {
  Table table({"column", "expected", example.store().empty() ? "actual" : example.store()});
  for (const result::Field& field : example.fields()) {
    const std::string mark = field.differs() ? "differs" : "same";
    const auto cell = [&](bool absent, bool has, const std::string& text) {
      return "<code class=\"" + mark + "\">" +
             (absent ? "<span class=\"zero\">no row</span>" : side(has ? std::optional(text) : std::nullopt)) +
             "</code>";
    };
    table.add({esc(field.column()), cell(example.expected_absent(), field.has_expected(), field.expected()),
               cell(example.actual_absent(), field.has_actual(), field.actual())});
  }
  return table.html();
}

// Which rows of the source's tables each side was made of; said once where it is the same of both.
std::string made_of_html(const result::Example& example) {
  std::string out;
  const auto line = [&](const std::string& whose, const char* mark, bool has, const std::string& text) {
    out += "<dd>" + whose + "<code class=\"" + mark + "\">" +
           (has ? esc(text) : std::string("<span class=\"zero\">no row</span>")) + "</code></dd>";
  };
  for (const result::Origin& origin : example.made_of()) {
    out += fmt::format("<dt>{} <b>{}</b></dt>", origin.looked_up() ? "looked up in" : "made of", esc(origin.table()));
    if (origin.has_expected() && origin.has_actual() && origin.expected() == origin.actual()) {
      line("", "same", true, origin.expected());
      continue;
    }
    const char* mark = origin.has_expected() && origin.has_actual() ? "differs" : "same";
    line("expected ", mark, origin.has_expected(), origin.expected());
    line(esc(example.store().empty() ? "actual" : example.store()) + " ", mark, origin.has_actual(), origin.actual());
  }
  return out.empty() ? out : "<dl class=\"origins\">" + out + "</dl>";
}

// A word for a shell, as it is.
std::string quoted(std::string_view word) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The command that tells what happened to the row on its way.
std::string history_html(const Result& result, const result::Example& example) {
  if (example.key().empty() || result.scenario_file().empty()) return "";
  return fmt::format(
      "<p class=\"command\"><small>Its history: <code>rehearse explain row {} {} {} <span>--seed "
      "{}</span></code></small></p>",
      esc(quoted(example.table())), esc(quoted(example.key())), esc(quoted(result.scenario_file())), result.seed());
}

// Both sides of the row; of a false alarm, that they are equal.
std::string sides_html(const Result& result, const result::Example& example) {
  const bool absent = example.expected_absent() || example.actual_absent();
  if (example.fields().empty() && !absent) return "";
  const bool differs = std::any_of(example.fields().begin(), example.fields().end(),
                                   [](const result::Field& field) { return field.differs(); });
  if (example.expected_absent() && example.actual_absent())
    return example.has_content_at_ns() ? fmt::format("<p><small>By {} the row was gone from both sides.</small></p>",
                                                     show_calendar(result, example.content_at_ns()))
                                       : std::string();
  std::string out;
  if (example.has_content_at_ns()) {
    const std::string at = show_calendar(result, example.content_at_ns());
    out += absent || differs || !example.false_alarm()
               ? fmt::format("<p><small>Both sides as they stood until {}.</small></p>", at)
               : fmt::format("<p><small>By {} both sides were equal:</small></p>", at);
  }
  if (example.fields().empty() && absent)
    return out +
           fmt::format("<p>{}</p>", example.expected_absent() ? "There should be no row." : "The row is missing.");
  return out + fields_html(example);
}

std::string example_html(const Result& result, const result::Example& example, const std::string& anchor) {
  std::string out = fmt::format(
      "<article class=\"example\" id=\"{}\" tabindex=\"-1\"><header><h4>{} <code>{}</code></h4>{}{}</header><p>In {}",
      anchor, esc(example.table()), esc(example.key().empty() ? "(the whole table)" : example.key()),
      example.kind().empty() ? "" : chip("idle", example.kind()),
      example.false_alarm() ? chip("bad", "false alarm")
      : example.caught()    ? chip("good", "caught")
                            : chip("bad", "missed"),
      esc(example.store()));
  const std::string until = example.has_until_at_ns() ? when(result, example.until_at_ns()) : std::string("the end");
  if (!example.false_alarm())
    out += fmt::format(", divergent from {} until {}, by <b>{}</b>", when(result, example.onset_at_ns()), until,
                       esc(joined(example.causes(), " + ")));
  out += ".</p>";
  if (!example.claim().empty()) out += "<p>The check said: " + esc(example.claim()) + "</p>";
  return out + sides_html(result, example) + made_of_html(example) + history_html(result, example) + "</article>";
}

std::string share(const result::Ratio& ratio) {
  return show_percent(static_cast<double>(ratio.numerator()) / static_cast<double>(ratio.denominator()));
}

// Of all rows; and of those that a sampling check looked at, where that can be told and is something else.
std::string recall(const result::Check& check) {
  const result::Ratio &all = check.recall_in_population(), &sample = check.recall_in_sample();
  const std::string too_short =
      check.too_short() == 0 ? "" : "<br><small>" + show_count(check.too_short()) + " too short for any run</small>";
  if (all.denominator() == 0) return "<span class=\"zero\">n/a</span>" + too_short;
  std::string out = fmt::format("{}<br><small>{} of {}</small>", share(all), show_count(all.numerator()),
                                show_count(all.denominator()));
  if (sample.denominator() > 0 && sample.denominator() != all.denominator())
    out += "<br><small>" + share(sample) + " in its sample</small>";
  return out + too_short;
}

}  // namespace

std::string matrix(const Result& result) {
  if (result.matrix().empty()) return "";
  const Axes axes = axes_of(result);
  std::string head = "<tr><th></th>", rows, examples;
  for (const std::string& check : axes.checks) head += "<th>" + breakable(check) + "</th>";
  for (const std::string& cause : axes.causes) {
    rows += "<tr><th>" + breakable(shown_cause(cause)) + "</th>";
    for (const std::string& check : axes.checks) {
      int index = 0;
      while (index < result.matrix_size() &&
             (result.matrix(index).cause() != cause || result.matrix(index).check() != check))
        ++index;
      rows += index == result.matrix_size() ? "<td class=\"cell none\"><small>does not apply</small></td>"
                                            : cell_html(result.matrix(index), index);
    }
    rows += "</tr>\n";
  }
  for (int i = 0; i < result.matrix_size(); ++i) {
    const result::MatrixCell& cell = result.matrix(i);
    std::string body;
    const int shown = std::min(cell.examples_size(), most_examples);
    for (int k = 0; k < shown; ++k)
      body += example_html(result, cell.examples(k), fmt::format("example-{}-{}", i, k + 1));
    if (!body.empty())
      examples += fmt::format(
          "<details id=\"example-{}\"><summary>{} × {}: {}</summary><div class=\"examples\">{}</div></details>\n", i,
          esc(shown_cause(cell.cause())), esc(cell.check()), counted(static_cast<std::uint64_t>(shown), "row", "rows"),
          body);
  }
  return section(
      "matrix", "What went wrong × who noticed",
      "Rows that were truly divergent, by what caused it, and how many of them each check claimed. A link leads to "
      "the rows.",
      "<div class=\"scroll\"><table class=\"matrix\"><thead>" + head + "</tr></thead><tbody>" + rows +
          "</tbody></table></div>" + examples);
}

std::string checks(const Result& result) {
  Table table(
      {"Check", "Between", "#Runs", "#Rows compared", "#Claims", "#Right", "#False alarms", "#Recall", "#Delay"});
  for (const result::Check& c : result.checks()) {
    std::string name = "<b>" + esc(c.name()) + "</b> <small>" + esc(c.kind()) + "</small>";
    std::string how = c.schedule();
    for (const std::string& part : {c.alignment(), c.severity()})
      if (!part.empty()) how += (how.empty() ? "" : ", ") + part;
    if (!how.empty()) name += "<br><small>" + esc(how) + "</small>";
    if (!c.note().empty()) name += "<br><small>" + esc(c.note()) + "</small>";
    std::string runs = show_count(c.runs());
    if (c.runs_without_data() > 0)
      runs += "<br><small class=\"warn\">" + show_count(c.runs_without_data()) + " without data</small>";
    std::string claims = show_count(c.claims());
    for (const result::ClassCount& k : c.classes())
      claims += fmt::format("<br><small>{} {}</small>", show_count(k.claims()), esc(k.name()));
    std::string between;
    for (const std::string& store : c.between()) between += "<div>" + esc(store) + "</div>";
    if (!c.judged()) {
      table.add({name, between, runs, "", chip("idle", "monitor"), "", "", "", ""});
      continue;
    }
    std::string right = show_count(c.right());
    if (c.late() > 0) right += "<br><small>" + show_count(c.late()) + " late: only behind</small>";
    if (c.untold() > 0) right += "<br><small>" + show_count(c.untold()) + " not told</small>";
    table.add({name, between, runs, show_count(c.rows_compared()), claims, right,
               number_or_zero(c.false_alarms(), "bad"), recall(c),
               c.has_delay() ? show_duration(c.delay().median_ns()) : "n/a"});
  }
  return section(
      "checks", "Checks",
      "A claim is right if the row was divergent at some moment between its read and the report. Recall is of "
      "the rows that were divergent throughout a run; the delay is the median from an error to its first claim. A "
      "claim about what was only behind, for longer than "
      "promised, is late; one about a figure that was not read a second time is not told.",
      table.html());
}

}  // namespace rehearse::reports::html
