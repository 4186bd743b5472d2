// The plan as it went, in the words of the result: phases, gates, triggers. Nothing is judged here.
#pragma once

#include "harness/judge/case.h"

namespace rehearse::judging {

void write_phases(const Case& c, result::Result& result);
void write_gates(const Case& c, result::Result& result);
void write_triggers(const Case& c, result::Result& result);

bool anybody_moved(const MigrationRecord& plan);
// The store that the plan moves consumers to, and the one that they come from; the source if the truth has no such
// store.
StoreId new_store(const Case& c);
StoreId old_store(const Case& c);

}  // namespace rehearse::judging
