// Orphans: rows of the second side that refer to a parent which that side lacks.
//
// An orphan that the first side has as well is the source's own and is not claimed. A claim is about the pair: where
// the first side has the parent, the parent is missing; otherwise the child is there too much, or refers to something
// else than it should. Rows that the alignment leaves out, as child or as parent, are not judged. NULL refers to
// nothing. Sees no error that leaves every reference with its parent.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/keyed.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

// The rows of one side that can be referred to, by key.
class Parents {
 public:
  explicit Parents(std::vector<RowValue> keys) : keys_(std::move(keys)) {
    std::sort(keys_.begin(), keys_.end(), [](const RowValue& a, const RowValue& b) { return a.value < b.value; });
  }
  std::optional<RowId> find(const Value& key) const {
    const auto at = std::partition_point(keys_.begin(), keys_.end(), [&](const RowValue& k) { return k.value < key; });
    return at != keys_.end() && at->value == key ? std::optional(at->row) : std::nullopt;
  }

 private:
  std::vector<RowValue> keys_;
};

class ReferentialCheck : public Copied<ReferentialCheck, TwoSidedCheck> {
 public:
  ReferentialCheck(CheckDescription description, const scenario::Referential& options, const ReadView& view)
      : Copied(std::move(description), options.comparison()) {
    const TableSchema& parent = view.schema(this->description().tables[parent_]);
    column_ = view.column(this->description().tables[child_], options.column());
    for (std::size_t id = 0; id < parent.columns.size(); ++id)
      if (parent.columns[id].role == ColumnRole::key) key_ = static_cast<ColumnId>(id);
  }

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t, const Reading& reading) const override {
    return view.rows(reading);
  }
  bool suspects() const override { return !orphans_.empty(); }
  void report(CheckRun& run) override {
    if (!run.data) return;
    for (const Claim& orphan : orphans_) run.claim(orphan);
    run.found[scenario::TIMING] += gone_;
  }

 private:
  static constexpr std::size_t child_ = 0, parent_ = 1;
  std::vector<Claim> find(Context& context, const Sides& sides);

  std::optional<ColumnId> column_, key_;
  RowSet left_out_[2];
  std::vector<Claim> orphans_;  // by child row
  std::uint64_t gone_ = 0;
};

void ReferentialCheck::compare(Context& context, Sides sides) {
  if (!column_ || !key_ || sides.cut) no_data();
  bool ready = column_ && key_ && !sides.cut;
  for (const auto* side : {&sides.reference, &sides.trial})
    for (const Reading& reading : *side) ready = ready && reading.ready;
  if (again() == 0) gone_ = 0;
  if (ready) {
    std::vector<Claim> found = find(context, sides);
    if (again() > 0) {
      const std::size_t before = orphans_.size();
      std::erase_if(found, [&](const Claim& claim) {
        return std::none_of(orphans_.begin(), orphans_.end(), [&](const Claim& o) { return o.row == claim.row; });
      });
      gone_ += before - std::min(before, found.size());
    }
    orphans_ = std::move(found);
  }
  for (const auto* side : {&sides.reference, &sides.trial})
    for (const Reading& reading : *side) context.view.close(reading);
}

std::vector<Claim> ReferentialCheck::find(Context& context, const Sides& sides) {
  const ReadView& view = context.view;
  for (const std::size_t table : {child_, parent_})
    view.left_out(sides.reference[table], sides.trial[table], sides.scope, left_out_[table]);
  const std::vector<RowValue> children = view.column_values(sides.trial[child_], *column_);
  const std::vector<RowValue> source_children = view.column_values(sides.reference[child_], *column_);
  const Parents here(view.column_values(sides.trial[parent_], *key_));
  const Parents there(view.column_values(sides.reference[parent_], *key_));
  context.run.rows_compared = children.size();
  context.run.rows_unsettled = left_out_[child_].size() + left_out_[parent_].size();
  std::vector<Claim> orphans;
  auto source_child = source_children.begin();
  for (const RowValue& child : children) {
    while (source_child != source_children.end() && source_child->row < child.row) ++source_child;
    if (child.value.kind == Value::Kind::null || left_out_[child_].contains(child.row) || here.find(child.value))
      continue;
    const bool known = source_child != source_children.end() && source_child->row == child.row;
    const std::optional<RowId> parent = there.find(child.value);
    if (parent && left_out_[parent_].contains(*parent)) continue;
    if (!parent && known && source_child->value == child.value) continue;  // the source's own
    Claim claim{.row = child.row, .table = description().tables[child_]};
    claim.kind = parent ? scenario::MISSING : known ? scenario::MISMATCH : scenario::EXTRA;
    if (parent) {
      claim.about = Claim::About::pair;
      claim.other_table = description().tables[parent_];
      claim.other = *parent;
    }
    orphans.push_back(claim);
  }
  return orphans;
}

}  // namespace

std::unique_ptr<Check> make_referential(const scenario::Check& check, const ReadView& view,
                                        CheckDescription description) {
  const scenario::Referential& options = check.referential();
  describe(description, options.comparison(), view);
  description.tables.clear();
  for (const std::string& dataset : {options.child(), options.parent()}) {
    const auto table = view.dataset_table(dataset);
    REHEARSE_ASSERT(table.has_value(), "a validated scenario names only datasets that it has");
    description.tables.push_back(*table);
  }
  const auto refers = view.column(description.tables.front(), options.column());
  description.compares = {refers ? bits_of({*refers}) : 0, 0};
  return std::make_unique<ReferentialCheck>(std::move(description), options, view);
}

}  // namespace rehearse
