// A connector whose pipeline makes the rows of a derived table by a mistaken rule of its own.
//
// What one change of a row does to the derived tables follows it in the log. Where the meant table and the one that is
// made both have a record of it, the pipeline carries the meant one, with what is made of it; a record that only the
// made table has is carried as one of the meant table; one that only the meant table has is lost when it would have
// been read.
#include <algorithm>

#include "sim/pipelines/connector.h"

namespace rehearse {
namespace {

// The record of `table` that the same change left, near `from`, which is one of its records.
std::optional<Lsn> twin(const Source& source, Lsn from, TableId table, Lsn most) {
  const SourceLog& log = source.log();
  const LogRecord& record = log[from];
  const auto is_twin = [&](Lsn lsn) {
    return log[lsn].table() == table && log[lsn].row == record.row && log[lsn].write == record.write;
  };
  const Lsn first = std::max(log.base(), from - std::min(from, most));
  const Lsn end = std::min(log.end(), from + most + 1);
  for (Lsn lsn = from; lsn > first && source.derived(log[lsn - 1].table()); --lsn)
    if (is_twin(lsn - 1)) return lsn - 1;
  for (Lsn lsn = from + 1; lsn < end && source.derived(log[lsn].table()); ++lsn)
    if (is_twin(lsn)) return lsn;
  return std::nullopt;
}

}  // namespace

Lsn Connector::needed_from() const {
  Lsn back = 0;
  for (const OwnRule& own : options_.own_rules) back = std::max(back, own.records);
  return flushed_ - std::min(flushed_, back);
}

const OwnRule* Connector::own_rule_of(TableId made) const {
  const auto& rules = options_.own_rules;
  const auto at = std::find_if(rules.begin(), rules.end(), [&](const OwnRule& own) { return own.made == made; });
  return at == rules.end() ? nullptr : &*at;
}

TableId Connector::carries_for(TableId meant) const {
  for (const OwnRule& own : options_.own_rules)
    if (own.meant == meant) return own.made;
  return meant;
}

CauseSet Connector::cause_of_rule(TableId meant) const {
  const OwnRule* own = own_rule_of(carries_for(meant));
  return own ? own->cause : 0;
}

void Connector::apply_own_rule(TapRecord& record, const Source& source) const {
  const OwnRule* own = own_rule_of(record.table);
  if (!own) return;
  record.table = own->meant;
  const std::optional<Lsn> meant = twin(source, record.lsn, own->meant, own->records);
  if (meant) record.position = *meant;
  record.meant = meant ? source.cell_at(*meant).mark : absent;
  const bool as_meant = meant && (record.meant == absent) == (record.op == Op::remove);
  if (!as_meant) record.causes = own->cause;
}

bool Connector::leave_out(const LogRecord& record, Time to, Context& context) {
  const TableId made = carries_for(record.table());
  if (made == record.table() || position_ < left_out_until_) return true;
  const OwnRule& own = *own_rule_of(made);
  if (!twin(context.source, position_, made, own.records)) {
    const Time at = std::max(available(record.commit()), last_append_);
    if (at > to) return false;
    const Mark mark = record.op() == Op::remove ? absent : context.source.live_mark_at(record.table(), position_);
    const TapRecord lost{record.table(),  record.row, record.write, record.op(), position_, 0,
                         record.commit(), at,         mark,         position_,   mark};
    tell(Fact::Kind::lost, at, lost, false, mark, own.cause, context);
  }
  left_out_until_ = position_ + 1;
  return true;
}

}  // namespace rehearse
