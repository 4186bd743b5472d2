#include "harness/reconcile/check.h"

#include <algorithm>

namespace rehearse {

double as_number(const Measured& measured) {
  if (const auto* count = std::get_if<std::uint64_t>(&measured)) return static_cast<double>(*count);
  if (const auto* duration = std::get_if<Duration>(&measured)) return static_cast<double>(duration->ns);
  return std::get<double>(measured);
}

std::uint64_t CheckRun::discrepancies() const {
  std::uint64_t sum = 0;
  for (std::size_t kind = 0; kind < found.size(); ++kind)
    if (kind != scenario::TIMING) sum += found[kind];
  return sum;
}

bool CheckRun::found_anything() const {
  return std::any_of(found.begin(), found.end(), [](std::uint64_t count) { return count > 0; });
}

void CheckRun::claim(const Claim& claim, std::uint64_t times) {
  found[claim.kind] += times;
  claims.add(claim);
}

}  // namespace rehearse
