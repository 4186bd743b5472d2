#include "scenarios/check_kinds.h"

#include <algorithm>

namespace rehearse {
namespace {

constexpr std::int64_t whole_ppb = 1'000'000'000;

// The field of this type in a message; null if it has none.
const FieldDescriptor* field_of_type(const Descriptor& holder, const Descriptor& type) {
  for (int i = 0; i < holder.field_count(); ++i)
    if (!holder.field(i)->is_repeated() && holder.field(i)->message_type() == &type) return holder.field(i);
  return nullptr;
}

// The part of this type that a message has; null if its kind has none.
template <class Part>
const Part* part_of(const Message& holder) {
  const FieldDescriptor* field = field_of_type(*holder.GetDescriptor(), *Part::descriptor());
  return field ? static_cast<const Part*>(&holder.GetReflection()->GetMessage(holder, field)) : nullptr;
}

template <class Part>
const Part* part_of(const scenario::Check& check) {
  return kind_field(check) ? part_of<Part>(parameters_of(check)) : nullptr;
}

// Whether a checksum goes on to single rows.
bool splits(const scenario::Checksum& check) {
  using Chunks = scenario::Chunks;
  const Chunks& chunks = check.chunks();
  return chunks.split() > 1 || chunks.like() == Chunks::SYNC_DIFF_INSPECTOR || chunks.like() == Chunks::DATA_DIFF;
}

}  // namespace

const FieldDescriptor* kind_field(const scenario::Check& check) {
  return check.GetReflection()->GetOneofFieldDescriptor(check, check.GetDescriptor()->FindOneofByName("kind"));
}

const scenario::CheckKind& kind_of(const FieldDescriptor& kind) { return kind.options().GetExtension(scenario::check); }

const scenario::CheckKind& kind_of(const scenario::Check& check) {
  const FieldDescriptor* field = kind_field(check);
  return field ? kind_of(*field) : scenario::CheckKind::default_instance();
}

const Message& parameters_of(const scenario::Check& check) {
  return check.GetReflection()->GetMessage(check, kind_field(check));
}

bool reads(const scenario::Check& check, scenario::CheckKind::Reads what) {
  const auto& all = kind_of(check).reads();
  return std::find(all.begin(), all.end(), what) != all.end();
}

bool reads_all_rows(const scenario::Check& check) {
  if (kind_field(check) == nullptr || reads(check, scenario::CheckKind::SAMPLE)) return false;
  return sampled_share(check) >= 1;
}

double sampled_share(const scenario::Check& check) {
  if (kind_field(check) == nullptr) return 1;
  const Message& parameters = parameters_of(check);
  const FieldDescriptor* sample = parameters.GetDescriptor()->FindFieldByName("sample_ppb");
  if (sample == nullptr) return 1;
  return static_cast<double>(parameters.GetReflection()->GetInt64(parameters, sample)) / static_cast<double>(whole_ppb);
}

std::vector<scenario::DiscrepancyClass> claims_of(const scenario::Check& check) {
  std::vector<scenario::DiscrepancyClass> claims;
  for (const int kind : kind_of(check).claims()) claims.push_back(static_cast<scenario::DiscrepancyClass>(kind));
  const auto never = [&](scenario::DiscrepancyClass kind) { std::erase(claims, kind); };
  if (check.key_coverage().look_for() == scenario::KeyCoverage::ONLY_MISSING) never(scenario::EXTRA);
  if (check.key_coverage().look_for() == scenario::KeyCoverage::ONLY_EXTRA) never(scenario::MISSING);
  if (check.has_checksum() && splits(check.checksum())) never(scenario::AGGREGATE);
  if (check.has_checksum() && !splits(check.checksum())) claims = {scenario::AGGREGATE, scenario::TIMING};
  return claims;
}

bool names_rows(const scenario::Check& check) {
  return kind_of(check).names_rows() && !(check.has_checksum() && !splits(check.checksum()));
}

bool is_monitor(const scenario::Check& check) { return is_monitored(quantity_of(check)); }

Quantity quantity_of(const scenario::Check& check) { return kind_of(check).quantity(); }

Quantity quantity_of(const scenario::Check& check, const scenario::Metric& metric) {
  return quantity_of(quantity_of(check), metric);
}

Quantity quantity_of(Quantity of_check, const scenario::Metric& metric) {
  if (is_measured(of_check)) return of_check;
  if (metric.value() == scenario::Metric::FIGURE) return FIGURE;
  return metric.per() == scenario::Metric::ROWS_COMPARED ? SHARE_OF_ROWS : CLAIMS;
}

const scenario::Comparison* comparison_of(const scenario::Check& check) { return part_of<scenario::Comparison>(check); }

scenario::Align align_of(const scenario::Check& check) {
  const scenario::Comparison* comparison = comparison_of(check);
  if (comparison != nullptr && comparison->has_align()) return comparison->align();
  return reads(check, scenario::CheckKind::TABLES) ? scenario::NAIVE : scenario::POSITION;
}

std::optional<scenario::Observation::SeenFrom> seen_from(const scenario::Check& check) {
  const FieldDescriptor* kind = kind_field(check);
  const FieldDescriptor* field = kind ? kind->message_type()->FindFieldByName("seen_from") : nullptr;
  if (field == nullptr) return std::nullopt;
  const Message& parameters = parameters_of(check);
  return static_cast<scenario::Observation::SeenFrom>(parameters.GetReflection()->GetEnumValue(parameters, field));
}

const scenario::Observation* observation_of(const scenario::Check& check) {
  return part_of<scenario::Observation>(check);
}

const scenario::Recurrence& runs_of(const scenario::Check& check) {
  if (const scenario::Comparison* comparison = comparison_of(check)) return comparison->runs();
  if (const scenario::Observation* observation = observation_of(check)) return observation->runs();
  const scenario::Recurrence* runs = part_of<scenario::Recurrence>(check);
  return runs ? *runs : scenario::Recurrence::default_instance();
}

const scenario::RunRules& rules_of(const scenario::Check& check) {
  if (const scenario::Comparison* comparison = comparison_of(check)) return comparison->rules();
  if (const scenario::Observation* observation = observation_of(check)) return observation->rules();
  const scenario::RunRules* rules = part_of<scenario::RunRules>(check);
  return rules ? *rules : scenario::RunRules::default_instance();
}

const FieldDescriptor* window_field(const scenario::Check& check) {
  const FieldDescriptor* kind = kind_field(check);
  return kind ? field_of_type(*kind->message_type(), *scenario::Window::descriptor()) : nullptr;
}

const scenario::Window* window_of(const scenario::Check& check) {
  const FieldDescriptor* field = window_field(check);
  if (field == nullptr) return nullptr;
  const Message& parameters = parameters_of(check);
  return parameters.GetReflection()->HasField(parameters, field) ? part_of<scenario::Window>(parameters) : nullptr;
}

std::vector<std::string> sides_of(const scenario::Check& check) {
  if (kind_field(check) == nullptr) return {};
  if (const scenario::Observation* observation = observation_of(check)) return {observation->of()};
  const scenario::Comparison* comparison = comparison_of(check);
  const Message& holder = comparison ? *comparison : parameters_of(check);
  const FieldDescriptor* between = holder.GetDescriptor()->FindFieldByName("between");
  std::vector<std::string> sides;
  for (int i = 0; between != nullptr && i < holder.GetReflection()->FieldSize(holder, between); ++i)
    sides.push_back(holder.GetReflection()->GetRepeatedString(holder, between, i));
  return sides;
}

}  // namespace rehearse
