// A consumer's questions put to both sides: rows by key, drawn as that consumer draws them, and the latest by a column.
//
// Answers to reads by key are compared column by column; an answer to `latest` with other rows, or in another order, is
// one claim about the table, since the rows that moved up are not the wrong ones. Rows that the alignment leaves out
// are asked for by neither question. Blind to keys that nobody draws, and so to rows that the source no longer has.
// Left out: windows (`window_cut`), and the order of rows beyond the column's values and the key.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"
#include "harness/reconcile/second_reading.h"

namespace rehearse {
namespace {

class DualReadCheck : public Copied<DualReadCheck, TwoSidedCheck> {
 public:
  DualReadCheck(CheckDescription description, const scenario::DualRead& options, const ReadView& view)
      : Copied(std::move(description), options.comparison()),
        options_(options),
        comparison_(*this->description().reference, this->description().trial, this->description().tables.front()),
        draws_(view.draws("check." + this->description().name + ".reads")),
        latest_column_(view.column(this->description().tables.front(), options.latest().column())) {}

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView&, std::size_t, const Reading&) const override {
    if (again() > 0) return suspects_.size() + (latest_differs_ ? latest_rows() : 0);
    return static_cast<std::uint64_t>(options_.reads()) + latest_rows();
  }
  bool suspects() const override { return latest_differs_ || !suspects_.empty(); }
  void report(CheckRun& run) override;

 private:
  std::uint64_t latest_rows() const {
    return options_.has_latest() ? static_cast<std::uint64_t>(options_.latest().rows()) : 0;
  }
  void read_keys(Context& context, const Reading& reference, const Reading& trial, const Sides& sides);
  std::vector<RowId> latest(const ReadView& view, const Reading& reading) const;

  scenario::DualRead options_;
  Comparison comparison_;
  Stream draws_;
  std::optional<ColumnId> latest_column_;
  RowSet left_out_;
  std::vector<KeyDifference> suspects_;
  bool latest_differs_ = false;
  std::uint64_t gone_ = 0;
};

void DualReadCheck::compare(Context& context, Sides sides) {
  const Reading& a = sides.reference.front();
  const Reading& b = sides.trial.front();
  if (again() == 0) {
    gone_ = 0;
    suspects_.clear();
    latest_differs_ = false;
  }
  if (sides.cut) no_data();
  if (a.ready && b.ready && !sides.cut) {
    read_keys(context, a, b, sides);
    if (options_.has_latest() && (again() == 0 || latest_differs_)) {
      context.view.left_out(a, b, sides.scope, left_out_);
      const bool differs = latest(context.view, a) != latest(context.view, b);
      gone_ += latest_differs_ && !differs;
      latest_differs_ = differs;
      if (context.onlooker && differs) {
        FiguresReadAgain figures(sides.reference, sides.trial, 1, [&](const SupposedSides& supposed) {
          return std::vector<bool>{latest(context.view, supposed.reference.front()) !=
                                   latest(context.view, supposed.trial.front())};
        });
        context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
      }
    }
  }
  context.view.close(a);
  context.view.close(b);
}

void DualReadCheck::read_keys(Context& context, const Reading& reference, const Reading& trial, const Sides& sides) {
  CompareRequest request;
  request.scope = sides.scope;
  request.reread_source = rereads();
  std::vector<KeyDifference> keys = suspects_;
  if (again() == 0)
    for (const RowId row : context.view.drawn_keys(options_.as(), draws_, context.run.number,
                                                   static_cast<std::uint32_t>(options_.reads())))
      keys.push_back({.row = row, .kind = KeyClass::missing, .columns = {}});
  CompareAnswer answer = comparison_.look_again(context.view, reference, trial, request, keys);
  note_reread(answer.rows_reread);
  if (again() == 0) {
    context.run.rows_compared = answer.rows_compared;
    context.run.rows_unsettled = answer.rows_unsettled;
  } else {
    gone_ += keys.size() - std::min(keys.size(), answer.differences.size());
  }
  suspects_ = std::move(answer.differences);
}

// Greatest first, equal ones by key.
std::vector<RowId> DualReadCheck::latest(const ReadView& view, const Reading& reading) const {
  if (!latest_column_) return {};
  std::vector<std::pair<std::int64_t, RowId>> order;
  for (const RowValue& at : view.column_values(reading, *latest_column_))
    if (at.value.kind != Value::Kind::null && !left_out_.contains(at.row))
      order.emplace_back(-view.number(reading.table, *latest_column_, at.value), at.row);
  const std::size_t wanted = std::min<std::size_t>(order.size(), latest_rows());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted), order.end());
  std::vector<RowId> rows;
  for (std::size_t i = 0; i < wanted; ++i) rows.push_back(order[i].second);
  return rows;
}

void DualReadCheck::report(CheckRun& run) {
  if (!run.data) return;
  const TableId table = description().tables.front();
  for (const KeyDifference& difference : suspects_) {
    Claim claim{.row = difference.row, .table = table};
    claim.kind = static_cast<std::uint8_t>(class_of(difference.kind));
    claim.columns = bits_of(difference.columns);
    run.claim(claim);
  }
  if (latest_differs_) {
    Claim claim{.table = table, .kind = scenario::AGGREGATE};
    if (latest_column_) claim.columns = bits_of({*latest_column_});
    run.claim(claim);
  }
  run.found[scenario::TIMING] += gone_;
}

}  // namespace

std::unique_ptr<Check> make_dual_read(const scenario::Check& check, const ReadView& view,
                                      CheckDescription description) {
  const scenario::DualRead& options = check.dual_read();
  describe(description, options.comparison(), view);
  description.tables = {view.table_read_by(options.as())};
  return std::make_unique<DualReadCheck>(std::move(description), options, view);
}

}  // namespace rehearse
