// What the user's own logic says, made into claims and figures: shared by checks of SQL, of programs and of libraries.
//
// A claim names a key that one of the sides had in what was read; a key that neither had is a lie, and an answer with a
// lie in it is none. Claims of one row and class are one claim. A figure stands for how far the sides are apart: one
// number by itself, or the distance of two; beyond the tolerance it is a claim of class aggregate.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/reconcile/own_program.h"
#include "harness/reconcile/side_table.h"
#include "harness/reconcile/two_sided.h"
#include "scenarios/sql/answer.h"

namespace rehearse {

// The two sides of one dataset as they were read.
struct OwnDataset {
  std::string name;
  TableId table = 0;
  std::shared_ptr<const SideTable> reference, trial;
};

// What one pass of a check found.
struct OwnFindings {
  std::vector<Claim> claims;  // by table, row and class
  std::optional<double> figure;
  std::uint64_t figure_claims = 0;  // 1: it is beyond the tolerance
  std::string problem;              // not empty: there is no answer, and this is why
};

class OwnClaims {
 public:
  OwnClaims(std::vector<OwnDataset> datasets, DiscrepancyClass usual, const scenario::Amount& tolerance,
            const ReadView& view)
      : datasets_(std::move(datasets)), usual_(usual), tolerance_(tolerance), view_(&view) {}

  const std::vector<OwnDataset>& datasets() const { return datasets_; }

  // Each returns what is wrong with it, if anything. Empty texts: not said.
  std::optional<std::string> claim(const std::string& dataset, const std::string& key, const std::string& discrepancy,
                                   const std::vector<std::string>& columns);
  // One figure, or two.
  std::optional<std::string> figures(const std::vector<double>& values);

  OwnFindings findings() &&;
  // Of the lines that a program or library has answered with; an answer with one wrong line is none.
  OwnFindings findings_of(OwnAnswer answer, const std::string& who) &&;

 private:
  std::string take_line(const std::string& line);
  bool tolerated(double distance, std::optional<double> of) const;
  std::vector<OwnDataset> datasets_;
  DiscrepancyClass usual_;
  scenario::Amount tolerance_;
  const ReadView* view_;
  OwnFindings found_;
};

// What checks by the user's own logic share: sides as tables, looking again, the report.
class OwnCheck : public TwoSidedCheck {
 public:
  struct Options {
    DiscrepancyClass usual = scenario::MISMATCH;
    scenario::Amount tolerance;
    Duration window;
  };
  OwnCheck(CheckDescription description, const scenario::Comparison& comparison, Options options);

 protected:
  // What the logic is told beside the rows.
  struct Instants {
    Time since, until, now;
  };
  virtual OwnFindings find(Context& context, OwnClaims claims, const Instants& instants) = 0;

  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t, const Reading& reading) const override {
    return view.rows(reading);
  }
  // A naive reading is told beside what lag alone makes of it.
  bool reads_positions() const override {
    return description().align == scenario::NAIVE || TwoSidedCheck::reads_positions();
  }
  bool suspects() const override { return !found_.claims.empty() || found_.figure_claims > 0; }
  void report(CheckRun& run) override;

  const RowSet& left_out(std::size_t table) const { return *left_out_[table]; }
  std::shared_ptr<const RowSet> shared_left_out(std::size_t table) const { return left_out_[table]; }

 private:
  using LeftOut = std::vector<std::shared_ptr<const RowSet>>;  // by position in description().tables
  // What the logic says of readings that are open, but for the rows of left_out_.
  OwnFindings find_in(Context& context, const std::vector<Reading>& reference, const std::vector<Reading>& trial,
                      const Instants& instants);
  // What it would say of others, or but for other rows.
  OwnFindings ask_again(Context& context, const std::vector<Reading>& reference, const std::vector<Reading>& trial,
                        LeftOut left_out, const Instants& instants) const;
  void offer_second_reading(Context& context, const Sides& sides, const Instants& instants) const;
  void keep_what_is_still_there(OwnFindings now);
  std::uint64_t lag_claims(Context& context, const Sides& sides, const Instants& instants) const;
  Options options_;
  OwnFindings found_;
  std::uint64_t gone_ = 0, lag_claims_ = 0;
  LeftOut left_out_;  // while comparing
};

}  // namespace rehearse
