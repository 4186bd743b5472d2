#include "reports/result/harm.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace rehearse::result {
namespace {

const google::protobuf::FieldDescriptor* field_of(ReadOutcome outcome) {
  return Harm::descriptor()->FindFieldByName(rule_of(outcome).field());
}

template <class Wanted>
std::vector<ReadOutcome> as_listed(Wanted wanted) {
  std::vector<ReadOutcome> outcomes;
  for (const ReadOutcome outcome : all_outcomes())
    if (wanted(rule_of(outcome))) outcomes.push_back(outcome);
  std::sort(outcomes.begin(), outcomes.end(),
            [](ReadOutcome a, ReadOutcome b) { return field_of(a)->number() < field_of(b)->number(); });
  return outcomes;
}

}  // namespace

std::uint64_t reads_of(const Harm& harm, ReadOutcome outcome) {
  return harm.GetReflection()->GetUInt64(harm, field_of(outcome));
}

void add_reads(ReadOutcome outcome, std::uint64_t reads, Harm& harm) {
  harm.GetReflection()->SetUInt64(&harm, field_of(outcome), reads_of(harm, outcome) + reads);
  harm.set_reads(harm.reads() + reads);
}

void add_harm(const Harm& more, Harm& harm) {
  const std::uint64_t reads = harm.reads() + more.reads();
  for (const ReadOutcome outcome : all_outcomes()) add_reads(outcome, reads_of(more, outcome), harm);
  harm.set_reads(reads);
}

std::vector<ReadOutcome> harmful_outcomes() {
  return as_listed([](const OutcomeRule& rule) { return rule.harm(); });
}

std::vector<ReadOutcome> followed_outcomes() {
  return as_listed([](const OutcomeRule& rule) { return rule.followed(); });
}

}  // namespace rehearse::result
