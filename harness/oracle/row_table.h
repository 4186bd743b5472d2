// What is known of some rows of the world's tables, each found at once, and gone through in the order of table and row.
//
// Values lie in a common store, in blocks, which an array by row points into; they stay where they are until erased.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/rows/row_counts.h"
#include "sim/rows/types.h"

namespace rehearse {

template <class Value>
class RowTable {
 public:
  using Key = std::pair<TableId, RowId>;

  RowTable() = default;
  RowTable(const RowTable& other) : places_(other.places_), free_(other.free_), used_(other.used_) {
    for (const auto& block : other.blocks_) blocks_.push_back(std::make_unique<Block>(*block));
  }
  RowTable& operator=(RowTable other) noexcept {
    std::swap(places_, other.places_);
    std::swap(blocks_, other.blocks_);
    std::swap(free_, other.free_);
    std::swap(used_, other.used_);
    return *this;
  }
  RowTable(RowTable&&) noexcept = default;

  bool contains(Key key) const { return place_of(key) != 0; }
  const Value* find(Key key) const {
    const std::uint32_t place = place_of(key);
    return place == 0 ? nullptr : &at(place);
  }
  Value* find(Key key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  // Has what is known of the row fetched into the cache: first where it lies, a while later what lies there.
  void prefetch_place(Key key) const {
    if (key.first < places_.size()) places_[key.first].prefetch(key.second);
  }
  void prefetch(Key key) const {
    if (const Value* value = find(key)) fetch(*value);
  }
  // The value of a row; a fresh one, and true, if nothing was known of it.
  std::pair<Value*, bool> try_emplace(Key key) {
    if (Value* value = find(key)) return {value, false};
    if (places_.size() <= key.first) places_.resize(key.first + std::size_t{1});
    std::uint32_t place = used_ + 1;
    if (!free_.empty()) {
      place = free_.back();
      free_.pop_back();
    } else if (used_++ % block_values == 0) {
      blocks_.push_back(std::make_unique<Block>());
    }
    places_[key.first].set(key.second, place);
    return {&at(place), true};
  }
  void erase(Key key) {
    Value* value = find(key);
    if (value == nullptr) return;
    *value = Value{};  // what it held is given back
    free_.push_back(places_[key.first][key.second]);
    places_[key.first].set(key.second, 0);
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
    for (std::size_t table = 0; table < places_.size(); ++table) walk(*this, static_cast<TableId>(table), visit);
  }

 private:
  static constexpr std::uint32_t block_values = 512;
  using Block = std::array<Value, block_values>;
  static void fetch(const Value& value) {
    const char* bytes = reinterpret_cast<const char*>(&value);
    for (std::size_t i = 0; i < sizeof(Value); i += 64) __builtin_prefetch(bytes + i);
  }
  std::uint32_t place_of(Key key) const { return key.first < places_.size() ? places_[key.first][key.second] : 0; }
  const Value& at(std::uint32_t place) const {
    return (*blocks_[(place - 1) / block_values])[(place - 1) % block_values];
  }
  Value& at(std::uint32_t place) { return const_cast<Value&>(std::as_const(*this).at(place)); }

  // A value is fetched into the cache some rows before it is visited: neighbours do not lie side by side.
  template <class Self, class Visit>
  static void walk(Self& self, TableId table, Visit& visit) {
    if (table >= self.places_.size()) return;
    constexpr std::size_t ahead = 16;
    std::array<std::pair<RowId, std::uint32_t>, ahead> coming;
    std::size_t seen = 0;
    const auto visit_one = [&](std::size_t i) {
      visit(Key{table, coming[i % ahead].first}, self.at(coming[i % ahead].second));
    };
    self.places_[table].for_each([&](RowId row, std::uint32_t place) {
      if (seen >= ahead) visit_one(seen - ahead);
      coming[seen++ % ahead] = {row, place};
      fetch(self.at(place));
    });
    for (std::size_t i = seen < ahead ? 0 : seen - ahead; i < seen; ++i) visit_one(i);
  }

  std::vector<RowCounts> places_;  // by table; counted from 1
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::uint32_t> free_;  // places
  std::uint32_t used_ = 0;
};

}  // namespace rehearse
