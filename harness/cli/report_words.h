// The words of the reports that no field of a scenario can be, for `rehearse explain`. docs/model.md defines them at
// length.
#pragma once

#include <string_view>

namespace rehearse::cli {

struct ReportWord {
  std::string_view word;
  std::string_view text;
};

inline constexpr ReportWord report_words[] = {
    {"right",
     "Of a row: equal to what is expected of it now. Of a read: it found such a row, no older than the reader needs. "
     "Of a claim: the row was divergent between the check's read and its report. Of a decision: judged by what was at "
     "work when it was made, it was safe."},
    {"late",
     "Of a row: what the store shows was expected of it before, and every change since then is under way. Of a claim: "
     "about a row that was late for longer than promised, so neither right nor a false alarm."},
    {"divergent",
     "Of a row: neither right nor late – damage, loss, a regression, a copy too many. It stays so until a newer change "
     "of it has landed."},
    {"loading", "Of a store: its first load is not complete."},
    {"wrong", "Of a read: the row was divergent."},
    {"stale",
     "Of a store: late for longer than promised, or loaded from an extract older than that. Of a read: right, but too "
     "old."},
    {"false",
     "Of a GO or a NO-GO: judged by what was at work then, it was the wrong one. Of a rollback: nothing was unsafe, "
     "and nothing was about to be."},
    {"unlucky",
     "Of a GO: right by what was at work then; what made the store unsafe afterwards first struck after it."},
    {"not judged", "Of a decision: the end came before it could be told whether it was right."},
    {"not landed", "Of a rollback: its readers were not back on good data in time, or did not stay there."},
    {"stopped", "The outcome of a plan that turned back before anybody had been moved."},
    {"exposure", "The time in which routing sends a reader to a store that is unsafe for it."},
    {"unsafe",
     "Of a store and a reader: more rows are divergent than it tolerates, or the store is staler than it needs, or "
     "another need of it is not met."},
    {"concerned",
     "Of a reader: its harm is the plan's doing, since the plan has moved it, or it reads the target, or its store was "
     "paused, archived or restored."},
    {"missed danger",
     "A reader concerned was exposed for longer than is allowed within a day, and no rollback had fired."},
    {"drill",
     "The plan's own rollback, carried out on a copy of the rehearsal at a GO and at the end of its look-ahead."},
    {"landing",
     "From some instant on, within the time that is allowed, all readers concerned have good data, and keep it."},
    {"recall", "Of the rows that were divergent throughout a run of a check, the share that it claimed."},
    {"claim", "What a check says of a row or a figure; whether it is so is the truth's to say."},
    {"false alarm", "A claim about what was not divergent."},
    {"rto", "From the trigger of a rollback until all its readers had good data."},
    {"rpo", "The acknowledged writes that a rollback lost; n/a while nobody writes to the new store."},
    {"left out", "Of a captured stream's events about rows: those that cannot be replayed as the source made them."},
    {"second witness",
     "The tables as the database itself printed them after a captured stream, with which the replay is compared."},
    {"n/a", "Not applicable: there was nothing of which it could be told."},
};

}  // namespace rehearse::cli
