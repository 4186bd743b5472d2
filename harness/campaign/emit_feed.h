// What one connector of the source's tables delivers to its topic, as events in the order of delivery.
//
// Records of several partitions are merged by the time of their append, and at one instant by their position. Records
// of one source transaction that follow each other stay within one begin and commit; one that comes again or late is a
// transaction with the same number and position, alone.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "harness/campaign/emit.h"
#include "harness/campaign/emit_connector.h"
#include "harness/campaign/emit_history.h"
#include "harness/campaign/emit_rows.h"
#include "sim/capture/change_writer.h"
#include "sim/world/world.h"

namespace rehearse {

// A position among the changes of the source's tables as PostgreSQL would count it in bytes.
std::uint64_t emitted_lsn(std::uint64_t position);

class EmittedFeed {
 public:
  EmittedFeed(const World& world, PipelineId stream, const std::filesystem::path& file, EmitFormat format);

  // What was appended to the topic since the last time: after every advance and every event of the world. The history
  // must have followed the log.
  void collect(World& world, const SourceHistory& history);
  void finish();
  const TablesConnector& connector() const { return connector_; }
  std::uint64_t records() const { return records_; }
  bool good() const { return file_.good(); }

 private:
  void write(World& world, const SourceHistory& history, const TopicRecord& record);
  void enter(World& world, const SourceHistory& history, Lsn lsn);
  void alter_table(const World& world, TableId table, std::uint16_t version);
  void leave();
  void flush();

  TablesConnector connector_;
  std::ofstream file_;
  bool sql_;
  std::unique_ptr<ChangeWriter> writer_;
  RowTexts texts_;
  std::vector<std::uint64_t> next_;            // offset by partition
  std::vector<std::uint16_t> shown_versions_;  // by table: those whose columns the file's SQL has made
  std::string out_;
  bool open_ = false;
  ChangeEvent commit_;             // of the open transaction
  std::uint64_t transaction_ = 0;  // the open one
  Lsn last_ = 0;
  std::uint64_t records_ = 0;
};

// The statements between two versions of a table's schema.
std::string schema_change_sql(const TableSchema& schema, std::uint16_t version);

}  // namespace rehearse
