// Replays a captured change stream as the source: its own rows, transactions and times.
//
// Models: every captured transaction at its commit time (a commit time that goes back is delivered with the latest one
// before it, in log order); a primary-key update as a delete and an insert; a truncate as one delete per live row, in
// row order, in the truncating transaction. Leaves out: DDL as statements; declared schema changes take effect at their
// position. Writes are numbered over the whole stream: 1 is the snapshot, n + 2 is change n of the capture.
// With a pace: the time since the first commit is scaled, and the stream is replayed `repeat` times. A repetition
// starts one mean gap between commits after the last commit of the one before. It writes the same rows again: an insert
// of a live row is an update, an update of an absent row an insert, a delete of an absent row nothing, so that every
// repetition ends with the same tables; it carries unchanged large columns too. Its writes go on being numbered: change
// n of repetition k is k * changes + n
// + 2.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/capture/captured_stream.h"
#include "sim/kernel/time.h"
#include "sim/rows/content.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"

namespace rehearse {

class Source;

inline constexpr Write first_captured_write = 2;  // of change 0 of the capture; 1 is the snapshot

// The change that made a write, in whatever repetition. The write must not be that of the snapshot.
inline const CapturedChange& change_of(const CapturedStream& stream, Write write) {
  const std::uint64_t number = write - first_captured_write;
  return stream.changes[stream.pace.repeat == 1 ? number : number % stream.changes.size()];
}
// From the first commit of one repetition to that of the next, scaled; the longest there is if it is longer.
Duration repetition_length(const CapturedStream& stream);

// The schema of a captured table in the words of sim/rows; column numbers become logical column ids.
TableSchema captured_schema(const CapturedStream& stream, std::size_t table);

class CapturedReplay {
 public:
  CapturedReplay(std::shared_ptr<const CapturedStream> stream, std::int64_t start_unix_ns);

  void advance(Source& source, Time to);
  void stop_writes() { stopped_ = true; }
  const CapturedStream& stream() const { return *stream_; }
  const std::shared_ptr<const CapturedStream>& shared() const { return stream_; }

  void for_each_initial_row(TableId table, const std::function<void(RowId)>& each) const;
  // All that will be committed if nobody stops it, and what has been; then the same in changes of the stream.
  std::uint64_t transactions() const { return stream_->transactions.size() * stream_->pace.repeat; }
  std::uint64_t transactions_done() const { return repetition_ * stream_->transactions.size() + next_; }
  std::uint64_t changes() const { return stream_->changes.size() * stream_->pace.repeat; }
  std::uint64_t changes_done() const {
    const std::uint64_t begun = next_ == 0 ? 0 : stream_->transactions[next_ - 1].end;
    return repetition_ * stream_->changes.size() + begun;
  }
  // Of the stream's first transactions, those that commit before the start and so are replayed at it.
  std::uint64_t transactions_before_start() const;
  // When each of the stream's schema changes is replayed; none for one that is never seen.
  std::vector<std::optional<Time>> schema_change_times() const;
  // The value of the table's updated_at column in one write, at its pace; before all if there is none.
  Time updated_at(TableId table, RowId row, Write write) const;
  // That a row's updated_at stands in this column, whatever the column is called.
  void forward_by(TableId table, ColumnId column) { updated_at_[table] = column; }

  // What a reader sees that sees exactly the transactions for which `visible` holds: by row, the write (0 = no row).
  std::vector<Write> rows_visible(TableId table, const std::function<bool(const CapturedTransaction&)>& visible) const;
  // Position in the simulated log after the last transaction with a commit LSN up to and with this one.
  Lsn position_after(std::uint64_t commit_lsn) const;

 private:
  void commit(Source& source, const CapturedTransaction& transaction, Time at);
  void replay_again(Source& source, const CapturedChange& change, Write write, Time at);
  Time paced(std::int64_t unix_ns, std::uint64_t repetition) const;

  std::shared_ptr<const CapturedStream> stream_;
  std::int64_t start_unix_ns_ = 0;
  std::vector<std::optional<ColumnId>> updated_at_;  // by table
  std::uint64_t repetition_ = 0;
  Duration length_;       // of a repetition
  std::size_t next_ = 0;  // transaction
  std::size_t next_schema_change_ = 0;
  Time latest_;
  bool stopped_ = false;
  std::vector<std::pair<std::uint64_t, Lsn>> positions_;  // commit LSN, end of the log after it
};

// The content of captured rows.
std::shared_ptr<const CapturedImages> captured_images(std::shared_ptr<const CapturedStream> stream);

}  // namespace rehearse
