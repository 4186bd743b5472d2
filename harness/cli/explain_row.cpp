// rehearse explain row: runs a scenario once more and tells the life of one of its rows.
#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/row_story.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "reports/format.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/assert.h"

namespace rehearse::cli {
namespace {

void print(const RowStory& story) {
  fmt::print("The life of {} {}\n\n", story.table, story.key);
  if (story.moments.empty()) fmt::print("  nothing ever happens to it\n");
  std::size_t widest = 0;
  for (const RowMoment& moment : story.moments) widest = std::max(widest, moment.where.size());
  std::string held;
  for (const RowMoment& moment : story.moments) {
    fmt::print("{} {:<30}  {:<{}}  {}\n", moment.wrong ? "!" : " ",
               reports::iso_epoch(story.start_unix_ns + moment.at.ns), moment.where, widest, moment.what);
    if (!moment.content.empty() && moment.content != held)
      fmt::print("{:{}}{}\n", "", widest + 36, reports::printable(moment.content));
    if (!moment.content.empty()) held = moment.content;
  }
  if (story.cut_short) fmt::print("  … and more: the story is cut after {} moments\n", story.moments.size());
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
  const std::optional<LoadedScenario> scenario = load_or_explain(file, seed);
  if (!scenario) return wrong_input;
  set_replay_line(replay_command(*scenario, file));
  std::vector<Diagnostic> diagnostics;
  const std::optional<SharedInputs> inputs = load_inputs(*scenario, diagnostics);
  if (!inputs) {
    fmt::print(stderr, "{}", to_text(diagnostics));
    return wrong_input;
  }
  const RowStoryResult result = row_story(*scenario, *inputs, {}, options.positional[1], options.positional[2]);
  if (!result.story) {
    fmt::print(stderr, "rehearse explain row: {}\n", result.error);
    return wrong_input;
  }
  print(*result.story);
  return as_expected;
}

}  // namespace rehearse::cli
