// A consumer's reads mirrored to the candidate, and the noise taken off: what Diffy does with three services.
//
// At one instant the same rows are asked of the store in use and of the candidate; `again_after` later the store in use
// is asked again, and what it answers differently by then is noise. A column differs if the share of answers that
// differ (raw) is above `absolute`, and (raw - noise) / (raw + noise) above `relative`; each such column is a claim
// about the table. The reading for metrics is the share of answers that differ in any column, less the noise.
// Source of the rule: Diffy's default thresholds. Nothing is aligned: the noise is to do that, and it knows only how
// often the store in use changes, not how far behind either store is.
#include <map>

#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"
#include "harness/reconcile/schedule.h"
#include "harness/reconcile/second_reading.h"

namespace rehearse {
namespace {

constexpr double billion = 1e9;

// How many of the answers differ, by column and at all; a row that one side lacks differs in all columns.
struct Differing {
  std::map<ColumnId, std::uint64_t> columns;
  std::uint64_t answers = 0;
};

class ShadowConsumerCheck : public Copied<ShadowConsumerCheck> {
 public:
  ShadowConsumerCheck(CheckDescription description, const scenario::ShadowConsumer& options, const ReadView& view)
      : Copied(std::move(description)),
        options_(options),
        draws_(view.draws("check." + this->description().name + ".reads")) {}

  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = context.view.ready(in_use()) && context.view.ready(description().trial);
    if (!run.data) return std::nullopt;
    keys_.clear();
    for (const RowId row :
         context.view.drawn_keys(options_.as(), draws_, run.number, static_cast<std::uint32_t>(options_.reads())))
      keys_.push_back({.row = row, .kind = KeyClass::missing, .columns = {}});
    first_answer_ = context.view.open(in_use(), table());
    candidate_ = context.view.open(description().trial, table());
    raw_ = differing(context.view, first_answer_, candidate_);
    if (context.onlooker) context.onlooker->has_read(description(), run);
    run.rows_compared = keys_.size();
    return context.view.now() + Duration{options_.again_after_ns()};
  }

  Next go_on(Context context) override {
    const Reading again = context.view.open(in_use(), table());
    const Differing noise = differing(context.view, first_answer_, again);
    context.view.close(again);
    CheckRun& run = context.run;
    run.last_read = context.view.now();
    run.data = !keys_.empty();
    if (run.data) {
      run.measured =
          static_cast<double>(raw_.answers - std::min(raw_.answers, noise.answers)) / static_cast<double>(keys_.size());
      claim_columns(context, noise);
    }
    context.view.close(first_answer_);
    context.view.close(candidate_);
    return std::nullopt;
  }

 private:
  StoreId in_use() const { return *description().reference; }
  TableId table() const { return description().tables.front(); }

  void claim_columns(Context& context, const Differing& noise) {
    const std::vector<ColumnId> columns = noticed(raw_, noise);
    for (const ColumnId column : columns)
      context.run.claim({.table = table(), .kind = scenario::AGGREGATE, .columns = bits_of({column})});
    if (!context.onlooker || columns.empty()) return;
    const std::vector<Reading> in_use{first_answer_}, candidate{candidate_};
    FiguresReadAgain figures(in_use, candidate, columns.size(), [&](const SupposedSides& supposed) {
      const std::vector<ColumnId> then =
          noticed(differing(context.view, supposed.reference.front(), supposed.trial.front()), noise);
      std::vector<bool> claimed;
      for (const ColumnId column : columns)
        claimed.push_back(std::find(then.begin(), then.end(), column) != then.end());
      return claimed;
    });
    context.onlooker->claims_figures(description(), context.run, in_use, candidate, figures);
  }

  std::vector<ColumnId> noticed(const Differing& raw, const Differing& noise) const {
    std::vector<ColumnId> columns;
    for (const auto& [column, count] : raw.columns) {
      const auto noisy = noise.columns.find(column);
      if (beyond_noise(static_cast<double>(count),
                       noisy == noise.columns.end() ? 0 : static_cast<double>(noisy->second),
                       static_cast<double>(keys_.size())))
        columns.push_back(column);
    }
    return columns;
  }

  bool beyond_noise(double raw, double noise, double reads) const {
    if (raw <= noise) return false;
    const bool relative = (raw - noise) * billion > static_cast<double>(options_.relative_ppb()) * (raw + noise);
    return relative && raw * billion > static_cast<double>(options_.absolute_ppb()) * reads;
  }

  Differing differing(const ReadView& view, const Reading& a, const Reading& b) const {
    CompareRequest request;
    request.scope = Scope::all;
    Comparison comparison(a.store, b.store, a.table);
    Differing found;
    std::optional<RowId> last;
    for (const KeyDifference& difference : comparison.look_again(view, a, b, request, keys_).differences) {
      found.answers += last != difference.row;
      last = difference.row;
      const bool whole = difference.kind == KeyClass::missing || difference.kind == KeyClass::extra;
      for (const ColumnId column : whole ? view.contract_columns(a.table) : difference.columns) ++found.columns[column];
    }
    return found;
  }

  scenario::ShadowConsumer options_;
  Stream draws_;
  std::vector<KeyDifference> keys_;
  Reading first_answer_, candidate_;
  Differing raw_;
};

}  // namespace

std::unique_ptr<Check> make_shadow_consumer(const scenario::Check& check, const ReadView& view,
                                            CheckDescription description) {
  const scenario::ShadowConsumer& options = check.shadow_consumer();
  description.reference = store_named(options.between(0), view);
  description.trial = store_named(options.between(1), view);
  description.tables = {view.table_read_by(options.as())};
  description.severity = options.severity();
  description.align = scenario::NAIVE;
  description.due = recurrence(options.runs(), view.start_unix_ns());
  return std::make_unique<ShadowConsumerCheck>(std::move(description), options, view);
}

}  // namespace rehearse
