// Writes change events in the formats that ChangeReader reads, and as SQL.
//
// Invariants asked of the events: rows lie between the begin and the commit of their transaction; a row's position lies
// after the commit before its transaction and not after its own commit; updates and deletes carry the whole row before
// the change in `old_columns`; types are PostgreSQL's. What a format cannot carry is left out as the tool itself leaves
// it out: Maxwell's commit times have whole seconds, Canal's milliseconds, the others microseconds.
#pragma once

#include <memory>
#include <string>

#include "sim/capture/change_event.h"

namespace rehearse {

class ChangeWriter {
 public:
  virtual ~ChangeWriter() = default;
  // Appends whole lines; a format that writes a line a transaction, or must know whether a row is the last one, does so
  // with the commit. Messages and snapshot rows are not written (asserted).
  virtual void write(const ChangeEvent& event, std::string& out) = 0;
};

std::unique_ptr<ChangeWriter> make_change_writer(ChangeFormat format);
std::unique_ptr<ChangeWriter> make_sql_writer();

}  // namespace rehearse
