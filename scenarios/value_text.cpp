// Function-like texts, `name(argument, name=argument)`, and PostgreSQL's type names.
#include "scenarios/value_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

using values::ColumnType;
using values::Distribution;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  if (trimmed(text).empty()) return parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    parts.push_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

// `name`, or `name(arguments)`.
struct Call {
  std::string_view name;
  std::string_view arguments;
  bool parentheses = false;
};

std::optional<Call> as_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return Call{trimmed(text), {}, false};
  if (text.back() != ')') return std::nullopt;
  return Call{trimmed(text.substr(0, open)), text.substr(open + 1, text.size() - open - 2), true};
}

enum class Parameter { a, b, shape };
struct ParameterRule {
  std::string_view name;
  Parameter sets;
};

struct Function {
  std::string_view name;
  Distribution::Kind kind;
  bool of_duration, of_count, of_pick;
  std::array<ParameterRule, 2> parameters;
  std::size_t parameter_count;

  bool fits(Drawn drawn) const {
    return drawn == Drawn::duration ? of_duration : drawn == Drawn::count ? of_count : of_pick;
  }
};

constexpr std::array<Function, 9> functions = {{
    {"constant", Distribution::CONSTANT, true, true, false, {{{"value", Parameter::a}, {}}}, 1},
    {"uniform", Distribution::UNIFORM, false, false, true, {}, 0},
    {"uniform", Distribution::UNIFORM, true, true, false, {{{"least", Parameter::a}, {"greatest", Parameter::b}}}, 2},
    {"exponential", Distribution::EXPONENTIAL, true, false, false, {{{"mean", Parameter::a}, {}}}, 1},
    {"normal", Distribution::NORMAL, true, false, false, {{{"mean", Parameter::a}, {"sd", Parameter::b}}}, 2},
    {"lognormal",
     Distribution::LOGNORMAL,
     true,
     false,
     false,
     {{{"median", Parameter::a}, {"sigma", Parameter::shape}}},
     2},
    {"geometric", Distribution::GEOMETRIC, false, true, false, {{{"mean", Parameter::a}, {}}}, 1},
    {"zipf", Distribution::ZIPF, false, false, true, {{{"exponent", Parameter::shape}, {}}}, 1},
    {"empirical", Distribution::EMPIRICAL, true, true, false, {}, 0},
}};

using Result = Parsed<Distribution>;

const Function* find_function(std::string_view name, Drawn drawn) {
  for (const Function& function : functions) {
    if (function.name == name && function.fits(drawn)) return &function;
  }
  return nullptr;
}

Result unknown_function(std::string_view name, Drawn drawn) {
  std::vector<std::string> names;
  bool elsewhere = false;
  for (const Function& function : functions) {
    if (function.fits(drawn)) names.emplace_back(function.name);
    elsewhere = elsewhere || function.name == name;
  }
  return Result::wrong(shown(name) + (elsewhere ? " is not for this" : " is no distribution"),
                       nearest_name(name, names));
}

// value: share, value: share …; the shares add up to 100%.
Result parse_empirical(const Call& call, Drawn drawn) {
  constexpr std::size_t points_max = 65'536;
  Distribution distribution;
  distribution.set_kind(Distribution::EMPIRICAL);
  const std::vector<std::string_view> points = split(call.arguments, ',');
  if (points.empty() || points.size() > points_max) return Result::wrong("`empirical` needs 1 to 65536 points");
  std::int64_t sum = 0;
  for (const std::string_view point : points) {
    const std::size_t colon = point.find(':');
    if (colon == std::string_view::npos) return Result::wrong(fmt::format("{} is not `value: share`", shown(point)));
    const Parsed<std::int64_t> value = parse_drawn(trimmed(point.substr(0, colon)), drawn);
    const Parsed<std::int64_t> share = parse_share(trimmed(point.substr(colon + 1)));
    if (!value) return Result::wrong(value.error, value.nearest);
    if (!share) return Result::wrong(share.error, share.nearest);
    if (*share.value > parts_per_billion) return Result::wrong(fmt::format("{} is more than 100%", shown(point)));
    sum += *share.value;
    Distribution::Point* added = distribution.add_points();
    added->set_value(*value.value);
    added->set_share_ppb(*share.value);
  }
  if (sum != parts_per_billion)
    return Result::wrong(fmt::format("the shares add up to {}, not 100%", format_share(sum)));
  return Result::of(std::move(distribution));
}

std::string set_parameter(Distribution& distribution, Parameter which, std::string_view text, Drawn drawn) {
  const Parsed<std::int64_t> value = which == Parameter::shape ? parse_decimal(text) : parse_drawn(text, drawn);
  if (!value) return value.error;
  if (which == Parameter::a) distribution.set_a(*value.value);
  if (which == Parameter::b) distribution.set_b(*value.value);
  if (which == Parameter::shape) distribution.set_shape_ppb(*value.value);
  return {};
}

// Sets the parameters, by place or by name; what is wrong, or empty.
std::string parse_parameters(const Function& function, const Call& call, Drawn drawn, Distribution& distribution) {
  const std::vector<std::string_view> arguments = split(call.arguments, ',');
  if (arguments.size() != function.parameter_count) {
    return fmt::format("`{}` takes {} parameter{}, not {}", function.name, function.parameter_count,
                       function.parameter_count == 1 ? "" : "s", arguments.size());
  }
  std::array<bool, 2> given = {false, false};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::size_t which = i;
    std::string_view value = arguments[i];
    if (const std::size_t equals = value.find('='); equals != std::string_view::npos) {
      const std::string_view name = trimmed(value.substr(0, equals));
      for (which = 0; which < function.parameter_count && function.parameters[which].name != name;) ++which;
      if (which == function.parameter_count) {
        return fmt::format("`{}` has no parameter {}", function.name, shown(name));
      }
      value = trimmed(value.substr(equals + 1));
    }
    if (given[which]) return fmt::format("`{}` gets `{}` twice", function.name, function.parameters[which].name);
    given[which] = true;
    std::string error = set_parameter(distribution, function.parameters[which].sets, value, drawn);
    if (!error.empty()) return error;
  }
  return {};
}

// What no distribution may have, whatever the field's own bounds are.
std::string out_of_range(const Distribution& d) {
  constexpr std::int64_t one = parts_per_billion;
  if (d.a() < 0 || d.b() < 0) return "a distribution's values are not negative";
  if (d.kind() == Distribution::UNIFORM && d.a() > d.b()) return "`uniform` ends before it begins";
  if (d.kind() == Distribution::ZIPF && (d.shape_ppb() < 0 || d.shape_ppb() > 4 * one)) {
    return "the exponent of `zipf` lies between 0 and 4";
  }
  if (d.kind() == Distribution::LOGNORMAL && (d.shape_ppb() < 0 || d.shape_ppb() > 16 * one)) {
    return "the sigma of `lognormal` lies between 0 and 16";
  }
  if (d.kind() == Distribution::GEOMETRIC && d.a() < one) return "`geometric` starts at 1, so its mean is 1 or more";
  return {};
}

bool starts_like_number(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '.');
}

struct TypeRule {
  std::string_view name;
  ColumnType::Base base;
  std::size_t parameters_max;
};

// The first name of each base is how it is called in messages.
constexpr std::array<TypeRule, 29> type_rules = {{
    {"bigint", ColumnType::BIGINT, 0},
    {"integer", ColumnType::INTEGER, 0},
    {"smallint", ColumnType::SMALLINT, 0},
    {"decimal", ColumnType::DECIMAL, 2},
    {"double", ColumnType::DOUBLE, 0},
    {"boolean", ColumnType::BOOLEAN, 0},
    {"text", ColumnType::TEXT, 0},
    {"varchar", ColumnType::VARCHAR, 1},
    {"char", ColumnType::CHAR, 1},
    {"timestamptz", ColumnType::TIMESTAMPTZ, 0},
    {"timestamp", ColumnType::TIMESTAMP, 0},
    {"date", ColumnType::DATE, 0},
    {"uuid", ColumnType::UUID, 0},
    {"json", ColumnType::JSON, 0},
    {"jsonb", ColumnType::JSONB, 0},
    {"bytea", ColumnType::BYTEA, 0},
    {"int8", ColumnType::BIGINT, 0},
    {"int", ColumnType::INTEGER, 0},
    {"int4", ColumnType::INTEGER, 0},
    {"int2", ColumnType::SMALLINT, 0},
    {"numeric", ColumnType::DECIMAL, 2},
    {"double precision", ColumnType::DOUBLE, 0},
    {"float8", ColumnType::DOUBLE, 0},
    {"bool", ColumnType::BOOLEAN, 0},
    {"character varying", ColumnType::VARCHAR, 1},
    {"character", ColumnType::CHAR, 1},
    {"bpchar", ColumnType::CHAR, 1},
    {"timestamp with time zone", ColumnType::TIMESTAMPTZ, 0},
    {"timestamp without time zone", ColumnType::TIMESTAMP, 0},
}};

using TypeResult = Parsed<ColumnType>;

TypeResult other_type(std::string_view text, std::string_view name, UnknownType unknown) {
  constexpr std::size_t size_max = 128;
  if (unknown == UnknownType::error || name.empty() || text.size() > size_max) {
    return TypeResult::wrong(fmt::format("{} is no type", shown(text)), nearest_name(name, column_type_names()));
  }
  ColumnType type;
  type.set_base(ColumnType::OTHER);
  type.set_text(std::string(text));
  return TypeResult::of(std::move(type));
}

// decimal(p, s), varchar(n), char(n).
std::string set_type_parameters(ColumnType& type, const std::vector<std::string_view>& parameters) {
  std::array<std::int64_t, 2> numbers = {0, 0};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parsed<std::int64_t> number = parse_count(parameters[i]);
    if (!number) return number.error;
    numbers[i] = *number.value;
  }
  if (type.base() == ColumnType::DECIMAL) {
    if (!parameters.empty() && (numbers[0] < 1 || numbers[0] > 1000)) return "a precision lies between 1 and 1000";
    if (numbers[1] < 0 || numbers[1] > numbers[0]) return "a scale lies between 0 and the precision";
    type.set_precision(static_cast<std::int32_t>(numbers[0]));
    type.set_scale(static_cast<std::int32_t>(numbers[1]));
    return {};
  }
  if (!parameters.empty() && (numbers[0] < 1 || numbers[0] > 10'485'760)) return "a length lies between 1 and 10485760";
  if (type.base() == ColumnType::CHAR && parameters.empty()) numbers[0] = 1;
  type.set_length(static_cast<std::int32_t>(numbers[0]));
  return {};
}

}  // namespace

Parsed<std::int64_t> parse_drawn(std::string_view text, Drawn drawn) {
  if (drawn == Drawn::duration) return parse_duration(text);
  const Parsed<std::int64_t> count = parse_count(text);
  if (!count) return parse_decimal(text);
  if (*count.value > INT64_MAX / parts_per_billion) return Parsed<std::int64_t>::wrong(shown(text) + " is too large");
  return Parsed<std::int64_t>::of(*count.value * parts_per_billion);
}

std::vector<std::string> distribution_forms(Drawn drawn) {
  std::vector<std::string> forms;
  for (const Function& function : functions) {
    if (!function.fits(drawn)) continue;
    std::string form(function.name);
    if (function.kind == Distribution::EMPIRICAL) {
      form += "(value: share, …)";
    } else if (function.parameter_count > 0) {
      form += fmt::format("({}{}{})", function.parameters[0].name, function.parameter_count == 2 ? ", " : "",
                          function.parameters[1].name);
    }
    forms.push_back(std::move(form));
  }
  return forms;
}

Parsed<Distribution> parse_distribution(std::string_view written, Drawn drawn) {
  const std::string_view text = trimmed(written);
  Distribution distribution;
  if (drawn != Drawn::pick && starts_like_number(text)) {
    const Parsed<std::int64_t> value = parse_drawn(text, drawn);
    if (!value) return Result::wrong(value.error, value.nearest);
    distribution.set_a(*value.value);
    std::string error = out_of_range(distribution);
    return error.empty() ? Result::of(std::move(distribution)) : Result::wrong(std::move(error));
  }
  const std::optional<Call> call = as_call(text);
  if (!call) return Result::wrong(fmt::format("{} does not end with )", shown(text)));
  const Function* function = find_function(call->name, drawn);
  if (function == nullptr) return unknown_function(call->name, drawn);
  if (function->kind == Distribution::EMPIRICAL) return parse_empirical(*call, drawn);
  distribution.set_kind(function->kind);
  std::string error = parse_parameters(*function, *call, drawn, distribution);
  if (error.empty()) error = out_of_range(distribution);
  return error.empty() ? Result::of(std::move(distribution)) : Result::wrong(std::move(error));
}

std::vector<std::string> column_type_names() {
  std::vector<std::string> names;
  for (const TypeRule& rule : type_rules) names.emplace_back(rule.name);
  return names;
}

Parsed<ColumnType> parse_column_type(std::string_view written, UnknownType unknown) {
  const std::string_view text = trimmed(written);
  const std::optional<Call> call = as_call(text);
  if (!call) return TypeResult::wrong(fmt::format("{} does not end with )", shown(text)));
  const TypeRule* found = nullptr;
  for (const TypeRule& rule : type_rules) {
    if (rule.name == call->name) found = &rule;
  }
  if (found == nullptr) return other_type(text, call->name, unknown);
  const std::vector<std::string_view> parameters = split(call->arguments, ',');
  if (parameters.size() > found->parameters_max) {
    return TypeResult::wrong(fmt::format("`{}` takes at most {} parameters", found->name, found->parameters_max));
  }
  ColumnType type;
  type.set_base(found->base);
  type.set_text(std::string(text));
  std::string error = set_type_parameters(type, parameters);
  return error.empty() ? TypeResult::of(std::move(type)) : TypeResult::wrong(std::move(error));
}

}  // namespace rehearse
