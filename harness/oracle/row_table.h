// What is known of some rows of the world's tables, each found at once, and gone through in the order of table and row.
//
// Per table an array by row of places in a common store of values, in pages that exist where a row of theirs is known:
// four bytes a row there, and nothing elsewhere. Values stay where they are until they are erased.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "sim/rows/types.h"

namespace rehearse {

template <class Value>
class RowTable {
 public:
  using Key = std::pair<TableId, RowId>;

  RowTable() = default;
  RowTable(const RowTable& other) : values_(other.values_), free_(other.free_), size_(other.size_) {
    for (const Pages& pages : other.tables_) {
      tables_.emplace_back();
      for (const auto& page : pages) tables_.back().push_back(page ? std::make_unique<Page>(*page) : nullptr);
    }
  }
  RowTable& operator=(RowTable other) {
    std::swap(tables_, other.tables_);
    std::swap(values_, other.values_);
    std::swap(free_, other.free_);
    std::swap(size_, other.size_);
    return *this;
  }
  RowTable(RowTable&&) noexcept = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Value* find(Key key) const {
    const std::uint32_t* place = place_of(key);
    return place == nullptr || *place == none ? nullptr : &values_[*place];
  }
  Value* find(Key key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  // Has what is known of the row fetched into the cache, which takes about as long as ten finds.
  void prefetch(Key key) const {
    const Value* value = find(key);
    if (value == nullptr) return;
    const char* bytes = reinterpret_cast<const char*>(value);
    for (std::size_t i = 0; i < sizeof(Value); i += 64) __builtin_prefetch(bytes + i);
  }
  // The value of a row; a fresh one, and true, if nothing was known of it.
  std::pair<Value*, bool> try_emplace(Key key) {
    std::uint32_t& place = page_of(key).places[key.second % page_rows];
    if (place != none) return {&values_[place], false};
    if (free_.empty()) {
      place = static_cast<std::uint32_t>(values_.size());
      values_.emplace_back();
    } else {
      place = free_.back();
      free_.pop_back();
      values_[place] = Value{};
    }
    ++page_of(key).known;
    ++size_;
    return {&values_[place], true};
  }
  void erase(Key key) {
    const std::uint32_t* place = place_of(key);
    if (place == nullptr || *place == none) return;
    values_[*place] = Value{};  // what it held is given back
    free_.push_back(*place);
    Page& page = page_of(key);
    page.places[key.second % page_rows] = none;
    --size_;
    if (--page.known == 0) tables_[key.first][key.second / page_rows] = nullptr;
  }
  void clear() {
    tables_.clear();
    values_.clear();
    free_.clear();
    size_ = 0;
  }

  template <class Visit>  // Visit(Key, Value&)
  void for_each(TableId table, Visit visit) {
    walk(*this, table, visit);
  }
  template <class Visit>  // Visit(Key, const Value&)
  void for_each(TableId table, Visit visit) const {
    walk(*this, table, visit);
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t table = 0; table < tables_.size(); ++table) walk(*this, static_cast<TableId>(table), visit);
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr RowId page_rows = 1024;
  struct Page {
    Page() { places.fill(none); }
    std::array<std::uint32_t, page_rows> places;
    std::uint32_t known = 0;
  };
  using Pages = std::vector<std::unique_ptr<Page>>;

  const std::uint32_t* place_of(Key key) const {
    if (key.first >= tables_.size()) return nullptr;
    const Pages& pages = tables_[key.first];
    const std::size_t page = key.second / page_rows;
    return page < pages.size() && pages[page] ? &pages[page]->places[key.second % page_rows] : nullptr;
  }
  Page& page_of(Key key) {
    if (tables_.size() <= key.first) tables_.resize(key.first + std::size_t{1});
    Pages& pages = tables_[key.first];
    const std::size_t page = key.second / page_rows;
    if (pages.size() <= page) pages.resize(page + 1);
    if (!pages[page]) pages[page] = std::make_unique<Page>();
    return *pages[page];
  }
  template <class Self, class Visit>
  static void walk(Self& self, TableId table, Visit& visit) {
    if (table >= self.tables_.size()) return;
    for (std::size_t page = 0; page < self.tables_[table].size(); ++page) {
      if (!self.tables_[table][page]) continue;
      for (RowId i = 0; i < page_rows; ++i)
        if (const std::uint32_t place = self.tables_[table][page]->places[i]; place != none)
          visit(Key{table, static_cast<RowId>(page * page_rows + i)}, self.values_[place]);
    }
  }

  std::vector<Pages> tables_;
  std::deque<Value> values_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace rehearse
