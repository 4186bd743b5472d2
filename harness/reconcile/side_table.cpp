#include "harness/reconcile/side_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rehearse {
namespace {

std::vector<SqlColumn> sql_columns(const std::vector<SideColumn>& columns) {
  std::vector<SqlColumn> all;
  for (const SideColumn& column : columns) all.push_back({column.name, column.type, column.key});
  return all;
}

class SideCursor : public SqlCursor {
 public:
  explicit SideCursor(const SideTable& table) : table_(&table), reader_(table.reader()) {}

  void scan() override {
    scanning_ = true;
    reader_.rewind();
    load(reader_.next_batch(table_->left_out()));
  }
  void find(const std::vector<Field>& key) override {
    scanning_ = false;
    found_ = table_->rows_of(key_of_parts(key));
    next_found_ = 0;
    load_found();
  }
  bool done() const override { return done_; }
  void next() override {
    if (++copy_ < reader_.copies(at_)) return;
    copy_ = 0;
    if (++at_ < reader_.size()) return;
    if (scanning_) load(reader_.next_batch(table_->left_out()));
    else load_found();
  }
  Field field(std::size_t column) override { return reader_.field(at_, table_->side_columns()[column].id); }
  std::int64_t row_id() const override {
    constexpr int copy_bits = 24;
    return std::int64_t{reader_.row(at_)} << copy_bits | copy_;
  }

 private:
  void load(bool any) {
    at_ = 0;
    copy_ = 0;
    done_ = !any;
  }
  void load_found() { load(next_found_ < found_.size() && reader_.find(found_[next_found_++])); }

  const SideTable* table_;
  RowReader reader_;
  bool scanning_ = true, done_ = true;
  std::size_t at_ = 0;
  std::uint32_t copy_ = 0;
  std::vector<RowId> found_;
  std::size_t next_found_ = 0;
};

}  // namespace

std::string text_of(const Field& field) {
  switch (field.kind) {
    case Field::Kind::null:
      return "NULL";
    case Field::Kind::integer:
      return fmt::format("{}", field.integer);
    case Field::Kind::real: {
      const bool whole = field.real >= -1e15 && field.real <= 1e15 &&
                         field.real == static_cast<double>(static_cast<std::int64_t>(field.real));
      return whole ? fmt::format("{}", static_cast<std::int64_t>(field.real)) : fmt::format("{}", field.real);
    }
    case Field::Kind::text:
      break;
  }
  return field.text;
}

std::string key_of_parts(const std::vector<Field>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : ", ") + text_of(parts[i]);
  return text;
}

SideTable::SideTable(const ReadView& view, const Reading& reading, StoreId store,
                     std::shared_ptr<const RowSet> left_out)
    : SqlTable(sql_columns(rehearse::side_columns(view, store, reading.table))),
      left_out_(std::move(left_out)),
      side_columns_(rehearse::side_columns(view, store, reading.table)),
      rows_(view.rows(reading)),
      numbered_(view.numbered_keys(reading.table)),
      probe_(view, reading) {}

std::unique_ptr<SqlCursor> SideTable::open() const { return std::make_unique<SideCursor>(*this); }

std::vector<RowId> SideTable::rows_of(const std::string& key) const {
  std::vector<RowId> found;
  if (numbered_) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), number);
    const bool whole = parsed.ec == std::errc() && (parsed.ptr == key.data() + key.size() || *parsed.ptr == ',');
    if (whole && number >= 1 && number <= ~RowId{0}) found.push_back(static_cast<RowId>(number - 1));
  } else {
    if (!indexed_) index_keys();
    auto at = std::lower_bound(by_key_.begin(), by_key_.end(), std::pair(key, RowId{0}));
    for (; at != by_key_.end() && at->first == key; ++at) found.push_back(at->second);
  }
  std::erase_if(found, [&](RowId row) { return left_out_->contains(row) || !probe_.find(row); });
  return found;
}

void SideTable::index_keys() const {
  indexed_ = true;
  const std::vector<std::size_t> key = this->key();
  if (key.empty()) return;
  RowReader reader = this->reader();
  reader.rewind();
  std::vector<Field> parts(key.size());
  while (reader.next_batch(*left_out_))
    for (std::size_t i = 0; i < reader.size(); ++i) {
      for (std::size_t k = 0; k < key.size(); ++k) parts[k] = reader.field(i, side_columns_[key[k]].id);
      by_key_.emplace_back(key_of_parts(parts), reader.row(i));
    }
  std::sort(by_key_.begin(), by_key_.end());
}

}  // namespace rehearse
