#include "harness/campaign/row_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/campaign/made_of.h"
#include "harness/campaign/run.h"
#include "harness/campaign/stage.h"
#include "harness/judge/claims.h"
#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

// ---- which row -----------------------------------------------------------------------------------------------------

std::optional<TableId> table_named(const World& world, const std::string& name, std::string& error) {
  std::vector<std::string> names;
  for (TableId table = 0; table < world.source.tables(); ++table) {
    if (world.source.meant(table) != table) continue;
    names.push_back(world.source.schema(table).name);
    if (names.back() == name) return table;
  }
  const std::string nearest = nearest_name(name, names);
  error = fmt::format("there is no table {}; there are {}{}", shown(name), fmt::join(names, ", "),
                      nearest.empty() ? "" : "; did you mean " + nearest + "?");
  return std::nullopt;
}

// Whether rows come to be on the way, numbered as they do: groups, and those of snapshots.
bool numbered_as_they_come(const World& world, TableId table) {
  const TableSchema& schema = world.source.schema(table);
  return schema.derived &&
         (schema.derived->kind == DerivedRows::Kind::groups || schema.derived->kind == DerivedRows::Kind::snapshots);
}

// Synthetic keys are numbers beside their slot, with the number of the row where there are several for one; those of a
// capture are looked for among all that its stream ever has. Of rows that come to be on the way nothing is found yet.
std::optional<RowId> row_keyed(const World& world, TableId table, const std::string& key) {
  const TableSchema& schema = world.source.schema(table);
  const auto has_key = [&](RowId row) { return world.content.key_text(schema, table, row) == key; };
  const CapturedReplay* replay = world.source.captured();
  if (replay || numbered_as_they_come(world, table)) {
    const bool from_the_stream = replay && table < replay->stream().tables.size();
    const RowId slots = from_the_stream ? replay->stream().tables[table].slots() : world.source.rows(table).slots();
    for (RowId row = 0; row < slots; ++row)
      if (has_key(row)) return row;
    return std::nullopt;
  }
  const std::string base = key.substr(0, key.find(','));
  if (base.empty() || base.size() > 10 || base.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const std::uint64_t per_row = schema.derived ? schema.derived->per_row : 1;
  const std::uint64_t number = std::stoull(base);
  for (std::uint64_t row = (number > 0 ? number - 1 : 0) * per_row; row < (number + 1) * per_row; ++row)
    if (row < ~RowId{0} && has_key(static_cast<RowId>(row))) return static_cast<RowId>(row);
  return std::nullopt;
}

// Runs to the end, unless somebody interrupts it.
void run_to_the_end(Run& run, const LoadedScenario& loaded, const RehearsalOptions& options, RunWatcher* watcher) {
  const Time horizon{loaded.proto.duration_ns()};
  Stage running(options, run.world, horizon, "running");
  run.until(
      horizon, [&] { return running.interrupted(); }, watcher);
}

// In an order that is known once they are there.
std::optional<RowId> row_keyed_in_the_end(const LoadedScenario& loaded, const SharedInputs& inputs,
                                          const RehearsalOptions& options, TableId table, const std::string& key) {
  Run run(assemble(loaded, inputs, options.assembly), options);
  run_to_the_end(run, loaded, options, nullptr);
  return row_keyed(run.world, table, key);
}

// ---- what is told --------------------------------------------------------------------------------------------------

class Teller final : public RunWatcher {
 public:
  Teller(const World& world, TableId table, RowId row, RowStory& story) : table_(table), row_(row), story_(story) {
    initial(world);
    for (StoreId store = 1; store < world.stores.size(); ++store)
      if (world.stores[store].batch && holds(world, store)) tell_batch(world, store, "holds, from before the start");
    loads_.assign(world.batches.size(), 0);
    restores_.assign(world.batches.size(), 0);
    for (const StreamPipeline& stream : world.streams) appended_.emplace_back(stream.topic.partitions.size(), 0);
  }

  void before(World& world) override {
    for (StoreId store = 1; store < world.stores.size(); ++store)
      if (world.stores[store].stream && holds(world, store)) world.stores[store].tables[table_].watch(row_);
  }

  void after(World& world) override {
    follow_log(world);
    for (std::size_t i = 0; i < world.streams.size(); ++i) follow_topic(world, world.streams[i], appended_[i]);
    for (const Fact& fact : world.facts)
      if (fact.store != source_store && fact.table == table_ && fact.row == row_) tell_fact(world, fact);
    for (PipelineId i = 0; i < world.batches.size(); ++i) follow_batch(world, i);
  }

 private:
  bool holds(const World& world, StoreId store) const { return world.stores[store].holds[table_]; }

  // A store shows the columns of its dataset where they are not the source's.
  std::string content(const World& world, StoreId store, Cell cell) const {
    if (!cell.live()) return "absent";
    const TableSchema& schema = world.source.schema(table_);
    const std::uint16_t version = world.marks[cell.mark].schema;
    std::vector<std::pair<ColumnId, std::string>> columns;
    for (const VersionColumn& column : schema.versions[version].columns) columns.emplace_back(column.id, column.name);
    const Dataset* dataset = store == source_store ? nullptr : world.dataset_of(table_);
    const auto derived = [&](ColumnId id) { return schema.columns[id].derived.has_value(); };
    if (dataset && std::any_of(dataset->columns.begin(), dataset->columns.end(), derived)) {
      columns.clear();
      for (const ColumnId id : world.contract_columns(*dataset, version))
        columns.emplace_back(id, schema.columns[id].name);
    }
    std::string text;
    for (const auto& [id, name] : columns) {
      const Value value = world.content.value(schema, table_, id, world.marks, {row_, cell});
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", name,
                          value.kind == Value::Kind::null ? "NULL" : world.content.text(schema, id, value));
    }
    return text;
  }

  void tell(Time at, std::string where, std::string what, std::string held = {}, bool wrong = false) {
    story_.tell({at, std::move(where), std::move(what), std::move(held), wrong});
  }

  void initial(const World& world) {
    const Cell cell = world.source.rows(table_).get(row_);
    if (cell.live())
      tell(Time{0}, "source", "is there from before the start" + origins(world, cell),
           content(world, source_store, cell));
  }

  // Of a dataset's row: what this write of it was made of.
  std::string origins(const World& world, Cell cell) const {
    const std::string text = made_of_text(world, made_of(world, table_, row_, cell));
    return text.empty() ? "" : ", " + text;
  }

  void follow_log(const World& world) {
    const SourceLog& log = world.source.log();
    for (next_ = std::max(next_, log.base()); next_ < log.end(); ++next_) {
      const LogRecord& record = log[next_];
      if (record.row != row_ || record.table() != table_) continue;
      static constexpr const char* ops[] = {"insert", "update", "delete"};
      lsns_.insert(next_);
      const Cell cell{record.write, world.source.live_mark_at(table_, next_), 0};
      tell(record.commit(), "source",
           fmt::format("{} commits: write {}, position {}{}", ops[static_cast<int>(record.op())], record.write, next_,
                       origins(world, cell)),
           content(world, source_store, world.source.cell_at(next_)));
    }
  }

  void follow_topic(const World& world, const StreamPipeline& stream, std::vector<std::uint64_t>& next) {
    for (std::size_t p = 0; p < next.size(); ++p) {
      const Partition& partition = stream.topic.partitions[p];
      for (next[p] = std::max(next[p], partition.records.base()); next[p] < partition.records.end(); ++next[p]) {
        const TopicRecord& record = partition.records[next[p]];
        if (record.snapshot()) {
          const Connector::SnapshotRow& row = stream.connector.snapshot_row(record.position());
          if (row.row == row_ && row.table == table_) tell_append(world, stream, p, next[p], row.write);
        } else if (lsns_.count(record.position())) {
          tell_append(world, stream, p, next[p], world.source.log()[record.position()].write);
        }
      }
    }
  }

  void tell_append(const World& world, const StreamPipeline& stream, std::size_t p, std::uint64_t offset, Write write) {
    const Partition& partition = stream.topic.partitions[p];
    const TopicRecord& record = partition.records[offset];
    const RecordNote note = record.noted() ? partition.notes.at(offset) : RecordNote{};
    const std::string why = fmt::format("{}{}", note.copy ? ", once more" : "", by(world, note.causes, record.mark()));
    tell(record.append, "topic of " + stream.name,
         fmt::format("write {} arrives in partition {} at offset {}{}{}", write, p, offset,
                     record.snapshot() ? ", by the initial snapshot" : "", why));
  }

  static std::string by(const World& world, CauseSet causes, Mark mark) {
    std::set<std::string> names;
    const auto add = [&](CauseSet set) {
      for (const CauseId id : world.causes.members(set)) names.insert(world.causes.name(id));
    };
    add(causes);
    for (const Alteration& altered : world.marks[mark].alterations) add(altered.causes);
    return names.empty() ? "" : fmt::format(", by {}", fmt::join(names, " and "));
  }

  void tell_fact(const World& world, const Fact& fact) {
    const std::string& store = world.stores[fact.store].name;
    const std::string again = fact.copy ? " once more" : "";
    switch (fact.kind) {
      case Fact::Kind::owed_again:
        return tell(fact.at, store,
                    fmt::format("write {} is under way again{}", fact.record.write, by(world, fact.causes, fact.held)));
      case Fact::Kind::lost:
        return tell(fact.at, store,
                    fmt::format("write {} is lost{}", fact.record.write, by(world, fact.causes, fact.held)));
      case Fact::Kind::reshaped:
        return tell(fact.at, store, fmt::format("the row lacks a column{}", by(world, fact.causes, fact.cell.mark)),
                    content(world, fact.store, fact.cell));
      case Fact::Kind::repaired:
        return tell(fact.at, store, "a repair writes the row", content(world, fact.store, fact.cell));
      default:
        break;
    }
    const bool there = fact.cell.write == fact.record.write;
    tell(fact.at, store,
         fmt::format("write {} {}{}{}", fact.record.write, there ? "is visible" : "comes and changes nothing", again,
                     by(world, fact.causes, fact.cell.mark)) +
             (fact.extra_copies > 0 ? fmt::format(", {} copies", fact.extra_copies + 1) : ""),
         content(world, fact.store, fact.cell));
  }

  void follow_batch(const World& world, PipelineId i) {
    const BatchJob& job = world.batches[i];
    const bool loaded = job.pipeline.cycles_loaded() > loads_[i], restored = job.pipeline.restores() > restores_[i];
    loads_[i] = job.pipeline.cycles_loaded();
    restores_[i] = job.pipeline.restores();
    if (!holds(world, job.store)) return;
    const bool by_hand = job.cycle >= BatchJob::first_by_hand;
    if (loaded)
      tell_batch(world, job.store,
                 by_hand ? std::string("a cycle that the plan asked for is loaded")
                         : fmt::format("cycle {} is loaded", job.cycle));
    if (restored) tell_batch(world, job.store, "an earlier load is put back");
  }

  void tell_batch(const World& world, StoreId store, std::string what) {
    const std::string held = content(world, store, world.rows(store, table_).get(row_));
    std::string& before = held_[store];
    if (held != before) tell(world.now(), world.stores[store].name, std::move(what), held);
    before = held;
  }

  TableId table_;
  RowId row_;
  RowStory& story_;
  Lsn next_ = 0;
  std::set<Lsn> lsns_;                                // of the row
  std::vector<std::vector<std::uint64_t>> appended_;  // by stream and partition: the next offset to look at
  std::vector<std::uint64_t> loads_, restores_;       // by batch job, seen
  std::map<StoreId, std::string> held_;               // by batch store
};

// ---- what was true, and what was said ------------------------------------------------------------------------------

void tell_truth(const Run& run, const std::vector<DivergentInterval>& intervals, RowStory& story) {
  static constexpr const char* kinds[] = {"missing", "extra", "there more than once", "different"};
  for (const DivergentInterval& interval : intervals) {
    std::vector<std::string> names;
    for (const CauseId id : run.world.causes.members(interval.causes)) names.push_back(run.world.causes.name(id));
    std::sort(names.begin(), names.end());
    const std::string where = "truth of " + run.world.stores[interval.store].name;
    story.tell({interval.from, where,
                fmt::format("the row is divergent: {}, by {}", kinds[static_cast<int>(interval.kind)],
                            fmt::join(names, " and ")),
                "", true});
    if (interval.until <= run.ended)
      story.tell({interval.until, where, "the row is right again, or pending", "", false});
  }
}

// What a check said of the row in successive runs, in one moment: that of the first.
struct Claims {
  Time at;
  std::uint64_t first = 0, last = 0;  // runs
  DiscrepancyClass kind{};
  enum class Verdict : std::uint8_t { right, late, mistaken } verdict{};
};

bool was_overdue(const CreditRecord& credit, const CheckRun& run, const Claim& claim) {
  return std::any_of(credit.overdue.begin(), credit.overdue.end(), [&](const OverdueClaims& o) {
    return o.check == run.check && o.run == run.number && o.table == claim.table && o.rows.contains(claim.row);
  });
}

std::vector<Claims> claims_of(const Run& run, std::uint32_t check, TableId table, RowId row,
                              const std::vector<DivergentInterval>& intervals,
                              const std::vector<judging::Spans>& stale) {
  const CheckDescription& description = run.reconciler.checks()[check];
  std::vector<Claims> all;
  for (const CheckRun& r : run.reconciler.runs()) {
    if (r.check != check) continue;
    for (const Claim& claim : r.claims.list()) {
      if (!claim.names_row() || claim.row != row || claim.table != table) continue;
      const bool right = std::any_of(intervals.begin(), intervals.end(), [&](const DivergentInterval& i) {
        return (i.store == description.trial || i.store == description.reference) && judging::is_right_of(r, claim, i);
      });
      const bool late = (claim.kind == scenario::TIMING && judging::a_side_was_stale(r, description, stale)) ||
                        was_overdue(run.credit.record(), r, claim);
      using Verdict = Claims::Verdict;
      const Verdict verdict = right ? Verdict::right : late ? Verdict::late : Verdict::mistaken;
      const bool goes_on = !all.empty() && all.back().last + 1 >= r.number && all.back().kind == claim.discrepancy() &&
                           all.back().verdict == verdict;
      if (goes_on) all.back().last = r.number;
      else all.push_back({r.reported, r.number, r.number, claim.discrepancy(), verdict});
    }
  }
  return all;
}

void tell_claims(const Run& run, TableId table, RowId row, const TruthRecord& truth, RowStory& story) {
  static constexpr const char* verdicts[] = {
      "right", "neither right nor a false alarm, for a side was behind for longer than promised", "a false alarm"};
  std::vector<judging::Spans> stale;
  for (const StoreTruth& store : truth.stores) stale.push_back(judging::merged(store.stale));
  for (std::uint32_t check = 0; check < run.reconciler.checks().size(); ++check)
    for (const Claims& claims : claims_of(run, check, table, row, truth.intervals, stale)) {
      const std::string runs = claims.first == claims.last
                                   ? fmt::format("run {} claims", claims.first)
                                   : fmt::format("runs {} to {} claim", claims.first, claims.last);
      const char* kind = judging::class_name(static_cast<std::uint8_t>(claims.kind));
      story.tell({claims.at, "check " + run.reconciler.checks()[check].name,
                  fmt::format("{} that the row is {}: {}", runs, kind, verdicts[static_cast<int>(claims.verdict)]), "",
                  claims.verdict == Claims::Verdict::mistaken});
    }
}

}  // namespace

void RowStory::tell(RowMoment moment) {
  if (moment.at > span.until) return;
  if (moment.at < span.from) before.insert_or_assign(moment.where, std::move(moment));
  else if (moments.size() < most_moments) moments.push_back(std::move(moment));
  else cut_short = true;
}

RowStoryResult row_story(const LoadedScenario& loaded, const SharedInputs& inputs, const RehearsalOptions& options,
                         const std::string& table_name, const std::string& key, const StorySpan& span) {
  Run run(assemble(loaded, inputs, options.assembly), options);
  RowStoryResult result;
  const std::optional<TableId> table = table_named(run.world, table_name, result.error);
  if (!table) return result;
  std::optional<RowId> row = row_keyed(run.world, *table, key);
  if (!row && run.world.source.schema(*table).derived) row = row_keyed_in_the_end(loaded, inputs, options, *table, key);
  if (!row) {
    result.error = fmt::format("table {} has no key {}", table_name, shown(key));
    if (run.world.source.rows(*table).slots() > 0)
      result.error += fmt::format("; its keys read like {}",
                                  run.world.content.key_text(run.world.source.schema(*table), *table, 0));
    return result;
  }
  RowStory& story = result.story.emplace();
  story.table = table_name;
  story.key = key;
  story.start_unix_ns = run.world.start_unix_ns;
  story.span = span;
  Teller teller(run.world, *table, *row, story);
  run_to_the_end(run, loaded, options, &teller);
  run.finish();
  TruthRecord truth = run.oracle.record(run.world);
  std::erase_if(truth.intervals, [&](const DivergentInterval& i) { return i.table != *table || i.row != *row; });
  tell_truth(run, truth.intervals, story);
  tell_claims(run, *table, *row, truth, story);
  std::stable_sort(story.moments.begin(), story.moments.end(),
                   [](const RowMoment& a, const RowMoment& b) { return a.at < b.at; });
  return result;
}

}  // namespace rehearse
