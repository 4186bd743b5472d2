// Each kind's parser, and the bounds.
#include "scenarios/field_value.h"

#include <fmt/core.h>

#include <variant>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/units.h"
#include "scenarios/value_text.h"
#include "sim/capture/positions.h"
#include "sim/kernel/calendar.h"
#include "sim/kernel/civil.h"
#include "sim/kernel/cron.h"

namespace rehearse {
namespace {

using google::protobuf::Reflection;
using Integer = Parsed<std::int64_t>;

constexpr std::size_t text_size_max = 16'384;
constexpr std::size_t name_size_max = 63;

Integer parse_instant(std::string_view text) {
  const std::optional<std::int64_t> instant = parse_rfc3339(text);
  return instant ? Integer::of(*instant) : Integer::wrong(fmt::format("{} is no date and time", shown(text)));
}

Integer parse_position(std::string_view text) {
  const std::optional<std::uint64_t> lsn = parse_lsn(text);
  if (!lsn || *lsn > static_cast<std::uint64_t>(INT64_MAX)) {
    return Integer::wrong(fmt::format("{} is no log position", shown(text)));
  }
  return Integer::of(static_cast<std::int64_t>(*lsn));
}

Integer parse_integer(FieldRule::Kind kind, std::string_view text) {
  switch (kind) {
    case FieldRule::DURATION:
      return parse_duration(text);
    case FieldRule::RATE:
      return parse_rate(text);
    case FieldRule::SHARE:
      return parse_share(text);
    case FieldRule::BYTES:
      return parse_bytes(text);
    case FieldRule::DECIMAL:
      return parse_decimal(text);
    case FieldRule::INSTANT:
      return parse_instant(text);
    case FieldRule::TIME_OF_DAY:
      return parse_time_of_day(text);
    case FieldRule::LSN:
      return parse_position(text);
    default:
      return parse_count(text);
  }
}

// Whether the value lies between the rule's bounds; what is wrong, or empty.
std::string out_of_bounds(const FieldRule& rule, std::int64_t value, std::string_view text,
                          Integer (*parse)(FieldRule::Kind, std::string_view)) {
  if (!rule.min().empty() && value < *parse(rule.kind(), rule.min()).value) {
    return fmt::format("{} is below {}", shown(text), rule.min());
  }
  if (!rule.max().empty() && value > *parse(rule.kind(), rule.max()).value) {
    return fmt::format("{} is above {}", shown(text), rule.max());
  }
  return {};
}

FieldValueResult wrong(std::string error, std::string nearest = {}) {
  return {false, std::move(error), std::move(nearest)};
}

FieldValueResult set_integer(Message& message, const FieldDescriptor& field, std::string_view text, Store store) {
  const FieldRule& rule = rule_of(field);
  const Integer value = parse_integer(rule.kind(), text);
  if (!value) return wrong(value.error, value.nearest);
  std::string error = out_of_bounds(rule, *value.value, text, parse_integer);
  if (error.empty() && store == Store::yes) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      reflection.AddInt64(&message, &field, *value.value);
    } else {
      reflection.SetInt64(&message, &field, *value.value);
    }
  }
  return {true, std::move(error), {}};
}

FieldValueResult set_word(Message& message, const FieldDescriptor& field, std::string_view text, Store store) {
  const EnumValueDescriptor* value = find_word(*field.enum_type(), text);
  if (value == nullptr) {
    return wrong(fmt::format("{} is not known here", shown(text)), nearest_name(text, words_of(*field.enum_type())));
  }
  if (store == Store::yes) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      reflection.AddEnum(&message, &field, value);
    } else {
      reflection.SetEnum(&message, &field, value);
    }
  }
  return {true, {}, {}};
}

FieldValueResult set_bool(Message& message, const FieldDescriptor& field, std::string_view text, Store store) {
  if (text != "true" && text != "false") {
    const bool yes = text == "yes" || text == "on" || text == "True" || text == "TRUE";
    const bool no = text == "no" || text == "off" || text == "False" || text == "FALSE";
    return wrong(fmt::format("{} is neither true nor false", shown(text)), yes ? "true" : no ? "false" : "");
  }
  if (store == Store::yes) message.GetReflection()->SetBool(&message, &field, text == "true");
  return {true, {}, {}};
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > name_size_max) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.') return false;
  }
  return text.front() != '-' && text.front() != '.';
}

// What is wrong with a text of this kind, or empty.
std::string text_error(FieldRule::Kind kind, std::string_view text) {
  switch (kind) {
    case FieldRule::NAME:
      return is_name(text) ? "" : fmt::format("{} is no name", shown(text));
    case FieldRule::CRON: {
      const auto cron = Cron::parse(text);
      const std::string* error = std::get_if<std::string>(&cron);
      return error != nullptr ? *error : std::string();
    }
    case FieldRule::OPEN_HOURS: {
      const auto windows = parse_calendar_windows(text);
      const std::string* error = std::get_if<std::string>(&windows);
      return error != nullptr ? *error : std::string();
    }
    case FieldRule::TIME_ZONE:
      return text == "UTC" || parse_utc_offset(text) ? "" : fmt::format("{} is no time zone known here", shown(text));
    case FieldRule::XIDS:
      return parse_snapshot(text) ? "" : fmt::format("{} is no snapshot", shown(text));
    case FieldRule::REFERENCE:
    case FieldRule::COLUMN:
    case FieldRule::FILE:
      return text.empty() ? "the text is empty" : "";
    default:
      return {};
  }
}

FieldValueResult set_text(Message& message, const FieldDescriptor& field, std::string_view text, Store store) {
  if (text.size() > text_size_max) return wrong(fmt::format("the text has {} bytes", text.size()));
  std::string error = text_error(rule_of(field).kind(), text);
  if (!error.empty()) return wrong(std::move(error));
  if (store == Store::yes) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      reflection.AddString(&message, &field, std::string(text));
    } else {
      reflection.SetString(&message, &field, std::string(text));
    }
  }
  return {true, {}, {}};
}

Integer parse_drawn_bound(FieldRule::Kind kind, std::string_view text) {
  return parse_drawn(text, kind == FieldRule::DURATION ? Drawn::duration : Drawn::count);
}

std::string distribution_out_of_bounds(const FieldRule& rule, const values::Distribution& d, std::string_view text) {
  if (rule.kind() == FieldRule::PICK) return {};
  std::vector<std::int64_t> held = {d.a()};
  if (d.kind() == values::Distribution::UNIFORM) held.push_back(d.b());
  if (d.kind() == values::Distribution::EMPIRICAL) held.clear();
  for (const values::Distribution::Point& point : d.points()) held.push_back(point.value());
  for (const std::int64_t value : held) {
    std::string error = out_of_bounds(rule, value, text, parse_drawn_bound);
    if (!error.empty()) return error;
  }
  return {};
}

FieldValueResult set_text_message(Message& message, const FieldDescriptor& field, std::string_view text, Store store) {
  const FieldRule& rule = rule_of(field);
  const auto keep = [&](const Message& value) {
    if (store == Store::yes) message.GetReflection()->MutableMessage(&message, &field)->CopyFrom(value);
  };
  if (rule.kind() == FieldRule::COLUMN_TYPE || rule.kind() == FieldRule::ANY_COLUMN_TYPE) {
    const bool any = rule.kind() == FieldRule::ANY_COLUMN_TYPE;
    const Parsed<values::ColumnType> type = parse_column_type(text, any ? UnknownType::other : UnknownType::error);
    if (!type) return wrong(type.error, type.nearest);
    keep(*type.value);
    return {true, {}, {}};
  }
  const Drawn drawn = rule.kind() == FieldRule::DURATION ? Drawn::duration
                      : rule.kind() == FieldRule::COUNT  ? Drawn::count
                                                         : Drawn::pick;
  const Parsed<values::Distribution> distribution = parse_distribution(text, drawn);
  if (!distribution) return wrong(distribution.error, distribution.nearest);
  std::string error = distribution_out_of_bounds(rule, *distribution.value, text);
  if (error.empty()) keep(*distribution.value);
  return {true, std::move(error), {}};
}

}  // namespace

FieldValueResult set_field(Message& message, const FieldDescriptor& field, std::string_view text, Store store) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      return set_integer(message, field, text, store);
    case FieldDescriptor::CPPTYPE_ENUM:
      return set_word(message, field, text, store);
    case FieldDescriptor::CPPTYPE_BOOL:
      return set_bool(message, field, text, store);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return set_text_message(message, field, text, store);
    default:
      return set_text(message, field, text, store);
  }
}

}  // namespace rehearse
