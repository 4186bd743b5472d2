// One table while its capture is loaded: columns and their declared changes, row slots, current images, evidence.
//
// Invariants: images_[slot] is the row's last image, also after it died (a key that comes back gets its slot back);
// with a key, slot = the id of the key in keys_; a row event is checked against the columns of its version before
// anything is changed.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/capture/captured_stream.h"
#include "sim/capture/change_event.h"
#include "sim/capture/csv.h"

namespace rehearse {

class TableReplay {
 public:
  TableReplay(CapturedStream& out, std::uint32_t index, const std::string& schema, const std::string& name);

  // Before the stream: the snapshot, and the declared changes in the order in which they hold.
  void load_snapshot(const TableFile& file, TextLimits limits);
  void declare(const DeclaredSchemaChange& change) { declared_.push_back(&change); }
  // The key's columns where the stream does not say which they are.
  void declare_key(std::vector<std::string> key) { declared_key_ = std::move(key); }

  const std::string& schema() const { return table().schema; }
  const std::string& table_name() const { return table().name; }  // the latest
  // Whether the change is one of its transaction, or the one before it, once more; told where that is not sure.
  bool comes_again(const ChangeEvent& line, const TextInput& input);
  // One row event; appends to out.changes, or leaves evidence where it cannot be applied.
  void apply(const ChangeEvent& line, const TextInput& input);
  // A statement about the table that is in the stream and is not applied.
  void pass_over_statement(std::uint64_t line) { note(EvidenceKind::ddl_passed_over, no_column, line); }
  // After the stream: changes that no event made due, evidence, final images.
  void finish();

 private:
  struct EvidenceKey {
    EvidenceKind kind;
    std::uint16_t column;
    auto operator<=>(const EvidenceKey&) const = default;
  };
  using Values = std::array<ValueId, captured_columns_max>;
  static constexpr std::uint16_t no_column = 0xFFFF;
  struct Columns {  // by number
    std::uint64_t present = 0;
    std::uint64_t left_out = 0;  // named without a value
  };

  CapturedTable& table() { return out_.tables[index_]; }
  const CapturedTable& table() const { return out_.tables[index_]; }
  CapturedTableVersion& version() { return table().versions.back(); }
  std::string name() const { return table().schema + "." + table().name; }

  void learn_columns(const ChangeEvent& line, const TextInput& input);
  void apply_due(std::uint64_t lsn, const TextInput* input);
  void apply_declared(const DeclaredSchemaChange& change, const TextInput* input);
  [[noreturn]] void fail_declared(const DeclaredSchemaChange& change, const TextInput* input,
                                  std::string message) const;
  std::uint16_t live_column(const std::string& column, const DeclaredSchemaChange& change, const TextInput* input);
  void begin_version(const DeclaredSchemaChange& change);
  template <typename Alter>
  void rewrite_rows(Alter&& alter);
  void note_schema_change(const DeclaredSchemaChange& change);
  void note_unknown(std::uint16_t column);
  std::string nearest_declared(std::string_view column) const;
  // How a change of the columns before this line is declared.
  std::string declare_before(std::string_view what) const;

  // Reads the line's columns into values by number.
  Columns read_columns(const std::vector<EventColumn>& columns, SourceDatabase database, Values& values,
                       const TextInput& input, const char* part);
  std::uint16_t find_column(const EventColumn& column, std::size_t& cursor, const TextInput& input,
                            const char* part) const;
  void check_all_present(const Columns& read, const ChangeEvent& line, const char* part, const TextInput& input) const;
  // The text by which a value is known: numbers in floating point have one each.
  ValueId value_of(const EventColumn& column, const std::string& type, SourceDatabase database);
  void count_nulls(const std::vector<EventColumn>& columns, std::uint64_t line);

  void read_key(const ChangeEvent& line, const TextInput& input);
  void check_declared_key(const ChangeEvent& line, const TextInput& input) const;
  void take_declared_key(const TextInput* input);
  void adopt_key(std::vector<std::uint16_t> key, const TextInput* input);
  std::uint64_t key_mask() const;
  std::vector<ValueId> key_of(std::span<const ValueId> values) const;

  // A line that has all columns: its values by number, and the image that they are.
  ImageId read_whole_row(const ChangeEvent& line, const TextInput& input, Values& values);

  void insert(const ChangeEvent& line, const TextInput& input);
  void update(const ChangeEvent& line, const TextInput& input);
  void remove(const ChangeEvent& line, const TextInput& input);
  void truncate(const ChangeEvent& line, const TextInput& input);
  // The statement that ended the table is not in the log of rows: they go with it.
  void drop(const ChangeEvent& line, const TextInput& input);
  // A row as a snapshot read it: it was there before the stream, unless the stream has said more of it already.
  void snapshot_row(const ChangeEvent& line, const TextInput& input);
  // The live row that the line's identity names; values become those of the identity.
  std::uint32_t find_row(const ChangeEvent& line, Values& identity, std::uint64_t& identity_mask,
                         const TextInput& input);
  std::uint32_t find_equal_row(const Values& identity);
  // Holds what the line says of the row before the change against the replayed one.
  void check_old_row(const ChangeEvent& line, std::uint32_t slot, const TextInput& input);
  bool may_be_filler(ValueId value) const;
  bool is_from_file(std::uint32_t slot) const;
  // At the row's line where a file brought it, else at the stream's.
  [[noreturn]] void fail_at_row(std::uint32_t slot, const TextInput* input, std::string message,
                                std::string expected) const;
  void merge_unchanged(std::uint32_t slot, const Columns& read, const ChangeEvent& line, Values& values,
                       const Values& identity, std::uint64_t identity_mask, const TextInput& input);
  std::uint32_t place(ImageId image, std::span<const ValueId> values, std::uint64_t line, bool& was_live);
  void set_live(std::uint32_t slot, ImageId image);
  void set_dead(std::uint32_t slot);
  ImageId intern(const Values& values);
  CapturedChange& record(ChangeKind kind, const ChangeEvent& line, const TextInput& input);
  void note(EvidenceKind kind, std::uint16_t column, std::uint64_t line, std::string row = {}, std::uint64_t count = 1);
  std::string identity_text(const ChangeEvent& line) const;

  CapturedStream& out_;
  std::uint32_t index_;
  std::vector<const DeclaredSchemaChange*> declared_;
  std::size_t next_declared_ = 0;
  std::vector<std::string> declared_key_;
  bool columns_known_ = false;
  std::uint64_t at_lsn_ = 0;                // of the line that is applied
  std::vector<std::uint16_t> primary_key_;  // as the lines name it; the table's key may be another index
  bool primary_key_known_ = false;
  bool addressed_ = false;  // some update or delete came
  std::uint64_t inserts_ = 0;
  std::string initial_path_;
  std::vector<std::uint64_t> initial_lines_;  // of the rows of that file, by slot
  bool old_rows_are_whole_ = false;           // those that may be filled up: an update has shown one
  std::set<std::uint64_t> fingerprints_;      // of the changes of `fingerprinted_`
  std::uint64_t fingerprinted_ = 0;           // the transaction, by its number
  std::uint64_t last_fingerprint_ = 0;
  std::pair<std::uint64_t, std::uint64_t> last_place_;  // position and number
  TuplePool keys_;
  std::vector<ImageId> images_;
  std::vector<bool> live_;
  std::set<std::pair<ImageId, std::uint32_t>> live_by_image_;  // tables without a key, once one is searched for
  bool indexed_ = false;
  std::optional<std::uint64_t> last_transaction_;  // that changed this table
  std::map<EvidenceKey, CaptureEvidence> evidence_;
};

}  // namespace rehearse
