// COUNT and the sum, or exclusive or, of all rows' hashes on both sides: by table, by chunk of keys, or by bisection.
//
// By table or chunk a difference is one claim about the range. With `split` a chunk that differs is asked about again
// in parts, round by round, until a part is small enough to be read and compared row by row; the claims are then of
// rows. Every round reads its ranges again, within the same two snapshots, and takes its time; the run reports rows and
// rounds. A hash knows no tolerance: columns that have one in the contract are left out unless the check names them.
// Rows that the alignment leaves out are left out of both sides' sums. Blind to whatever leaves the sums equal.
// Left out: windows (`window_cut`): a checksum reads no times.
#include "harness/reconcile/checksum.h"

#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/second_reading.h"
#include "harness/reconcile/two_sided.h"

namespace rehearse {
namespace {

using checksums::Suspect;

checksums::Options options_of(const scenario::Checksum& given) {
  checksums::Options options;
  options.combine =
      given.combine() == scenario::Checksum::XOR ? checksums::Combine::exclusive_or : checksums::Combine::sum;
  if (!given.has_chunks()) return options;
  const scenario::Chunks& chunks = given.chunks();
  switch (chunks.like()) {
    case scenario::Chunks::SYNC_DIFF_INSPECTOR:
      options.chunk_rows = 50'000;
      options.split = 2;
      options.down_to = 1'000;
      break;
    case scenario::Chunks::DATA_DIFF:
      options.split = 32;
      options.down_to = 16'384;
      break;
    case scenario::Chunks::PT_TABLE_CHECKSUM:
      options.chunk_rows = 1'000;
      break;
    default:
      options.chunk_rows = static_cast<std::uint64_t>(chunks.rows());
      options.split = static_cast<std::uint32_t>(chunks.split());
      options.down_to = static_cast<std::uint64_t>(chunks.down_to());
  }
  return options;
}

class ChecksumCheck : public Copied<ChecksumCheck, TwoSidedCheck> {
 public:
  ChecksumCheck(CheckDescription description, const scenario::Checksum& given)
      : Copied(std::move(description), given.comparison()),
        given_(given),
        options_(options_of(given)),
        suspects_(this->description().tables.size()) {}

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t table, const Reading& reading) const override {
    return again() == 0 || !suspects_[table].empty() ? view.rows(reading) : 0;
  }
  bool suspects() const override {
    return std::any_of(suspects_.begin(), suspects_.end(), [](const auto& of_table) { return !of_table.empty(); });
  }
  Duration more_time() const override { return more_time_; }
  void report(CheckRun& run) override;

 private:
  void compare_table(Context& context, std::size_t table, const Sides& sides);
  checksums::Rows hashes(const ReadView& view, const Reading& reading, const RowSet& left_out) const;
  void offer_second_reading(Context& context, const Sides& sides);
  std::vector<Suspect> still_suspect(const std::vector<Suspect>& before, const checksums::Rows& reference,
                                     const checksums::Rows& trial) const;

  scenario::Checksum given_;
  checksums::Options options_;
  std::vector<std::vector<Suspect>> suspects_;  // by position in description().tables
  Duration more_time_;
  std::vector<RowSet> left_out_;  // by position in description().tables, and what was read: of the pass under way
  std::vector<checksums::Rows> reference_rows_, trial_rows_;
  std::uint64_t gone_ = 0;
};

void ChecksumCheck::compare(Context& context, Sides sides) {
  if (again() == 0) gone_ = 0;
  more_time_ = {};
  context.run.rows_compared = context.run.rows_unsettled = 0;
  left_out_.assign(sides.reference.size(), {});
  reference_rows_.assign(sides.reference.size(), {});
  trial_rows_.assign(sides.reference.size(), {});
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    if (sides.cut) no_data();
    if (sides.reference[i].ready && sides.trial[i].ready && !sides.cut) compare_table(context, i, sides);
  }
  if (context.onlooker && options_.split < 2 && suspects()) offer_second_reading(context, sides);
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    context.view.close(sides.reference[i]);
    context.view.close(sides.trial[i]);
  }
  left_out_.clear(), reference_rows_.clear(), trial_rows_.clear();
}

// Of ranges whose sums differ; rows that are compared one by one are told as rows.
void ChecksumCheck::offer_second_reading(Context& context, const Sides& sides) {
  using Figures = FiguresByParts<std::pair<std::size_t, RowId>, checksums::Sums>;  // by table and the range's first row
  Figures figures(
      sides.reference, sides.trial,
      [&](std::size_t table, const Reading& reading) {
        const checksums::Rows rows = hashes(context.view, reading, left_out_[table]);
        Figures::ByKey sums;
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const auto beyond = std::partition_point(suspects_[table].begin(), suspects_[table].end(),
                                                   [&](const Suspect& s) { return s.range.last < rows[i].row; });
          if (beyond == suspects_[table].end() || rows[i].row < beyond->range.first) continue;
          sums[{table, beyond->range.first}] += checksums::sums_of({rows[i]}, beyond->range);
        }
        return sums;
      },
      [&](const auto&, const checksums::Sums& reference, const checksums::Sums& trial) {
        return checksums::differ(reference, trial, options_.combine);
      });
  for (std::size_t table = 0; table < suspects_.size(); ++table)
    for (const Suspect& suspect : suspects_[table])
      figures.add({table, suspect.range.first}, checksums::sums_of(reference_rows_[table], suspect.range),
                  checksums::sums_of(trial_rows_[table], suspect.range));
  context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
}

void ChecksumCheck::compare_table(Context& context, std::size_t table, const Sides& sides) {
  const Reading& a = sides.reference[table];
  const Reading& b = sides.trial[table];
  context.view.left_out(a, b, sides.scope, left_out_[table]);
  context.run.rows_unsettled += left_out_[table].size();
  const checksums::Rows& reference = reference_rows_[table] = hashes(context.view, a, left_out_[table]);
  const checksums::Rows& trial = trial_rows_[table] = hashes(context.view, b, left_out_[table]);
  context.run.rows_compared += std::max(reference.size(), trial.size());
  if (again() > 0) {
    const std::size_t before = suspects_[table].size();
    suspects_[table] = still_suspect(suspects_[table], reference, trial);
    gone_ += before - std::min(before, suspects_[table].size());
    return;
  }
  checksums::Cost cost;
  suspects_[table] =
      checksums::search(reference, trial, checksums::chunks_of(reference, options_.chunk_rows), options_, cost);
  context.run.rows_read += cost.rows_read;
  context.run.rounds += cost.rounds;
  // The pass itself pays for one reading of each side.
  const std::uint64_t paid = reference.size() + trial.size();
  more_time_ += time_to_read(cost.rows_read - std::min(cost.rows_read, paid)) +
                Duration{given_.chunks().round_trip_ns()} * static_cast<std::int64_t>(cost.rounds);
}

checksums::Rows ChecksumCheck::hashes(const ReadView& view, const Reading& reading, const RowSet& left_out) const {
  std::vector<ColumnId> columns = columns_of(given_.columns(), view, reading.table);
  if (columns.empty()) {
    columns = view.contract_columns(reading.table);
    const TableSchema& schema = view.schema(reading.table);
    std::erase_if(columns, [&](ColumnId c) { return schema.columns[c].equality.tolerates(); });
  }
  const KeyInHash key = given_.hash_key() ? KeyInHash::included : KeyInHash::left_out;
  return view.row_hashes(reading, columns, key, left_out);
}

// A re-check asks about the same ranges and rows again.
std::vector<Suspect> ChecksumCheck::still_suspect(const std::vector<Suspect>& before, const checksums::Rows& reference,
                                                  const checksums::Rows& trial) const {
  std::vector<Suspect> still;
  std::optional<RowId> asked;  // a row may differ in two ways, and is asked about once
  for (const Suspect& suspect : before) {
    if (!suspect.row) {
      if (checksums::differs(reference, trial, suspect.range, options_.combine)) still.push_back(suspect);
    } else if (asked != suspect.range.first) {
      asked = suspect.range.first;
      checksums::compare_rows(reference, trial, suspect.range, still);
    }
  }
  return still;
}

void ChecksumCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (std::size_t i = 0; i < suspects_.size(); ++i)
    for (const Suspect& suspect : suspects_[i]) {
      Claim claim{.table = description().tables[i], .kind = static_cast<std::uint8_t>(suspect.kind)};
      const bool whole = suspect.range.first == 0 && suspect.range.last == no_key;
      if (suspect.row) {
        claim.row = suspect.range.first;
      } else if (!whole) {
        claim.about = Claim::About::range;
        claim.row = suspect.range.first;
        claim.other = suspect.range.last;
      }
      run.claim(claim);
    }
  run.found[scenario::TIMING] += gone_;
}

}  // namespace

std::unique_ptr<Check> make_checksum(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.checksum().comparison(), view);
  return std::make_unique<ChecksumCheck>(std::move(description), check.checksum());
}

}  // namespace rehearse
