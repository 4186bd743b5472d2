// What every check between two sides shares: alignment, the time that reading takes, and looking again.
//
// One pass opens the reference, reads it, opens the side on trial and compares; the report comes when that side is read
// too. By alignment: `position` leaves out rows with a change between the positions that the sides exposed; `reread`
// asks the source again for the rows that differ, once both sides are read, which takes a round trip and reading them,
// and goes by what it has then; `window_cut` compares rows created before the cut, `settle` before
// the time up to which both sides expose all changes; `as_of` begins `settle` early, opens the reference then and
// leaves out rows that the source has changed since; `quiesce` waits until both sides have reached the source's
// position at its start, then does as `position` does (the source is not stopped: rows changed meanwhile are left out);
// `naive` compares what each side holds. A re-check is another pass, over the suspects alone where they are keys.
// Invariant: every reading is closed once.
#pragma once

#include "harness/reconcile/check.h"

namespace rehearse {

class TwoSidedCheck : public Check {
 public:
  TwoSidedCheck(CheckDescription description, const scenario::Comparison& options);
  Next begin(Context context) override;
  Next go_on(Context context) override;
  Duration ahead() const override;

 protected:
  struct Sides {
    std::vector<Reading> reference, trial;  // by position in description().tables
    Scope scope = Scope::all;
    std::optional<Time> cut;  // rows created at or after it are out of the window
  };
  // Compares and notes suspects; closes the readings or hands them on.
  virtual void compare(Context& context, Sides sides) = 0;
  // How many rows of an open reading this pass reads.
  virtual std::uint64_t rows_to_read(const ReadView& view, std::size_t table, const Reading& reading) const = 0;
  virtual bool suspects() const = 0;
  // What the pass takes beyond reading both sides once; asked for after compare().
  virtual Duration more_time() const { return {}; }
  // Turns suspects into claims.
  virtual void report(CheckRun& run) = 0;
  void no_data() { data_ = false; }
  std::uint32_t again() const { return again_; }    // counts re-checks; 0 is the first pass
  Duration time_to_read(std::uint64_t rows) const;  // at the scan rate, rounded up
  bool rereads() const { return description().align == scenario::REREAD; }
  void note_reread(std::uint64_t rows) { rows_reread_ += rows; }  // that the source was asked for again
  // Whether readings also tell which rows have a change under way.
  virtual bool reads_positions() const { return scope() == Scope::settled; }
  Scope scope() const;

 private:
  enum class Stage { quiescing, reading_reference, settling, before_reread, reading_trial, waiting };
  Next begin_pass(Context& context);
  Next open_reference(Context& context);
  Next open_trial(Context& context);
  Next compare_with_source_now(Context& context);
  Next end_pass(Context& context);
  Next wait_for_positions(Context& context);
  std::vector<Reading> open(Context& context, StoreId store) const;
  Duration reading_time(const ReadView& view, const std::vector<Reading>& readings) const;

  std::int64_t scan_rate_nano_;
  Duration settle_;
  Duration recheck_after_;
  std::uint32_t rechecks_ = 0;
  bool recheck_waits_for_lag_ = false;

  // Of the run under way.
  Stage stage_ = Stage::waiting;
  std::uint32_t again_ = 0;
  bool data_ = true;
  Time waits_since_;
  Lsn wanted_position_ = 0;
  Time reference_opened_;
  std::vector<Reading> reference_;
  Sides before_reread_;
  std::uint64_t rows_reread_ = 0;
};

}  // namespace rehearse
