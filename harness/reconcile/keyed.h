// Checks that compare two sides key by key: they differ in which columns they read, of which keys, and what they say.
#pragma once

#include <memory>

#include "harness/reconcile/two_sided.h"

namespace rehearse {

DiscrepancyClass class_of(KeyClass kind);
std::uint64_t bits_of(const std::vector<ColumnId>& columns);  // as Claim::columns
// As CheckDescription::compares, of the columns that a check names.
std::vector<std::uint64_t> compared_columns(const google::protobuf::RepeatedPtrField<std::string>& names,
                                            const std::vector<TableId>& tables, const ReadView& view);

class KeyedCheck : public Copied<KeyedCheck, TwoSidedCheck> {
 public:
  struct Options {
    google::protobuf::RepeatedPtrField<std::string> columns;  // none: those of the contract
    std::int64_t sample_ppb = 1'000'000'000;                  // of keys, drawn afresh each run
    bool says_columns = false;                                // a hash tells only that a row differs
    std::uint32_t classes = ~std::uint32_t{0};                // bit by DiscrepancyClass: what it looks for
  };
  KeyedCheck(CheckDescription description, const scenario::Comparison& comparison, Options options,
             const ReadView& view);

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t table, const Reading& reading) const override;
  bool suspects() const override;
  void report(CheckRun& run) override;

 private:
  void drop_other_classes(std::vector<KeyDifference>& differences) const;
  CompareRequest request(const Context& context, std::size_t table, const Sides& sides) const;
  Options options_;
  std::vector<Stream> draws_;                         // of each table a sample of its own, by position likewise
  std::vector<std::vector<KeyDifference>> suspects_;  // by position in description().tables
  std::uint64_t gone_ = 0;                            // suspects that a re-check did not find again
};

}  // namespace rehearse
