// An expectation about a field of the result, ready to be held against one: its path parsed, its bounds in the field's
// own unit.
//
// Invariant: only fields that are known before the verdict can be expected: not the verdict itself and its reasons, and
// not what differs between two runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result/path.h"
#include "scenarios/schema/expect.pb.h"
#include "sim/kernel/wide.h"

namespace rehearse {

// A bound on a count, a duration (ns), a share or a number (both in 10^-9).
using Bound = Signed128;

struct Tolerance {
  bool relative = false;  // of what is expected, in 10^-9
  Bound amount = 0;
};

struct FieldBounds {
  result::Path path;
  std::optional<Bound> equals, at_least, at_most;
  std::optional<Tolerance> within;
  bool unknowable = false;  // `n/a`: there is to be no such figure
  std::string word;         // of a text, a word, true or false: what it is to be
};

struct FieldBoundsProblem {
  std::string key;  // equals, at_least, at_most, within; empty: it is the path, or the whole
  std::string message;
  std::string expected;
  std::string nearest;
};

struct CompiledExpectation {
  std::optional<FieldBounds> bounds;
  std::vector<FieldBoundsProblem> problems;  // without bounds
};
CompiledExpectation compile(const scenario::FieldExpectation& expectation);

// "20M within 1%", "at least 1 and at most 3".
std::string expected_text(const scenario::FieldExpectation& expectation);
bool holds(const FieldBounds& bounds, const result::Value& value);

}  // namespace rehearse
