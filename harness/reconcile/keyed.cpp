#include "harness/reconcile/keyed.h"

#include <fmt/format.h>

#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

constexpr std::int64_t whole_ppb = 1'000'000'000;

}  // namespace

DiscrepancyClass class_of(KeyClass kind) {
  switch (kind) {
    case KeyClass::missing:
      return scenario::MISSING;
    case KeyClass::extra:
      return scenario::EXTRA;
    case KeyClass::duplicate:
      return scenario::DUPLICATE;
    case KeyClass::mismatch:
      break;
  }
  return scenario::MISMATCH;
}

std::uint64_t bits_of(const std::vector<ColumnId>& columns) {
  std::uint64_t set = 0;
  for (const ColumnId column : columns) set |= std::uint64_t{1} << std::min<int>(column, 63);
  return set;
}

KeyedCheck::KeyedCheck(CheckDescription description, const scenario::Comparison& comparison, Options options,
                       const ReadView& view)
    : Copied(std::move(description), comparison),
      options_(std::move(options)),
      suspects_(this->description().tables.size()) {
  for (const TableId table : this->description().tables)
    draws_.push_back(view.draws(fmt::format("check.{}.sample.{}", this->description().name, view.dataset_name(table))));
}

std::vector<std::uint64_t> compared_columns(const google::protobuf::RepeatedPtrField<std::string>& names,
                                            const std::vector<TableId>& tables, const ReadView& view) {
  std::vector<std::uint64_t> compares;
  if (!names.empty())
    for (const TableId table : tables) compares.push_back(bits_of(columns_of(names, view, table)));
  return compares;
}

CompareRequest KeyedCheck::request(const Context& context, std::size_t i, const Sides& sides) const {
  const TableId table = description().tables[i];
  CompareRequest request;
  request.columns = columns_of(options_.columns, context.view, table);
  request.scope = sides.scope;
  request.reread_source = rereads();
  if (sides.cut) request.cut = {context.view.created_at_column(table), *sides.cut};
  if (options_.sample_ppb >= whole_ppb) return request;
  request.sample = chance(static_cast<std::uint64_t>(options_.sample_ppb), whole_ppb);
  request.sample_stream = draws_[i];
  request.sample_run = context.run.number;
  return request;
}

void KeyedCheck::compare(Context& context, Sides sides) {
  if (again() == 0) gone_ = 0;
  for (std::size_t i = 0; i < suspects_.size(); ++i) {
    const TableId table = description().tables[i];
    Comparison& comparison = context.comparisons.of(*description().reference, description().trial, table);
    if (sides.cut && !context.view.knows_creation_times(table)) {
      no_data();
      sides.reference[i].ready = false;
    }
    const CompareRequest asked = request(context, i, sides);
    if (again() == 0) {
      CompareAnswer answer =
          comparison.evaluate(context.view, std::move(sides.reference[i]), std::move(sides.trial[i]), asked);
      context.run.rows_compared += answer.rows_compared;
      context.run.rows_unsettled += answer.rows_unsettled;
      note_reread(answer.rows_reread);
      suspects_[i] = std::move(answer.differences);
      drop_other_classes(suspects_[i]);
      continue;
    }
    CompareAnswer answer = comparison.look_again(context.view, sides.reference[i], sides.trial[i], asked, suspects_[i]);
    note_reread(answer.rows_reread);
    context.view.close(sides.reference[i]);
    context.view.close(sides.trial[i]);
    drop_other_classes(answer.differences);
    gone_ += suspects_[i].size() - std::min(suspects_[i].size(), answer.differences.size());
    suspects_[i] = std::move(answer.differences);
  }
}

void KeyedCheck::drop_other_classes(std::vector<KeyDifference>& differences) const {
  std::erase_if(differences, [&](const KeyDifference& d) { return (options_.classes >> class_of(d.kind) & 1) == 0; });
}

std::uint64_t KeyedCheck::rows_to_read(const ReadView& view, std::size_t table, const Reading& reading) const {
  if (again() > 0) return suspects_[table].size();
  const std::uint64_t rows = view.rows(reading);
  if (options_.sample_ppb >= whole_ppb) return rows;
  return static_cast<std::uint64_t>(static_cast<Unsigned128>(rows) * static_cast<std::uint64_t>(options_.sample_ppb) /
                                    whole_ppb);
}

bool KeyedCheck::suspects() const {
  return std::any_of(suspects_.begin(), suspects_.end(), [](const auto& of_table) { return !of_table.empty(); });
}

void KeyedCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (std::size_t i = 0; i < suspects_.size(); ++i)
    for (const KeyDifference& difference : suspects_[i])
      run.claim({.row = difference.row,
                 .table = description().tables[i],
                 .kind = static_cast<std::uint8_t>(class_of(difference.kind)),
                 .columns = options_.says_columns ? bits_of(difference.columns) : 0});
  run.found[scenario::TIMING] += gone_;
}

}  // namespace rehearse
