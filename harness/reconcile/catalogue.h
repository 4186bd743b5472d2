// The kinds of checks: one line each. A new kind is one file, one line here and one message in the schema.
#pragma once

#include <memory>

#include "harness/reconcile/check.h"

namespace rehearse {

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

// By kind, each in the file of its name.
std::unique_ptr<Check> make_row_count(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_sampled_hash(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_keyed_hash(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_field_compare(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_aggregate(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_duplicates(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_latency(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_freshness(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_sql(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_command(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_library(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_key_coverage(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_checksum(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_count_distinct(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_referential(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_dual_read(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_shadow_consumer(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_schema_compatibility(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_position_continuity(const scenario::Check&, const ReadView&, CheckDescription);
std::unique_ptr<Check> make_lag(const scenario::Check&, const ReadView&, CheckDescription);

// An aggregate check that was asked for in other words.
std::unique_ptr<Check> aggregate_check(CheckDescription description, const scenario::Aggregate& options);

}  // namespace rehearse
