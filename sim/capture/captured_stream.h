// A captured change stream as the simulator replays it: transactions in commit order, row changes by dense row slot,
// full row images interned.
//
// Models: what a change data capture delivered (wal2json, Debezium, Maxwell, Canal) on top of table snapshots. Leaves
// out: SQL, indexes, and DDL, which is declared beside the stream (schema_changes) even where the stream tells of it.
// What the stream cannot carry is kept as evidence, not guessed.
//
// Invariants: transactions are ordered by commit LSN and own disjoint, adjacent ranges of `changes`. A table's columns
// are numbered for life, like PostgreSQL's attributes: a new column gets the next number, a dropped one keeps its
// number and its cells become dropped_value, so equal image ids of one table always mean equal content. A row slot
// stands for one key of a table for ever (tables without a key: for one inserted row).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/capture/capture_error.h"
#include "sim/capture/pools.h"
#include "sim/capture/positions.h"

namespace rehearse {

// The kind of database that the changes come from: each prints its values in its own way.
enum class SourceDatabase : std::uint8_t { postgresql, mysql, other };

inline constexpr std::uint32_t no_row = 0xFFFFFFFFU;
inline constexpr std::size_t captured_columns_max = 64;  // a change names columns by a 64-bit mask

struct CapturedColumn {
  std::string name;  // the latest
  std::string type;  // the latest, as PostgreSQL prints it; empty if no event ever named it
  bool dropped = false;
  bool operator==(const CapturedColumn&) const = default;
};

// The columns as they are named and typed between two declared schema changes.
struct CapturedTableVersion {
  std::string table_name;
  std::uint64_t from_lsn = 0;                // events of this table at or after it have this version
  std::vector<std::uint16_t> columns;        // numbers of the live columns, in order
  std::vector<CapturedColumn> column_names;  // one per number; name and type as of this version
};

struct CapturedRow {
  std::uint32_t slot = no_row;
  ImageId image = no_image;
  bool operator==(const CapturedRow&) const = default;
};

enum class ReplicaIdentity : std::uint8_t { unknown, key, full };

struct CapturedTable {
  std::string schema;
  std::string name;                     // the latest
  std::vector<CapturedColumn> columns;  // every column that ever was, by number
  std::vector<std::uint16_t> key;       // numbers of the columns that identify a row; empty = no key
  ReplicaIdentity replica_identity = ReplicaIdentity::unknown;
  std::vector<CapturedTableVersion> versions;  // at least one
  std::vector<CapturedRow> initial;            // ascending slots
  std::vector<ImageId> final_images;           // by slot, after the last transaction; no_image = no such row
  std::uint64_t events = 0;                    // of the stream about its rows
  std::uint32_t slots() const { return static_cast<std::uint32_t>(final_images.size()); }
};

struct CapturedTransaction {
  std::uint64_t xid = 0;
  std::int64_t commit_time_unix_ns = 0;
  std::uint64_t commit_lsn = 0;
  std::uint64_t begin = 0;  // changes[begin, end); equal for an empty transaction
  std::uint64_t end = 0;
};

enum class ChangeKind : std::uint8_t { insert, update, remove, truncate };

struct CapturedChange {
  std::uint32_t table = 0;
  std::uint32_t old_row = no_row;  // update, remove
  std::uint32_t new_row = no_row;  // insert, update; differs from old_row where the key changed
  ImageId image = no_image;        // of new_row after the change
  std::uint64_t unchanged = 0;     // columns (by number) that the event did not carry: unchanged TOAST
  std::uint64_t lsn = 0;           // of the row's own log record, not of the commit
  std::uint32_t line = 0;          // in the stream file; saturates
  std::uint16_t version = 0;       // of the table
  ChangeKind kind = ChangeKind::insert;
  bool key_changed = false;  // an update to replay as remove of old_row + insert of new_row
};

// A declared change of a table's schema, applied to every live row at a position of the stream.
struct CapturedSchemaChange {
  std::uint32_t table = 0;
  std::uint16_t version = 0;  // the version that begins
  std::uint64_t lsn = 0;      // as declared
  std::uint64_t transaction =
      0;                     // becomes visible with this transaction's commit (= number of transactions: never seen)
  std::uint64_t change = 0;  // just before changes[change]
  std::string what;          // "add discount", as reports name it
  std::vector<CapturedRow> rewritten;  // the live rows with their new images, ascending slots; empty if no cell changes
};

// A logical message (pg_logical_emit_message), for instance a watermark.
struct CapturedMessage {
  bool transactional = false;
  std::uint64_t lsn = 0;
  std::uint64_t transaction = 0;  // the transaction it is in, or (not transactional) how many committed before it
  std::uint64_t change = 0;       // just before changes[change]
  std::string prefix;
  std::string content;
};

enum class EvidenceKind : std::uint8_t {
  update_of_unknown_row,  // the stream updates a row that neither the snapshot nor the stream ever made
  delete_of_unknown_row,
  insert_of_live_row,       // applied; the snapshot and the stream overlap, or a change was lost
  update_without_identity,  // no key and no replica identity: cannot be addressed
  delete_without_identity,
  inserts_only,                 // no key and only inserts ever came: updates and deletes would be missing silently
  null_may_be_not_a_number,     // JSON null in a numeric or float column: NULL, NaN or an infinity
  unchanged_value_unknown,      // an unchanged TOAST column of a row whose value the log never showed
  values_unknown,               // a declared change whose values the log cannot carry
  snapshot_contradicts_stream,  // a row that a snapshot read later is not what the stream had made of it; not applied
  old_row_contradicts_replay,   // a change says that the row was other than the replay had made it; applied
  may_be_delivered_again,       // twice in a row the same change of a table without a key; applied twice
  table_dropped,                // the stream tells that the table was dropped; its rows are removed
  ddl_passed_over               // the stream tells of any other statement about the table; not applied
};
std::string_view evidence_name(EvidenceKind kind);
// Whether each of it is an event whose change could not be replayed as the source made it.
bool leaves_out_a_change(EvidenceKind kind);

// What the log cannot say, or says against itself; counted per table and column, with the first place.
struct CaptureEvidence {
  EvidenceKind kind = EvidenceKind::update_of_unknown_row;
  std::uint32_t table = 0;
  std::string column;  // where the kind is about one column
  std::uint64_t count = 0;
  std::uint64_t first_line = 0;  // 0 = no line of the stream
  std::string first_row;         // its key, where there is one
};

// Tables of the stream that are not chosen.
struct OtherTables {
  struct Table {
    std::string schema;
    std::string name;
    std::uint64_t rows = 0;  // events about rows of it
    std::uint64_t first_line = 0;
  };
  static constexpr std::size_t named_max = 64;
  std::vector<Table> named;        // by first appearance
  std::uint64_t rows_of_more = 0;  // of tables beyond named_max
};

// Messages that are no rows: heartbeats, watermarks, statements about other tables, what a consumer prints at its end.
struct PassedOver {
  std::string what;  // "heartbeat"
  std::uint64_t count = 0;
  std::uint64_t first_line = 0;
};

// Changes that came twice: the same position, table, key and content. Each is replayed once.
struct DeliveredAgain {
  std::uint64_t count = 0;
  std::uint64_t first_line = 0;
};

// Commits that say an earlier time than one before them.
struct TimesGoingBack {
  std::uint64_t count = 0;
  std::uint64_t first_line = 0;
  std::int64_t most_ns = 0;  // behind the latest time before
};

// How fast and how often a stream is replayed. Does not change what is in it.
struct CapturedPace {
  std::int64_t time_scale_ppb = 1'000'000'000;  // of the time since the first commit
  std::uint32_t repeat = 1;
};

struct CapturedStream {
  CapturedPace pace;
  std::vector<CapturedTable> tables;  // those with a snapshot first, then by first appearance
  ValuePool values;
  ImagePool images;
  std::vector<CapturedTransaction> transactions;
  std::vector<CapturedChange> changes;
  std::vector<CapturedSchemaChange> schema_changes;  // in the order of their positions
  std::vector<CapturedMessage> messages;
  std::vector<CaptureEvidence> evidence;  // by table, kind, column
  SourceDatabase database = SourceDatabase::postgresql;
  OtherTables other_tables;
  std::vector<PassedOver> passed_over;  // by first appearance
  DeliveredAgain delivered_again;
  TimesGoingBack times_going_back;
  std::uint64_t lines = 0;
  std::uint64_t row_events = 0;          // about the chosen tables, those of snapshots in the stream among them
  std::uint64_t empty_transactions = 0;  // without a row event: DDL alone

  std::optional<std::uint32_t> find_table(std::string_view schema, std::string_view name) const;
};

// ---- what is declared beside the stream

struct AddColumn {
  std::string column;
  std::string type;                         // as the stream prints it
  std::optional<std::string> default_text;  // nullopt = NULL
  bool default_unknown = false;             // volatile default: existing rows got values that the log does not carry
};
struct DropColumn {
  std::string column;
};
struct RenameColumn {
  std::string from, to;
};
struct RetypeColumn {
  std::string column, to_type;
  bool values_unknown = false;  // the rewrite changed how values print; otherwise they are kept
};
struct RenameTable {
  std::string to;
};

enum class SchemaChangeKind : std::uint8_t { add_column, drop_column, rename_column, retype_column, rename_table };

struct DeclaredSchemaChange {
  std::string schema = "public";
  std::string table;      // its name just before this change
  std::uint64_t lsn = 0;  // holds for events of this table whose own LSN is at or after this
  SchemaChangeKind kind = SchemaChangeKind::add_column;
  AddColumn add;  // the one that `kind` names is used
  DropColumn drop;
  RenameColumn rename;
  RetypeColumn retype;
  RenameTable rename_table;
  std::string place;  // where it is declared, for diagnostics ("scenario.yaml:12:5"); may be empty
};

struct TableFile {
  std::string schema = "public";
  std::string table;
  std::string path;              // CSV with header; plain, gzip or zstd
  std::vector<std::string> key;  // only needed if the stream does not say
};

// The key of a table in a stream that does not say which columns it is (Maxwell; Debezium values without keys).
struct TableKey {
  std::string schema = "public";
  std::string table;
  std::vector<std::string> columns;
};

struct CaptureOptions {
  std::string stream_path;  // of any ChangeFormat; plain, gzip or zstd
  // The tables to replay, each by its name at some time of the stream; none: every table.
  std::vector<std::pair<std::string, std::string>> tables;  // schema and name
  std::vector<TableKey> keys;
  std::vector<TableFile> initial;
  std::vector<DeclaredSchemaChange> schema_changes;
  std::uint64_t line_bytes_max = 64ULL << 20;
  std::uint64_t total_bytes_max = 0;  // of one file, decompressed; 0 = no bound
};

CaptureResult<CapturedStream> load_capture(const CaptureOptions& options);

// The rows of every table after the transactions for which `visible` holds, by table and slot (no_image = no row).
// Images are those of the whole log, so the visible transactions must be closed under "wrote the row before": any real
// snapshot or prefix is. Declared schema changes count as visible at their positions.
using CapturedState = std::vector<std::vector<ImageId>>;
CapturedState replay_capture(const CapturedStream& stream,
                             const std::function<bool(const CapturedTransaction&)>& visible);
CapturedState final_state(const CapturedStream& stream);

// A row's key as text, "(7,12)" or "7"; for tables without a key the whole row.
std::string row_text(const CapturedStream& stream, std::uint32_t table, ImageId image);

}  // namespace rehearse
