// The kinds of checks, which are those of the schema: a new kind is one file with its make_NAME, and one line with its
// message in scenarios/schema/checks.proto. What makes which is generated from there when the build is configured.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "harness/reconcile/check.h"

namespace rehearse {

struct CheckMaker {
  std::string_view kind;  // as scenarios name it
  std::unique_ptr<Check> (*make)(const scenario::Check& check, const ReadView& view, CheckDescription description);
};
const std::vector<CheckMaker>& check_makers();  // in the order of the schema

// Makes check number `index` of a validated scenario.
std::unique_ptr<Check> make_check(const scenario::Check& check, std::uint32_t index, const ReadView& view);

// Helpers for the kinds.
void describe(CheckDescription& description, const scenario::Comparison& comparison, const ReadView& view);
void describe(CheckDescription& description, const scenario::Observation& observation, const ReadView& view);
// The tables of the datasets; all that every one of the stores holds if none is named.
std::vector<TableId> tables_of(const google::protobuf::RepeatedPtrField<std::string>& datasets,
                               const std::vector<StoreId>& stores, const ReadView& view);
StoreId store_named(const std::string& name, const ReadView& view);
std::vector<ColumnId> columns_of(const google::protobuf::RepeatedPtrField<std::string>& names, const ReadView& view,
                                 TableId table);

SeenFrom seen_from(scenario::Observation::SeenFrom given);

// An aggregate check that was asked for in other words.
std::unique_ptr<Check> aggregate_check(CheckDescription description, const scenario::Aggregate& options);

}  // namespace rehearse
