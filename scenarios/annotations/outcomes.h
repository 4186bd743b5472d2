// The table of outcomes of a read (outcomes.proto), ready to use.
#pragma once

#include <array>
#include <cstdint>

#include "scenarios/annotations/outcomes.pb.h"

namespace rehearse {

const OutcomeRule& rule_of(ReadOutcome outcome);

inline constexpr std::size_t read_outcomes = ReadOutcome_ARRAYSIZE;
// In the order of precedence.
constexpr std::array<ReadOutcome, read_outcomes> all_outcomes() {
  std::array<ReadOutcome, read_outcomes> all{};
  for (std::size_t i = 0; i < read_outcomes; ++i) all[i] = static_cast<ReadOutcome>(i);
  return all;
}

}  // namespace rehearse
