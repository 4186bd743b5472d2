// Parsing against descriptors, and looking up by reflection.
#include "reports/result/path.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace rehearse::result {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view list_length = "size";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> fields_of(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

ParsedPath misfit(std::string message, std::string name = {}, std::vector<std::string> candidates = {}) {
  return {std::nullopt, {std::move(message), std::move(name), std::move(candidates)}};
}

bool is_share(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.message_type() == Ratio::descriptor();
}

ValueKind kind_of(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return ValueKind::truth;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ValueKind::word;
    case FieldDescriptor::CPPTYPE_STRING:
      return ValueKind::text;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ValueKind::number;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ValueKind::share;
    default: {
      const std::string& name = field.name();
      return name.size() > 3 && name.compare(name.size() - 3, 3, "_ns") == 0 ? ValueKind::duration : ValueKind::count;
    }
  }
}

// A path's parts: names, and what stands in brackets behind them.
struct Token {
  std::string_view name;
  std::optional<std::string_view> bracket;
};

// False if brackets or dots are out of place.
bool tokens_of(std::string_view text, std::vector<Token>& tokens) {
  while (true) {
    Token token;
    const std::size_t end = std::min(text.find_first_of(".["), text.size());
    token.name = text.substr(0, end);
    text.remove_prefix(end);
    if (!text.empty() && text.front() == '[') {
      const std::size_t close = text.find(']');
      if (close == std::string_view::npos) return false;
      token.bracket = text.substr(1, close - 1);
      text.remove_prefix(close + 1);
    }
    tokens.push_back(token);
    if (token.name.empty()) return false;
    if (text.empty()) return true;
    if (text.front() != '.') return false;
    text.remove_prefix(1);
  }
}

// `NAME`, `3`, or `field=value, field=value`. Sets the problem if it does not fit.
std::optional<Pick> parse_pick(std::string_view text, const FieldDescriptor& list, ParsedPath& problem) {
  Pick pick;
  text = trimmed(text);
  if (text.find('=') == std::string_view::npos) {
    const FieldDescriptor* name = list.message_type() ? list.message_type()->FindFieldByName("name") : nullptr;
    if (name && !text.empty()) {
      pick.where.emplace_back(name, std::string(text));
    } else if (const auto number = whole_number(text)) {
      pick.number = number;
    } else {
      problem =
          misfit(fmt::format("elements of `{}` have no name: give a number, or what a field of it is, as in [{}=…]",
                             list.name(), list.message_type() ? list.message_type()->field(0)->name() : "0"));
      return std::nullopt;
    }
    return pick;
  }
  while (!text.empty() && list.message_type()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = part.find('=');
    const std::string name(trimmed(part.substr(0, equals)));
    const FieldDescriptor* field = list.message_type()->FindFieldByName(name);
    const bool fits = field && !field->is_repeated() && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    if (!fits || equals == std::string_view::npos) {
      problem = misfit(fmt::format("`{}` has no single field `{}` to pick by", list.name(), name), name,
                       fields_of(*list.message_type()));
      return std::nullopt;
    }
    pick.where.emplace_back(field, std::string(trimmed(part.substr(equals + 1))));
  }
  return pick;
}

// The leaf's kind, once all steps are there.
ParsedPath finished(Path path) {
  const FieldDescriptor& last = *path.steps.back().field;
  if (path.size) {
    path.kind = ValueKind::count;
  } else {
    if (last.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !is_share(last)) {
      std::vector<std::string> inside = fields_of(*last.message_type());
      return misfit(fmt::format("`{}` holds several values: name one of its fields", path.text), "", std::move(inside));
    }
    path.kind = kind_of(last);
  }
  if (path.kind == ValueKind::word)
    for (int i = 0; i < last.enum_type()->value_count(); ++i) path.words.push_back(last.enum_type()->value(i)->name());
  return {std::move(path), {}};
}

std::uint64_t number_of(const Message& holder, const FieldDescriptor& field, bool& negative) {
  const Reflection& r = *holder.GetReflection();
  std::int64_t number = 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT64:
      return r.GetUInt64(holder, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return r.GetUInt32(holder, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      number = r.GetInt32(holder, &field);
      break;
    default:
      number = r.GetInt64(holder, &field);
  }
  negative = number < 0;
  return negative ? std::uint64_t{0} - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
}

Value scalar(const Message& holder, const FieldDescriptor& field) {
  const Reflection& r = *holder.GetReflection();
  Value value;
  value.kind = kind_of(field);
  switch (value.kind) {
    case ValueKind::truth:
      value.magnitude = r.GetBool(holder, &field) ? 1 : 0;
      break;
    case ValueKind::word:
      value.text = r.GetEnum(holder, &field)->name();
      break;
    case ValueKind::text:
      value.text = r.GetString(holder, &field);
      break;
    case ValueKind::number:
      value.number = r.GetDouble(holder, &field);
      break;
    case ValueKind::share: {
      const auto& ratio = static_cast<const Ratio&>(r.GetMessage(holder, &field));
      value.numerator = ratio.numerator();
      value.denominator = ratio.denominator();
      break;
    }
    default:
      value.magnitude = number_of(holder, field, value.negative);
  }
  return value;
}

// An element of a list of values.
Value element(const Message& holder, const FieldDescriptor& field, int index) {
  const Reflection& r = *holder.GetReflection();
  Value value;
  value.kind = kind_of(field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      value.text = r.GetRepeatedString(holder, &field, index);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      value.number = r.GetRepeatedDouble(holder, &field, index);
      break;
    case FieldDescriptor::CPPTYPE_INT64: {
      const std::int64_t number = r.GetRepeatedInt64(holder, &field, index);
      value.negative = number < 0;
      value.magnitude = value.negative ? std::uint64_t{0} - static_cast<std::uint64_t>(number) : number;
      break;
    }
    default:
      break;
  }
  return value;
}

std::string plain(const Message& holder, const FieldDescriptor& field) {
  const Value value = scalar(holder, field);
  return value.kind == ValueKind::truth ? (value.magnitude ? "true" : "false")
         : value.kind == ValueKind::text || value.kind == ValueKind::word
             ? value.text
             : fmt::format("{}{}", value.negative ? "-" : "", value.magnitude);
}

std::string shown_pick(const Pick& pick) {
  if (pick.number) return fmt::format("number {}", *pick.number);
  std::string text;
  for (const auto& [field, wanted] : pick.where)
    text += fmt::format("{}{} `{}`", text.empty() ? "" : " and ", field->name(), wanted);
  return text;
}

// The one element that is picked, or why there is not exactly one.
std::optional<int> picked(const Message& holder, const PathStep& step, std::string& missing) {
  const Reflection& r = *holder.GetReflection();
  const int size = r.FieldSize(holder, step.field);
  const Pick& pick = *step.pick;
  if (pick.number) {
    if (*pick.number < static_cast<std::uint64_t>(size)) return static_cast<int>(*pick.number);
    missing = fmt::format("`{}` has {} elements", step.field->name(), size);
    return std::nullopt;
  }
  std::vector<int> fitting;
  for (int i = 0; i < size; ++i) {
    const Message& candidate = r.GetRepeatedMessage(holder, step.field, i);
    if (std::all_of(pick.where.begin(), pick.where.end(),
                    [&](const auto& where) { return plain(candidate, *where.first) == where.second; }))
      fitting.push_back(i);
  }
  if (fitting.size() == 1) return fitting.front();
  missing = fitting.empty()
                ? fmt::format("nothing in `{}` has {}", step.field->name(), shown_pick(pick))
                : fmt::format("{} elements of `{}` have {}", fitting.size(), step.field->name(), shown_pick(pick));
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::count:
      return "a count such as 20 or 1M";
    case ValueKind::number:
      return "a number such as 0.9";
    case ValueKind::share:
      return "a share such as 99%";
    case ValueKind::duration:
      return "a duration such as 30s";
    case ValueKind::word:
      return "a word";
    case ValueKind::truth:
      return "true or false";
    default:
      return "a text";
  }
}

ParsedPath parse_path(std::string_view text) {
  if (text.size() > path_bytes_max) return misfit(fmt::format("the path is longer than {} bytes", path_bytes_max));
  std::vector<Token> tokens;
  if (!tokens_of(text, tokens)) return misfit("a dot, a bracket or a name is out of place");
  if (tokens.size() > path_steps_max) return misfit(fmt::format("the path has more than {} steps", path_steps_max));
  Path path;
  path.text = std::string(text);
  const Descriptor* type = Result::descriptor();
  for (const Token& token : tokens) {
    const PathStep* before = path.steps.empty() ? nullptr : &path.steps.back();
    const bool in_list = before && before->field->is_repeated() && !before->pick;
    if (in_list && token.name == list_length && !token.bracket && &token == &tokens.back()) {
      path.size = true;
      return finished(std::move(path));
    }
    if (in_list)
      return misfit(fmt::format("`{}` is a list: say which element, as in {}[…], or ask for its size",
                                before->field->name(), before->field->name()));
    const std::string name(token.name);
    const FieldDescriptor* field = type ? type->FindFieldByName(name) : nullptr;
    if (!field)
      return misfit(
          fmt::format("{} has no field `{}`", before ? "`" + before->field->name() + "`" : "the result", name), name,
          type ? fields_of(*type) : std::vector<std::string>{});
    PathStep step{field, std::nullopt};
    if (token.bracket && !field->is_repeated()) return misfit(fmt::format("`{}` is not a list", name));
    if (token.bracket) {
      ParsedPath problem;
      step.pick = parse_pick(*token.bracket, *field, problem);
      if (!step.pick) return problem;
    }
    path.steps.push_back(std::move(step));
    type = field->message_type();
  }
  const PathStep& last = path.steps.back();
  if (last.field->is_repeated() && !last.pick)
    return misfit(fmt::format("`{}` is a list: say which element, as in {}[…], or ask for {}.size", last.field->name(),
                              last.field->name(), last.field->name()));
  return finished(std::move(path));
}

Found value_at(const Result& result, const Path& path) {
  const Message* holder = &result;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const PathStep& step = path.steps[i];
    const Reflection& r = *holder->GetReflection();
    const bool last = i + 1 == path.steps.size();
    if (step.field->is_repeated()) {
      if (last && path.size) {
        Value value;
        value.magnitude = static_cast<std::uint64_t>(r.FieldSize(*holder, step.field));
        return {value, {}};
      }
      std::string missing;
      const std::optional<int> index = picked(*holder, step, missing);
      if (!index) return {std::nullopt, missing};
      if (step.field->message_type()) holder = &r.GetRepeatedMessage(*holder, step.field, *index);
      else return {element(*holder, *step.field, *index), {}};
      if (last) {  // a list of shares
        const auto& ratio = static_cast<const Ratio&>(*holder);
        Value value;
        value.kind = ValueKind::share;
        value.numerator = ratio.numerator();
        value.denominator = ratio.denominator();
        return {value, {}};
      }
      continue;
    }
    if (step.field->has_presence() && !r.HasField(*holder, step.field)) return {std::nullopt, "n/a"};
    if (last) {
      Value value = scalar(*holder, *step.field);
      if (value.kind == ValueKind::share && value.denominator == 0) return {std::nullopt, "n/a"};
      return {std::move(value), {}};
    }
    holder = &r.GetMessage(*holder, step.field);
  }
  return {std::nullopt, "n/a"};
}

std::string exact_text(const Value& value) {
  switch (value.kind) {
    case ValueKind::truth:
      return value.magnitude ? "true" : "false";
    case ValueKind::number:
      return fmt::format("{}", value.number);
    case ValueKind::share:
      return fmt::format("{}/{}", value.numerator, value.denominator);
    case ValueKind::text:
    case ValueKind::word:
      return value.text;
    case ValueKind::duration:
      return fmt::format("{}{}ns", value.negative ? "-" : "", value.magnitude);
    default:
      return fmt::format("{}{}", value.negative ? "-" : "", value.magnitude);
  }
}

}  // namespace rehearse::result
