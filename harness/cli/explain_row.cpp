// rehearse explain row: runs a scenario once more and tells the life of one of its rows.
#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/replay.h"
#include "harness/campaign/row_story.h"
#include "harness/cli/commands.h"
#include "harness/cli/interruption.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "reports/format.h"
#include "scenarios/diagnostics.h"
#include "scenarios/units.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/civil.h"

namespace rehearse::cli {
namespace {

void print(const RowStory& story) {
  fmt::print("The life of {} {}\n\n", story.table, story.key);
  if (story.moments.empty())
    fmt::print("  nothing {} to it\n", story.before.empty() ? "ever happens" : "happens in the span");
  std::size_t widest = 0;
  for (const RowMoment& moment : story.moments) widest = std::max(widest, moment.where.size());
  for (const auto& [where, moment] : story.before) widest = std::max(widest, where.size());
  std::string held;
  const auto print_moment = [&](const RowMoment& moment) {
    fmt::print("{} {:<30}  {:<{}}  {}\n", moment.wrong ? "!" : " ",
               reports::iso_epoch(story.start_unix_ns + moment.at.ns), moment.where, widest, moment.what);
    if (!moment.content.empty() && moment.content != held)
      fmt::print("{:{}}{}\n", "", widest + 36, reports::printable(moment.content));
    if (!moment.content.empty()) held = moment.content;
  };
  if (!story.before.empty()) {
    fmt::print("  before the span, the last of each place:\n");
    for (const auto& [where, moment] : story.before) print_moment(moment);
    fmt::print("  in the span:\n");
  }
  for (const RowMoment& moment : story.moments) print_moment(moment);
  if (story.cut_short) fmt::print("  … and more: the story is cut after {} moments\n", story.moments.size());
}

// "2d04h" since the start, or an instant.
std::optional<Time> time_named(const std::string& text, std::int64_t start_unix_ns) {
  if (const Parsed<std::int64_t> since = parse_duration(text)) return Time{*since.value};
  if (const std::optional<std::int64_t> unix_ns = parse_rfc3339(text)) return Time{*unix_ns - start_unix_ns};
  return std::nullopt;
}

// Nothing if it is none, which is said.
std::optional<StorySpan> span_named(const Options& options, std::int64_t start_unix_ns) {
  StorySpan span;
  for (const auto& [name, end] : {std::pair{"--from", &span.from}, {"--until", &span.until}}) {
    if (!options.has(name)) continue;
    const std::optional<Time> time = time_named(options.value(name), start_unix_ns);
    if (!time) {
      usage_error("explain",
                  fmt::format("{} wants a time since the start such as 2d04h, or 2026-03-02T10:00:00Z, not {}", name,
                              options.value(name)));
      return std::nullopt;
    }
    *end = *time;
  }
  if (span.from <= span.until) return span;
  usage_error("explain", "--from lies after --until");
  return std::nullopt;
}

}  // namespace

int explain_row(const Options& options) {
  if (options.positional.size() != 4) return usage_error("explain", "give row TABLE KEY SCENARIO");
  std::optional<std::int64_t> seed;
  if (options.has("--seed")) {
    seed = options.number("--seed");
    if (!seed) return usage_error("explain", "--seed wants a number from 0 up, not " + options.value("--seed"));
  }
  const std::string& file = options.positional[3];
  const std::optional<LoadedScenario> scenario = load_or_explain(file, {.seed = seed, .values = {}});
  if (!scenario) return wrong_input;
  set_replay_line(replay_line(file, static_cast<std::uint64_t>(scenario->proto.seed())));
  std::vector<Diagnostic> diagnostics;
  const std::optional<SharedInputs> inputs = load_inputs(*scenario, diagnostics);
  if (!inputs) {
    fmt::print(stderr, "{}", to_text(diagnostics));
    return wrong_input;
  }
  const std::optional<StorySpan> span = span_named(options, start_of(*scenario, *inputs));
  if (!span) return wrong_input;
  listen_to_interrupts();
  ProgressLine line(file);
  RehearsalOptions rehearsal;
  rehearsal.interrupted = &interrupted;
  rehearsal.progress = shown_on(line);
  const RowStoryResult result =
      row_story(*scenario, *inputs, rehearsal, options.positional[1], options.positional[2], *span);
  line.clear();
  if (!result.story) {
    fmt::print(stderr, "rehearse explain row: {}\n", result.error);
    return wrong_input;
  }
  print(*result.story);
  if (!interrupted.load()) return as_expected;
  fmt::print(stderr, "rehearse explain row: interrupted; the story is not told to its end\n");
  return not_as_expected;
}

}  // namespace rehearse::cli
