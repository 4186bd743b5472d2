#include "scenarios/field_expectation.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/diagnostics.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using result::Path;
using result::ValueKind;

struct NotExpected {
  std::string_view field;
  std::string_view why;
};
constexpr std::array<NotExpected, 5> not_expected{{
    {"verdict", "it follows from the expectations; `expect: {verdict: …}` is about the judge's own"},
    {"reasons", "they follow from the expectations"},
    {"expectations", "they are what is being written"},
    {"machine", "it differs between two runs"},
    {"files", "they differ between two runs"},
}};

bool is_measured(ValueKind kind) {
  return kind == ValueKind::count || kind == ValueKind::number || kind == ValueKind::share ||
         kind == ValueKind::duration;
}

Parsed<std::int64_t> parse_bound(std::string_view text, ValueKind kind) {
  switch (kind) {
    case ValueKind::duration:
      return parse_duration(text);
    case ValueKind::share:
      return parse_share(text);
    case ValueKind::number:
      return parse_decimal(text);
    default:
      return parse_count(text);
  }
}

class Compiler {
 public:
  explicit Compiler(const scenario::FieldExpectation& expectation) : e_(expectation) {}

  CompiledExpectation compiled() {
    if (!path()) return std::move(out_);
    const bool measured = is_measured(bounds_.path.kind);
    const bool any = e_.has_equals() || e_.has_at_least() || e_.has_at_most();
    if (!any) problem("", "nothing is expected of it", measured ? "equals, at_least or at_most" : "equals");
    if (!measured) word();
    else numbers();
    if (out_.problems.empty()) out_.bounds = std::move(bounds_);
    return std::move(out_);
  }

 private:
  void problem(std::string key, std::string message, std::string expected = {}, std::string nearest = {}) {
    out_.problems.push_back({std::move(key), std::move(message), std::move(expected), std::move(nearest)});
  }

  bool path() {
    result::ParsedPath parsed = result::parse_path(e_.path());
    if (!parsed.path) {
      const result::PathProblem& p = parsed.problem;
      problem("", p.message, one_of(p.candidates, ""), p.name.empty() ? "" : nearest_name(p.name, p.candidates));
      return false;
    }
    const std::string& first = parsed.path->steps.front().field->name();
    for (const NotExpected& field : not_expected)
      if (first == field.field) problem("", fmt::format("`{}` cannot be expected: {}", first, field.why));
    bounds_.path = std::move(*parsed.path);
    return out_.problems.empty();
  }

  // A text, a word, true or false can only be equal.
  void word() {
    const std::string kind(result::name_of(bounds_.path.kind));
    for (const auto& [key, given] :
         {std::pair{"at_least", e_.has_at_least()}, {"at_most", e_.has_at_most()}, {"within", e_.has_within()}})
      if (given) problem(key, fmt::format("the field is {}, which has no order", kind), "equals");
    bounds_.word = e_.equals();
    std::vector<std::string> words = bounds_.path.words;
    if (bounds_.path.kind == ValueKind::truth) words = {"true", "false"};
    if (!e_.has_equals() || words.empty() || std::count(words.begin(), words.end(), e_.equals())) return;
    problem("equals", shown(e_.equals()) + " is not a value of this field", one_of(words, ""),
            nearest_name(e_.equals(), words));
  }

  std::optional<Bound> bound(const char* key, bool given, const std::string& text) {
    if (!given) return std::nullopt;
    const Parsed<std::int64_t> parsed = parse_bound(text, bounds_.path.kind);
    if (parsed) return *parsed.value;
    problem(key, parsed.error, std::string(result::name_of(bounds_.path.kind)), parsed.nearest);
    return std::nullopt;
  }

  void numbers() {
    bounds_.unknowable = e_.equals() == "n/a";
    if (!bounds_.unknowable) bounds_.equals = bound("equals", e_.has_equals(), e_.equals());
    bounds_.at_least = bound("at_least", e_.has_at_least(), e_.at_least());
    bounds_.at_most = bound("at_most", e_.has_at_most(), e_.at_most());
    if (!e_.has_within()) return;
    if (!e_.has_equals()) problem("within", "`within` says how far it may be from `equals`, which is not given", "");
    const bool relative = bounds_.path.kind != ValueKind::share && e_.within().find('%') != std::string::npos;
    const Parsed<std::int64_t> parsed =
        relative ? parse_share(e_.within()) : parse_bound(e_.within(), bounds_.path.kind);
    if (parsed && *parsed.value >= 0) bounds_.within = Tolerance{relative, *parsed.value};
    else
      problem("within", parsed ? "it is below 0" : parsed.error,
              std::string(result::name_of(bounds_.path.kind)) + ", or a share of `equals` such as 1%", parsed.nearest);
  }

  const scenario::FieldExpectation& e_;
  FieldBounds bounds_;
  CompiledExpectation out_;
};

constexpr Signed128 billion = 1'000'000'000;

// All of one kind are compared as actual · scale against bound · unit, exactly.
struct Scaled {
  Signed128 actual = 0;
  Signed128 unit = 1;  // what a bound is multiplied by
};

Scaled scaled(const result::Value& value) {
  if (value.kind == ValueKind::share)
    return {static_cast<Signed128>(value.numerator) * billion, static_cast<Signed128>(value.denominator)};
  const auto magnitude = static_cast<Signed128>(value.magnitude);
  return {value.negative ? -magnitude : magnitude, 1};
}

bool within(const Scaled& s, Bound expected, const std::optional<Tolerance>& tolerance) {
  const Signed128 apart = s.actual > expected * s.unit ? s.actual - expected * s.unit : expected * s.unit - s.actual;
  if (!tolerance) return apart == 0;
  if (!tolerance->relative) return apart <= tolerance->amount * s.unit;
  const Signed128 size = expected < 0 ? -expected : expected;
  return apart <= size * tolerance->amount / billion;  // whole counts and nanoseconds: cut, never looser
}

// A number is a double: bounds are in 10^-9 of it.
bool holds_for_number(const FieldBounds& bounds, double actual) {
  const auto of = [](Bound bound) { return static_cast<double>(bound) / 1e9; };
  if (std::isnan(actual)) return false;
  if (bounds.at_least && actual < of(*bounds.at_least)) return false;
  if (bounds.at_most && actual > of(*bounds.at_most)) return false;
  if (!bounds.equals) return true;
  const double expected = of(*bounds.equals);
  const double apart = actual > expected ? actual - expected : expected - actual;
  if (!bounds.within) return apart == 0;
  const double amount = of(bounds.within->amount);
  return apart <= (bounds.within->relative ? amount * (expected < 0 ? -expected : expected) : amount);
}

}  // namespace

CompiledExpectation compile(const scenario::FieldExpectation& expectation) { return Compiler(expectation).compiled(); }

std::string expected_text(const scenario::FieldExpectation& e) {
  std::vector<std::string> parts;
  if (e.has_at_least()) parts.push_back("at least " + e.at_least());
  if (e.has_at_most()) parts.push_back("at most " + e.at_most());
  if (e.has_equals()) parts.push_back(e.has_within() ? e.equals() + " within " + e.within() : e.equals());
  return joined(parts, ", ", " and ");
}

bool holds(const FieldBounds& bounds, const result::Value& value) {
  if (bounds.unknowable) return false;
  if (value.kind == ValueKind::text || value.kind == ValueKind::word) return value.text == bounds.word;
  if (value.kind == ValueKind::truth) return (value.magnitude != 0) == (bounds.word == "true");
  if (value.kind == ValueKind::number) return holds_for_number(bounds, value.number);
  const Scaled s = scaled(value);
  return !(bounds.at_least && s.actual < *bounds.at_least * s.unit) &&
         !(bounds.at_most && s.actual > *bounds.at_most * s.unit) &&
         !(bounds.equals && !within(s, *bounds.equals, bounds.within));
}

}  // namespace rehearse
