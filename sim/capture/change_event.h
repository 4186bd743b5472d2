// One event of a captured change stream, whatever format it came in, and what a format's parser is.
//
// Values are the texts that the source's database prints: every digit of a number, NULL and '' apart, and a column that
// the event does not carry simply not there. Truth values are t and f and bytea begins with \x, as PostgreSQL's COPY
// prints them; MySQL's truth values are 1 and 0.
// What a format cannot carry is left empty (types in Maxwell, transactions in Canal), never guessed.
//
// Invariant: a parser gives each row event between a begin and a commit of its transaction, in the stream's order. Of
// tables that are not chosen it gives no more than that there was a row, wherever that stands, and checks no order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/capture/capture_error.h"
#include "sim/capture/captured_stream.h"
#include "sim/capture/printed_message.h"
#include "sim/capture/text_input.h"

namespace rehearse {

enum class ChangeFormat : std::uint8_t { wal2json2, wal2json1, debezium, maxwell, canal, goldengate, dms };
std::string_view format_name(ChangeFormat format);  // "wal2json format 2", "Debezium", ...

// What a line is, by its top-level keys alone, so that damaged lines are recognised too. Nothing: none of the formats.
std::optional<ChangeFormat> recognise_format(std::string_view line);
// What a line of none of the formats looks like, for a message: "SQL", "Avro", ...
std::string_view foreign_format(std::string_view line);

enum class EventKind : std::uint8_t {
  begin,
  commit,
  insert,
  update,
  remove,
  truncate,
  message,
  snapshot_row,
  drop_table,   // the table is gone with its rows, in a transaction of its own; without a name: all of the schema
  ddl,          // any other statement that the stream tells of; it stands in no transaction
  other_table,  // a row of a table that is not chosen: names alone
  passed_over,  // a message that is no row; `content` says what it is
};

// Which tables a reader is asked for: every one, or those of these names.
class TableChoice {
 public:
  using Name = std::pair<std::string, std::string>;  // schema and table
  TableChoice() = default;
  explicit TableChoice(std::vector<Name> names) : all_(false), names_(std::move(names)) {}
  bool has(std::string_view schema, std::string_view table) const {
    if (all_) return true;
    for (const Name& name : names_)
      if (name.second == table && name.first == schema) return true;
    return false;
  }
  bool has_some_of(std::string_view schema) const {
    if (all_) return true;
    for (const Name& name : names_)
      if (name.first == schema) return true;
    return false;
  }

 private:
  bool all_ = true;
  std::vector<Name> names_;
};

struct EventColumn {
  std::string_view name;
  std::string_view type;  // as the source names it; empty if the format does not say
  bool is_null = false;
  std::string_view text;
  bool left_out = false;  // the event names the column and says that it does not carry its value, which did not change
};

// How much of `old_columns` may be believed.
enum class OldImage : std::uint8_t {
  as_listed,  // each column listed has the value it had
  key_only,   // Debezium fills up a row of which the log carried only the key: a known key's columns, if there is one
  of_new_row  // the row after an update that left the key as it was: a known key's columns, or nothing
};

// Views live until the next line is parsed.
struct ChangeEvent {
  EventKind kind = EventKind::begin;
  std::uint64_t xid = 0;          // the transaction's number, or its place in the stream where there is none
  std::int64_t time_unix_ns = 0;  // of the commit; begin events
  std::uint64_t lsn = 0;          // begin, commit: of the commit (positions grow); rows: their own
  std::string_view schema;        // or database
  std::string_view table;
  std::vector<EventColumn> columns;  // insert, update, snapshot_row: the row after the change
  bool whole_row = false;            // `columns` names every column of the row; otherwise unchanged ones may be absent
  std::vector<EventColumn> old_columns;  // update, remove: what identifies the row, or all of it
  OldImage old_image = OldImage::as_listed;
  std::vector<EventColumn> before;    // the row before the change, where a key beside it says which row it is
  bool names_key = false;             // whether the stream says what the primary key is
  std::vector<std::string_view> key;  // its columns; empty = the table has none
  SourceDatabase database = SourceDatabase::postgresql;
  bool has_position = false;            // `lsn` is the source's own
  std::optional<std::uint64_t> number;  // of the row among those of its position, or of its transaction
  bool same_as_before = false;    // a format without positions says the same as in the line before, times included
  std::string_view absent_means;  // why a row may lack a column that is not gone; empty: no reason
  bool transactional = false;     // messages
  std::string_view prefix;
  std::string_view content;
};

// The events of a line at a time. A transaction that only the next line can end is ended by finish().
class ChangeParser {
 public:
  virtual ~ChangeParser() = default;
  // Appends to `events`. `line` must have TextInput::padding readable bytes behind it. Throws CaptureFailure at
  // `input`'s place.
  virtual void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) = 0;
  virtual void finish(const TextInput& input, std::vector<ChangeEvent>& events) = 0;
};

// The choice must outlive the parser.
std::unique_ptr<ChangeParser> make_wal2json2_parser(const TableChoice& choice);
std::unique_ptr<ChangeParser> make_wal2json1_parser(const TableChoice& choice);
std::unique_ptr<ChangeParser> make_debezium_parser(const TableChoice& choice);
std::unique_ptr<ChangeParser> make_maxwell_parser(const TableChoice& choice);
std::unique_ptr<ChangeParser> make_canal_parser(const TableChoice& choice);
std::unique_ptr<ChangeParser> make_goldengate_parser(const TableChoice& choice);
std::unique_ptr<ChangeParser> make_dms_parser(const TableChoice& choice);

// Reads a stream's file once, event by event; the format is recognised by the first line that is not empty.
class ChangeReader {
 public:
  explicit ChangeReader(std::string path, TextLimits limits = {}, TableChoice choice = {});
  // The next event, until the call after; null at the end. Throws CaptureFailure.
  const ChangeEvent* next();
  std::optional<ChangeFormat> format() const { return format_; }  // once next() gave an event
  const TextInput& input() const { return input_; }               // at the line of that event

 private:
  void read_line(std::string_view line);
  void begin(std::string_view line);
  void pass_over(std::string_view what);

  TextInput input_;
  TableChoice choice_;
  std::optional<ChangeFormat> format_;
  MessageUnwrapper unwrapper_;
  std::uint64_t first_line_ = 0;
  std::unique_ptr<ChangeParser> parser_;
  std::vector<ChangeEvent> events_;
  std::size_t next_ = 0;
  bool finished_ = false;
};

}  // namespace rehearse
