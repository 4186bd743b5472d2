// Small random worlds with a plan, named by a number: what the judge's laws are tried on.
//
// A plan of four phases moves readers from a batch job's store to a stream's within a day, while faults of every kind
// strike before, at and after its GOs. Tables have tens of rows, which change every few minutes, so that a rehearsal
// with the copies that judge it takes milliseconds; all else is drawn: the dataset's kind, both pipelines and what is
// built wrong in them, readers listed and not, checks, repairs, gates, triggers, rollback, and what is called safe.
//
// It is kept in parts, so that a law may say what it adds, takes out or makes otherwise. Left out: captured sources,
// programs, libraries and SQL of the user's own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/rollback.h"
#include "tests/campaign/loaded.h"
#include "tests/campaign/random_rehearsal.h"

namespace rehearse::laws {

// Lists are of entries of the scenario's file, in its order: "dash: {reads: sales, every: 15m, tier: low}".
struct RandomPlan {
  std::uint64_t number = 0;
  std::int64_t hours = 0;
  std::string workload;                          // of the table orders
  std::string contract;                          // of the dataset sales
  std::string batch;                             // the options of the batch job nightly, which writes the store old
  std::string stream;                            // of the stream cdc, which writes new
  std::vector<std::string> consumers, unlisted;  // unlisted: nobody on the team knows them
  std::vector<std::string> checks, metrics, repairs;
  std::vector<std::string> phases, triggers, steps;
  std::vector<std::string> safety;
  std::vector<std::string> faults;
  bool has_plan = true;

  std::string text() const;  // the scenario's file
};

RandomPlan random_plan(std::uint64_t number);

// How its decisions were judged.
struct Judgements {
  std::vector<result::GateJudgement> gates;
  std::optional<result::Rollback> rollback;
  std::vector<judging::Danger> dangers;
};
Judgements judgements_of(const JudgeInputs& recorded);

// One line a decision, of all that is judged of it; `bad luck` is not.
std::string text_of(const result::GateJudgement& gate);
std::string text_of(const result::Rollback& rollback);
std::string text_of(const judging::Danger& danger);
std::string text_of(const Judgements& judgements);

// Rehearses it and hands what was recorded to whoever judges; without the reruns that tell a rollback's causes.
void rehearsed(const RandomPlan& plan, const std::function<void(const JudgeInputs&)>& judge_of_it,
               const std::vector<std::string>& without_faults = {});
Judgements judged(const RandomPlan& plan, const std::vector<std::string>& without_faults = {});

// How often something happened in the worlds of a law: what it is tried on must be worth it.
class Tally {
 public:
  void add(const Judgements& judgements);
  // So many worlds of a thousand at least had a right GO, a false one, bad luck, a rollback that was right, a wrong
  // one, one that did not land, a missed danger.
  void assert_worth_it(std::uint64_t worlds) const;
  std::string text() const;

 private:
  std::uint64_t right_ = 0, false_ = 0, unlucky_ = 0, no_gos_ = 0;
  std::uint64_t right_rollbacks_ = 0, wrong_rollbacks_ = 0, crashed_ = 0, dangers_ = 0;
};

}  // namespace rehearse::laws
