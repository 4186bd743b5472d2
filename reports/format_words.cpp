// The plain words for what an enum says, and the few sentences that several reports share.
#include <fmt/core.h>

#include "reports/format.h"
#include "reports/result/harm.h"

namespace rehearse::reports {

using result::Result;

std::string word(Result::Verdict verdict) {
  switch (verdict) {
    case Result::pass:
      return "pass";
    case Result::fail:
      return "fail";
    case Result::vacuous:
      return "vacuous";
    default:
      return "inconclusive";
  }
}

std::string word(Result::Decision decision) {
  switch (decision) {
    case Result::cut_over:
      return "cut over";
    case Result::rolled_back:
      return "rolled back";
    case Result::held:
      return "held";
    default:
      return "none";
  }
}

std::string word(result::Expectation::Status status) {
  switch (status) {
    case result::Expectation::held:
      return "held";
    case result::Expectation::unknown:
      return "unknown";
    case result::Expectation::vacuous:
      return "vacuous";
    default:
      return "broken";
  }
}

std::string word(result::Phase::Left left) {
  switch (left) {
    case result::Phase::still_in:
      return "still in at the end";
    case result::Phase::passed:
      return "passed";
    case result::Phase::rolled_back:
      return "rolled back";
    default:
      return "not entered";
  }
}

std::string word(result::Gate::Status status) {
  switch (status) {
    case result::Gate::broken:
      return "broken";
    case result::Gate::holding:
      return "holding";
    case result::Gate::met:
      return "met";
    case result::Gate::not_reached:
      return "not reached";
    default:
      return "no data";
  }
}

std::string word(result::Rightness rightness) {
  switch (rightness) {
    case result::right:
      return "right";
    case result::wrong:
      return "wrong";
    default:
      return "not judged";
  }
}

std::string word(result::Mark::Kind kind) {
  switch (kind) {
    case result::Mark::decision:
      return "decision";
    case result::Mark::phase:
      return "phase";
    case result::Mark::fault:
      return "fault";
    case result::Mark::healed:
      return "healed";
    case result::Mark::repair:
      return "repair";
    case result::Mark::cycle:
      return "cycle";
    case result::Mark::schema:
      return "schema";
    case result::Mark::incident:
      return "incident";
    default:
      return "note";
  }
}

std::string vacuous_word(const result::Fault& fault) {
  return fault.strikes().empty() ? "never struck" : "touched nothing";
}

std::string judgement_words(const result::GateJudgement& judgement) {
  const char* kind = judgement.kind() == result::GateJudgement::go ? "GO" : "NO-GO";
  switch (judgement.was()) {
    case result::right:
      return fmt::format("right {}", kind);
    case result::wrong:
      return fmt::format("false {}", kind);
    default:
      return fmt::format("{}, not judged", kind);
  }
}

std::string word(result::Outcome::Kind kind) {
  switch (kind) {
    case result::Outcome::cut_over:
      return "cut over";
    case result::Outcome::rolled_back:
      return "rolled back";
    case result::Outcome::stopped:
      return "stopped";
    case result::Outcome::held:
      return "held";
    default:
      return "checks alone";
  }
}

std::string headline(const Result& result) {
  const result::Outcome& outcome = result.outcome();
  if (outcome.kind() == result::Outcome::checks_alone) return "There was no migration to decide on: checks alone.";
  std::string text = result.migrates_to().empty()
                         ? "The plan"
                         : fmt::format("The move from {} to {}", result.migrates_from(), result.migrates_to());
  const bool back = outcome.kind() == result::Outcome::rolled_back || outcome.kind() == result::Outcome::stopped;
  text += fmt::format("{} {}", back ? " was" : "", word(outcome.kind()));
  if (outcome.phase().empty()) return text + ": it entered no phase.";
  const std::string since =
      outcome.has_since_at_ns() ? show_instant(result, outcome.since_at_ns()) : std::string("an unknown day");
  if (back) return fmt::format("{} in phase {}, on {}.", text, outcome.phase(), since);
  if (outcome.kind() == result::Outcome::cut_over)
    return fmt::format("{} on {}; it ended in phase {}.", text, since, outcome.phase());
  return fmt::format("{} in phase {}, which it entered on {}.", text, outcome.phase(), since);
}

result::Harm total_harm(const Result& result) {
  result::Harm total;
  for (const result::Consumer& consumer : result.consumers()) result::add_harm(consumer.harm(), total);
  return total;
}

bool tells_means(const result::Series& series) {
  return !series.least().empty() && series.least_size() == series.values_size() &&
         series.greatest_size() == series.values_size();
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string harm_words(const result::Harm& harm) {
  std::string words;
  for (const ReadOutcome outcome : result::followed_outcomes())
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", show_count(reads_of(harm, outcome)),
                         rule_of(outcome).words());
  return words;
}

}  // namespace rehearse::reports
