// A batch job: each cycle extracts from the source and loads into its store.
//
// Models: a consistent snapshot at the cycle's start, an incremental extract forward by the row's updated_at, what a
// recorded PostgreSQL snapshot saw, or everything up to a log position; a load that replaces the store in one atomic
// step at the end, or merges; failures in mid-cycle with retries; late starts; pause and resume; versions of the store
// kept for a rollback; what becomes of cycles that a pause kept from starting. Extract and load together take rows /
// rate. Leaves out: torn chunked scans, append loads, and
// the load that extracts put on the source.
// Invariant: a cycle that fails leaves the store as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/capture/positions.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "sim/kernel/time.h"
#include "sim/pipelines/connector.h"
#include "sim/pipelines/mapping.h"
#include "sim/pipelines/tap.h"
#include "sim/source/source.h"

namespace rehearse {

struct BatchOptions {
  enum class Extract : std::uint8_t { snapshot, incremental, visible, up_to_lsn } extract = Extract::snapshot;
  enum class Load : std::uint8_t { replace, merge } load = Load::replace;
  Duration overlap;  // of the incremental extract
  // By table: whether its cursor is a row's creation, which an update leaves as it is, and not its last update.
  std::vector<bool> forward_by_creation = std::vector<bool>(max_tables, false);
  PgSnapshot visible;
  std::uint64_t up_to_commit_lsn = 0;
  Duration row_time;                          // 1 / rate
  Chance failure;                             // of an attempt
  std::vector<std::uint64_t> failing_cycles;  // whose first attempt fails; from 1
  Duration retry_after = minute * 10;
  std::uint32_t max_retries = 3;
  Sampler late_start;
  // Of cycles that should have started while the job was held, when nobody holds it any more.
  enum class CatchUp : std::uint8_t { none, latest, all } catch_up = CatchUp::none;
  std::uint32_t keep_snapshots = 1;
  SchemaMode schema_changes = SchemaMode::follow;
  std::vector<Mistake> mistakes;  // without causes: the world names them
  std::vector<OwnRule> own_rules;
};

class BatchPipeline {
 public:
  BatchPipeline() = default;
  BatchPipeline(const BatchOptions& options, std::uint64_t seed, const std::string& name, std::vector<bool> tables)
      : options_(options),
        tables_(std::move(tables)),
        failures_(stream(seed, name + ".failures")),
        late_starts_(stream(seed, name + ".late_starts")),
        mapping_(options.schema_changes) {}

  // The content that the store had when the rehearsal began: the source as of the start.
  void preload(const Source& source, std::vector<TableCopy>& store);

  Duration late_start(std::uint64_t cycle) const { return options_.late_start(bits(late_starts_, cycle)); }

  struct Attempt {
    Duration takes;
    bool fails;
  };
  // Starts an attempt of a cycle now: fixes what will be loaded and says when it ends, and how.
  Attempt begin(std::uint64_t cycle, std::uint32_t attempt, Time now, Source& source, MarkTable& marks);
  // Ends it: with a load, or without one.
  struct LoadContext {
    Source& source;
    std::vector<TableCopy>& store;
    MarkTable& marks;
    CauseTable& causes;
    const Content& content;
  };
  void load(const LoadContext& context);
  void fail(Source& source);
  bool running() const { return running_; }

  bool reads(TableId table) const { return tables_[table]; }
  // Of the last completed cycle: what the store's content is of.
  Time as_of() const { return as_of_; }
  Lsn position() const { return position_; }
  Lsn needed_from() const { return running_ ? std::min(position_, extract_position_) : position_; }
  std::uint64_t cycles_loaded() const { return cycles_loaded_; }
  // The load, counted from 1, whose content the store holds or was put back to; 0 = the content at the start.
  std::uint64_t content_of_load() const { return content_of_load_; }
  std::uint64_t restores() const { return restores_; }

  // Puts back version `back` (1 = the last load's content, 2 = the one before); false if it is not kept.
  bool restore(std::uint32_t back, std::vector<TableCopy>& store);
  std::size_t versions() const { return versions_.size(); }

  const BatchOptions& options() const { return options_; }
  ColumnMapping& mapping() { return mapping_; }
  Taps taps;  // between extract and load: a dropped row is not loaded, an altered one is; other fates mean nothing here

 private:
  struct Version {  // of the store's content: what has changed since is in the store's journal
    std::uint64_t load = 0;
    std::vector<TableCopy::Snapshot> tables;
    Time as_of;
    Lsn position = 0;
  };
  // What it reads of the source for a table.
  TableId extracted_for(TableId table) const;
  void extract_incremental(TableId table, const Source& source);
  Time cursor_of(TableId table, RowId row, const Source& source) const;
  // Puts rows of one table into the store, as mapping and taps let them through.
  void put_rows(TableId table, std::vector<RowCell>& rows, const LoadContext& context);
  bool loads_as_they_are(TableId table, const LoadContext& context) const;
  void show_no_defaults(TableId table, const LoadContext& context) const;
  // Before a load: its store notes no changes for a version that goes.
  void make_room_for_version(std::vector<TableCopy>& store);
  void keep_version(std::vector<TableCopy>& store);

  BatchOptions options_;
  std::vector<bool> tables_;
  Stream failures_;
  Stream late_starts_;
  ColumnMapping mapping_;
  Time as_of_;
  Lsn position_ = 0;
  std::uint64_t cycles_loaded_ = 0;
  std::uint64_t content_of_load_ = 0;
  std::uint64_t restores_ = 0;
  std::vector<Version> versions_;  // oldest first

  // Of the attempt under way.
  bool running_ = false;
  Time extract_at_;
  Lsn extract_position_ = 0;
  std::vector<std::optional<TableCopy::Snapshot>> snapshots_;  // by table: consistent snapshot
  std::vector<std::vector<RowCell>> extracted_;                // by table: rows of the other kinds of extract
  std::vector<Time> cursor_ = std::vector<Time>(max_tables, Time::before_all());
  std::vector<Time> next_cursor_ = std::vector<Time>(max_tables, Time::before_all());
};

}  // namespace rehearse
