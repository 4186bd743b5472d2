// Aggregates of columns on both sides, in total or by group. Errors that cancel out escape it.
//
// Every group and measure that differs by more than the tolerance is one claim. Rows that the alignment leaves out are
// left out of both sides' aggregates. The least and greatest of times and texts are not known: only numbers compare.
#include <set>

#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/counts.h"
#include "harness/reconcile/second_reading.h"
#include "harness/reconcile/two_sided.h"

namespace rehearse {
namespace {

using AskedMeasure = AggregateRequest::Measure;
constexpr std::size_t figures_kept = 1'000;

struct Asked {
  AskedMeasure measure;
  std::string column;
};

Asked asked(const scenario::Measure& measure) {
  switch (measure.of_case()) {
    case scenario::Measure::kAverage:
      return {AskedMeasure::average, measure.average()};
    case scenario::Measure::kMin:
      return {AskedMeasure::min, measure.min()};
    case scenario::Measure::kMax:
      return {AskedMeasure::max, measure.max()};
    case scenario::Measure::kDistinct:
      return {AskedMeasure::distinct, measure.distinct()};
    case scenario::Measure::kNulls:
      return {AskedMeasure::nulls, measure.nulls()};
    default:
      return {AskedMeasure::sum, measure.sum()};
  }
}

struct FigureKey {
  std::size_t table = 0;  // position in the check's tables
  std::uint32_t measure = 0;
  Value group;
  auto operator<=>(const FigureKey&) const = default;
};

// What rows have in one measure. In a group they also count for its being there at all.
struct MeasuredParts : AggregateParts {
  AskedMeasure measure = AskedMeasure::sum;
  bool grouped = false;
  bool operator==(const MeasuredParts& other) const {
    if (grouped && rows != other.rows) return false;
    switch (measure) {
      case AskedMeasure::nulls:
        return nulls == other.nulls;
      case AskedMeasure::average:
        return sum == other.sum && rows - nulls == other.rows - other.nulls;
      default:
        return sum == other.sum;
    }
  }
};

class AggregateCheck : public Copied<AggregateCheck, TwoSidedCheck> {
 public:
  AggregateCheck(CheckDescription description, const scenario::Aggregate& options)
      : Copied(std::move(description), options.comparison()), options_(options) {}

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t, const Reading& reading) const override {
    return view.rows(reading);
  }
  bool suspects() const override { return !claims_.empty(); }
  void report(CheckRun& run) override;

 private:
  struct Difference {
    FigureKey key;
    ColumnId column = 0;
    AggregateParts reference, trial;
  };
  void compare_table(Context& context, std::size_t table, const Sides& sides);
  void compare_groups(Context& context, const FigureKey& measure, ColumnId column,
                      const std::vector<AggregateGroup>& reference, const std::vector<AggregateGroup>& trial);
  std::optional<AggregateRequest> request(const ReadView& view, TableId table, int measure) const;
  void offer_second_reading(Context& context, const Sides& sides);
  std::set<FigureKey> claimed(const ReadView& view, const SupposedSides& sides) const;
  bool differs(const AggregateGroup* reference, const AggregateGroup* trial) const {
    return !reference || !trial || !tolerated(reference->value, trial->value);
  }
  bool tolerated(double reference, double trial) const {
    const double difference = reference > trial ? reference - trial : trial - reference;
    const double size = reference < 0 ? -reference : reference;
    return difference <= size * (static_cast<double>(options_.tolerance_ppb()) / 1e9);
  }

  scenario::Aggregate options_;
  std::vector<RowSet> left_out_;  // by position in description().tables
  std::vector<Difference> claims_;
  std::uint64_t gone_ = 0;
};

void AggregateCheck::compare(Context& context, Sides sides) {
  const std::size_t before = again() == 0 ? 0 : claims_.size();
  if (again() == 0) gone_ = 0;
  claims_.clear();
  context.run.rows_compared = context.run.rows_unsettled = 0;
  context.run.aggregates.clear();
  left_out_.assign(sides.reference.size(), {});
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    if (sides.cut) no_data();  // window_cut needs the times of rows, which an aggregate does not read
    else if (sides.reference[i].ready && sides.trial[i].ready) compare_table(context, i, sides);
  }
  if (context.onlooker && !claims_.empty()) offer_second_reading(context, sides);
  for (const auto* side : {&sides.reference, &sides.trial})
    for (const Reading& reading : *side) context.view.close(reading);
  gone_ += before - std::min(before, claims_.size());
}

void AggregateCheck::compare_table(Context& context, std::size_t table, const Sides& sides) {
  const Reading& reference = sides.reference[table];
  const Reading& trial = sides.trial[table];
  RowSet& left_out = left_out_[table];
  context.view.left_out(reference, trial, sides.scope, left_out);
  context.run.rows_unsettled += left_out.size();
  context.run.rows_compared += std::max(context.view.rows(reference, left_out), context.view.rows(trial, left_out));
  for (int m = 0; m < options_.measures_size(); ++m)
    if (const auto wanted = request(context.view, reference.table, m))
      compare_groups(context, {table, static_cast<std::uint32_t>(m), {}}, wanted->column,
                     context.view.aggregate(reference, *wanted, left_out),
                     context.view.aggregate(trial, *wanted, left_out));
}

// None: the table has no such column.
std::optional<AggregateRequest> AggregateCheck::request(const ReadView& view, TableId table, int measure) const {
  const Asked wanted = asked(options_.measures(measure));
  const auto column = view.column(table, wanted.column);
  if (!column) return std::nullopt;
  AggregateRequest request;
  request.measure = wanted.measure;
  request.column = *column;
  if (!options_.group_by().empty()) request.group_by = view.column(table, options_.group_by());
  return request;
}

void AggregateCheck::offer_second_reading(Context& context, const Sides& sides) {
  const ReadView& view = context.view;
  const auto by_parts = [&](const Difference& d) {
    return has_parts(asked(options_.measures(static_cast<int>(d.key.measure))).measure);
  };
  if (!std::all_of(claims_.begin(), claims_.end(), by_parts)) {
    FiguresReadAgain figures(sides.reference, sides.trial, claims_.size(), [&](const SupposedSides& supposed) {
      const std::set<FigureKey> differ = claimed(view, supposed);
      std::vector<bool> all;
      for (const Difference& d : claims_) all.push_back(differ.count(d.key) > 0);
      return all;
    });
    return context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
  }
  const bool in_total = options_.group_by().empty();
  using Figures = FiguresByParts<FigureKey, MeasuredParts>;
  Figures figures(
      sides.reference, sides.trial,
      [&](std::size_t table, const Reading& reading) {
        Figures::ByKey parts;
        for (int m = 0; m < options_.measures_size(); ++m) {
          const auto wanted = request(view, reading.table, m);
          if (!wanted || !has_parts(wanted->measure)) continue;
          for (const AggregateGroup& group : view.aggregate(reading, *wanted, left_out_[table]))
            parts[{table, static_cast<std::uint32_t>(m), group.group}] = {group.parts, wanted->measure, !in_total};
        }
        return parts;
      },
      [&](const FigureKey& key, const MeasuredParts& reference, const MeasuredParts& trial) {
        const TableId table = description().tables[key.table];
        const auto wanted = request(view, table, static_cast<int>(key.measure));
        const auto group = [&](const AggregateParts& parts) {
          return AggregateGroup{key.group, of_parts(wanted->measure, parts, view.unit(table, wanted->column)),
                                parts.rows, parts};
        };
        const AggregateGroup a = group(reference), b = group(trial);
        const auto there = [&](const AggregateGroup& g) { return in_total || g.rows > 0 ? &g : nullptr; };
        return (there(a) || there(b)) && differs(there(a), there(b));
      });
  for (const Difference& d : claims_) {
    const AskedMeasure measure = asked(options_.measures(static_cast<int>(d.key.measure))).measure;
    figures.add(d.key, {d.reference, measure, !in_total}, {d.trial, measure, !in_total});
  }
  context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
}

std::set<FigureKey> AggregateCheck::claimed(const ReadView& view, const SupposedSides& sides) const {
  std::set<FigureKey> differ;
  for (std::size_t table = 0; table < sides.reference.size(); ++table)
    for (int m = 0; m < options_.measures_size(); ++m) {
      const auto wanted = request(view, description().tables[table], m);
      if (!wanted || !sides.reference[table].ready || !sides.trial[table].ready) continue;
      for_each_group(view.aggregate(sides.reference[table], *wanted, left_out_[table]),
                     view.aggregate(sides.trial[table], *wanted, left_out_[table]),
                     [&](const AggregateGroup* a, const AggregateGroup* b) {
                       if (differs(a, b)) differ.insert({table, static_cast<std::uint32_t>(m), (a ? a : b)->group});
                     });
    }
  return differ;
}

// A group that one side lacks counts as nothing there, and differs.
void AggregateCheck::compare_groups(Context& context, const FigureKey& measure, ColumnId column,
                                    const std::vector<AggregateGroup>& reference,
                                    const std::vector<AggregateGroup>& trial) {
  const bool in_total = options_.group_by().empty();
  const TableId table = description().tables[measure.table];
  for_each_group(reference, trial, [&](const AggregateGroup* a, const AggregateGroup* b) {
    AggregateFigure figure;
    figure.table = table;
    figure.measure = measure.measure;
    if (a) figure.reference = a->value;
    if (b) figure.trial = b->value;
    figure.differs = differs(a, b);
    if (!in_total) figure.group = context.view.value_text(table, options_.group_by(), (a ? a : b)->group);
    if (figure.differs)
      claims_.push_back({{measure.table, measure.measure, (a ? a : b)->group},
                         column,
                         a ? a->parts : AggregateParts{},
                         b ? b->parts : AggregateParts{}});
    if ((in_total || figure.differs) && context.run.aggregates.size() < figures_kept)
      context.run.aggregates.push_back(std::move(figure));
  });
}

void AggregateCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (const Difference& d : claims_)
    run.claim({.row = no_key,
               .table = description().tables[d.key.table],
               .kind = scenario::AGGREGATE,
               .columns = std::uint64_t{1} << std::min<int>(d.column, 63)});
  run.found[scenario::TIMING] += gone_;
}

}  // namespace

std::unique_ptr<Check> make_aggregate(const scenario::Check& check, const ReadView& view,
                                      CheckDescription description) {
  describe(description, check.aggregate().comparison(), view);
  return aggregate_check(std::move(description), check.aggregate());
}

std::unique_ptr<Check> aggregate_check(CheckDescription description, const scenario::Aggregate& options) {
  return std::make_unique<AggregateCheck>(std::move(description), options);
}

}  // namespace rehearse
