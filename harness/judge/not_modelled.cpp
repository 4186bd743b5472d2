#include "harness/judge/parts.h"
#include "scenarios/schema_rules.h"

namespace rehearse::judging {

void write_not_modelled(const Case& c, result::Result& result) {
  for (const std::string& sentence : not_modelled_in(c.in.scenario)) result.add_not_modelled(sentence);
}

}  // namespace rehearse::judging
