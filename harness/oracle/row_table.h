// What is known of some rows of the world's tables, each found at once, and gone through in the order of table and row.
//
// Values lie in a common store, which an array by row points into; they stay where they are until they are erased.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "sim/rows/row_counts.h"
#include "sim/rows/types.h"

namespace rehearse {

template <class Value>
class RowTable {
 public:
  using Key = std::pair<TableId, RowId>;

  const Value* find(Key key) const {
    const std::uint32_t place = key.first < places_.size() ? places_[key.first][key.second] : 0;
    return place == 0 ? nullptr : &values_[place - 1];
  }
  Value* find(Key key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  // Has what is known of the row fetched into the cache: first where it lies, a while later what lies there.
  void prefetch_place(Key key) const {
    if (key.first < places_.size()) places_[key.first].prefetch(key.second);
  }
  void prefetch(Key key) const {
    const char* bytes = reinterpret_cast<const char*>(find(key));
    for (std::size_t i = 0; bytes != nullptr && i < sizeof(Value); i += 64) __builtin_prefetch(bytes + i);
  }
  // The value of a row; a fresh one, and true, if nothing was known of it.
  std::pair<Value*, bool> try_emplace(Key key) {
    if (Value* value = find(key)) return {value, false};
    if (places_.size() <= key.first) places_.resize(key.first + std::size_t{1});
    if (free_.empty()) {
      values_.emplace_back();
      places_[key.first].set(key.second, static_cast<std::uint32_t>(values_.size()));
      return {&values_.back(), true};
    }
    places_[key.first].set(key.second, free_.back());
    Value& value = values_[free_.back() - 1];
    free_.pop_back();
    return {&value, true};
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
    if (table < places_.size())
      places_[table].for_each([&](RowId row, std::uint32_t place) { visit(Key{table, row}, values_[place - 1]); });
  }
  template <class Visit>  // Visit(Key, const Value&)
  void for_each(TableId table, Visit visit) const {
    if (table < places_.size())
      places_[table].for_each([&](RowId row, std::uint32_t place) { visit(Key{table, row}, values_[place - 1]); });
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t table = 0; table < places_.size(); ++table) for_each(static_cast<TableId>(table), visit);
  }

 private:
  std::vector<RowCounts> places_;  // by table; counted from 1
  std::deque<Value> values_;
  std::vector<std::uint32_t> free_;  // places
};

}  // namespace rehearse
