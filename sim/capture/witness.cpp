#include "sim/capture/witness.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/capture/csv.h"
#include "sim/capture/printed_values.h"

namespace rehearse {
namespace {

constexpr ValueId foreign_value = 0xFFFFFFFFU;  // a text that the stream never held

std::optional<std::string> shown(const ValuePool& values, ValueId id) {
  if (id == null_value) return std::nullopt;
  return id == unknown_value ? "unknown" : std::string(values.text(id));
}

class Comparison {
 public:
  Comparison(const CapturedStream& stream, const CapturedState& state, const TableSnapshot& witness, std::size_t most)
      : stream_(stream), witness_(witness), most_(most) {
    out_.schema = witness.schema;
    out_.table = witness.table;
    const auto found = stream.find_table(witness.schema, witness.table);
    if (!found)
      fail(0, fmt::format("the stream has no table {}.{}", witness.schema, witness.table), "a table of the stream");
    index_ = *found;
    rows_ = &state.at(index_);
    match_columns();
    translate_values();
  }

  WitnessComparison run() {
    out_.rows_witness = witness_.rows;
    for (const ImageId image : *rows_) out_.rows_replayed += image == no_image ? 0 : 1;
    if (table().key.empty()) compare_multisets();
    else compare_by_key();
    return std::move(out_);
  }

 private:
  const CapturedTable& table() const { return stream_.tables[index_]; }
  [[noreturn]] void fail(std::uint64_t line, std::string message, std::string expected) const {
    throw CaptureFailure({witness_.path, line, 0, std::move(message), std::move(expected)});
  }
  [[noreturn]] void fail_columns(std::string message) const {
    std::vector<std::string> names;
    for (const CapturedColumn& column : table().columns)
      if (!column.dropped) names.push_back(column.name);
    fail(1, std::move(message),
         fmt::format("the columns that table {} has after the stream: {}", witness_.table, fmt::join(names, ", ")));
  }

  void match_columns() {
    for (const std::string& column : witness_.columns) {
      const auto at =
          std::ranges::find_if(table().columns, [&](const auto& c) { return !c.dropped && c.name == column; });
      if (at == table().columns.end()) fail_columns(fmt::format("the replayed table has no column {}", column));
      numbers_.push_back(static_cast<std::uint16_t>(at - table().columns.begin()));
    }
    for (std::uint16_t number = 0; number < table().columns.size(); ++number)
      if (!table().columns[number].dropped && std::ranges::find(numbers_, number) == numbers_.end())
        fail_columns(fmt::format("the witness has no column {}", table().columns[number].name));
    for (const std::uint16_t number : table().key)
      key_columns_.push_back(static_cast<std::size_t>(std::ranges::find(numbers_, number) - numbers_.begin()));
  }

  void translate_values() {
    translated_.assign(witness_.values.size(), foreign_value);
    translated_[null_value] = null_value;
    for (ValueId id = first_text_value; id < witness_.values.size(); ++id)
      translated_[id] = stream_.values.find(witness_.values.text(id)).value_or(foreign_value);
  }
  const std::string& type_of(std::size_t column) const { return table().columns[numbers_[column]].type; }
  // Numbers in floating point have one text in the stream's pool, whatever the witness prints.
  ValueId translated(ValueId id, std::size_t column) const {
    if (id == null_value) return id;
    const auto number = printed_float(witness_.values.text(id), type_of(column), stream_.database);
    return number ? stream_.values.find(*number).value_or(foreign_value) : translated_[id];
  }
  bool same_text(ValueId replayed, ValueId witness, std::size_t column) const {
    if (replayed == unknown_value || replayed == null_value || witness == null_value) return false;
    return same_printed(stream_.values.text(replayed), witness_.values.text(witness), type_of(column),
                        stream_.database);
  }

  // The replayed row's cells in the witness's column order.
  void replayed_cells(ImageId image, std::vector<ValueId>& cells) const {
    cells.clear();
    for (const std::uint16_t number : numbers_) cells.push_back(stream_.images[image][number]);
  }
  void witness_cells(std::uint64_t row, std::vector<ValueId>& cells) const {
    cells.clear();
    for (std::size_t c = 0; c < numbers_.size(); ++c) cells.push_back(translated(witness_.cell(row, c), c));
  }
  std::string witness_row_text(std::uint64_t row) const {
    std::string text;
    const auto add = [&](std::size_t column) {
      if (!text.empty()) text += ", ";
      text += shown(witness_.values, witness_.cell(row, column)).value_or("NULL");
    };
    if (key_columns_.empty())
      for (std::size_t c = 0; c < numbers_.size(); ++c) add(c);
    for (const std::size_t c : key_columns_) add(c);
    return text;
  }
  void missing(std::uint64_t row) {
    ++out_.rows_missing;
    if (out_.missing.size() < most_) out_.missing.push_back(witness_row_text(row));
  }
  void extra(ImageId image) {
    ++out_.rows_extra;
    if (out_.extra.size() < most_) out_.extra.push_back(row_text(stream_, index_, image));
  }

  void compare_by_key() {
    TuplePool keys;
    std::vector<ImageId> images;  // by id of the key
    std::vector<ValueId> cells;
    std::vector<ValueId> key;
    const auto take_key = [&] {
      key.clear();
      for (const std::size_t c : key_columns_) key.push_back(cells[c]);
    };
    for (const ImageId image : *rows_) {
      if (image == no_image) continue;
      replayed_cells(image, cells);
      take_key();
      keys.intern(key);
      images.push_back(image);
    }
    std::vector<bool> matched(images.size(), false);
    for (std::uint64_t row = 0; row < witness_.rows; ++row) {
      witness_cells(row, cells);
      take_key();
      const auto id = keys.find(key);
      if (!id) {
        missing(row);
        continue;
      }
      if (matched[*id])
        fail(witness_.lines[row], fmt::format("the witness has two rows with the key {}", witness_row_text(row)),
             "rows that the key tells apart");
      matched[*id] = true;
      compare_row(row, cells, images[*id]);
    }
    for (std::size_t id = 0; id < images.size(); ++id)
      if (!matched[id]) extra(images[id]);
  }

  void compare_row(std::uint64_t row, const std::vector<ValueId>& cells, ImageId image) {
    bool unknown = false;
    bool different = false;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const ValueId replayed = stream_.images[image][numbers_[c]];
      if (replayed == cells[c] || same_text(replayed, witness_.cell(row, c), c)) continue;
      (replayed == unknown_value ? unknown : different) = true;
      if (out_.differences.size() < most_)
        out_.differences.push_back({row_text(stream_, index_, image), witness_.columns[c],
                                    shown(stream_.values, replayed), shown(witness_.values, witness_.cell(row, c))});
    }
    ++(different ? out_.rows_different : unknown ? out_.rows_unknown : out_.rows_equal);
  }

  void compare_multisets() {
    TuplePool distinct;
    std::vector<std::uint64_t> left;  // replayed rows not yet matched, by distinct content
    std::vector<ImageId> images;
    std::vector<ValueId> cells;
    for (const ImageId image : *rows_) {
      if (image == no_image) continue;
      replayed_cells(image, cells);
      const std::uint32_t id = distinct.intern(cells);
      if (id == left.size()) {
        left.push_back(0);
        images.push_back(image);
      }
      ++left[id];
    }
    for (std::uint64_t row = 0; row < witness_.rows; ++row) {
      witness_cells(row, cells);
      const auto id = distinct.find(cells);
      if (id && left[*id] > 0) {
        --left[*id];
        ++out_.rows_equal;
      } else {
        missing(row);
      }
    }
    for (std::size_t id = 0; id < left.size(); ++id)
      for (std::uint64_t n = 0; n < left[id]; ++n) extra(images[id]);
  }

  const CapturedStream& stream_;
  const TableSnapshot& witness_;
  std::size_t most_;
  std::uint32_t index_ = 0;
  const std::vector<ImageId>* rows_ = nullptr;
  std::vector<std::uint16_t> numbers_;    // by witness column
  std::vector<std::size_t> key_columns_;  // witness columns of the key
  std::vector<ValueId> translated_;       // witness value -> stream value
  WitnessComparison out_;
};

}  // namespace

CaptureResult<TableSnapshot> read_csv_table(const TableFile& file, std::uint64_t total_bytes_max) {
  return capture_result([&] {
    TextLimits limits;
    limits.total_bytes_max = total_bytes_max;
    CsvReader csv(file.path, limits);
    TableSnapshot table;
    table.schema = file.schema;
    table.table = file.table;
    table.path = file.path;
    table.columns = csv.header();
    std::vector<CsvCell> cells;
    while (csv.next(cells)) {
      for (const CsvCell& cell : cells)
        table.cells.push_back(cell.is_null ? null_value : table.values.intern(cell.text));
      table.lines.push_back(csv.line_number());
      ++table.rows;
    }
    return table;
  });
}

CaptureResult<WitnessComparison> compare_with_witness(const CapturedStream& stream, const CapturedState& state,
                                                      const TableSnapshot& witness, std::size_t differences_max) {
  return capture_result([&] { return Comparison(stream, state, witness, differences_max).run(); });
}

}  // namespace rehearse
