// A growable first-in first-out queue in one array, in which the elements lie together: a value, indexable from the
// front, no allocation once warm.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace rehearse {

template <class T>
class Queue {
 public:
  bool empty() const { return first_ == end_; }
  std::size_t size() const { return end_ - first_; }
  T& operator[](std::size_t i) { return slots_[first_ + i]; }
  const T& operator[](std::size_t i) const { return slots_[first_ + i]; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  std::span<const T> front(std::size_t n) const { return {slots_.data() + first_, n}; }
  void push_back(const T& value) { push_slot() = value; }
  T& push_slot() {  // with whatever was there before
    if (end_ == capacity_) [[unlikely]]
      make_room();
    return slots_[end_++];
  }
  // What becomes empty starts over, so that a queue that was long once does not go through all of its memory for ever.
  void pop_front(std::size_t n = 1) {
    first_ += n;
    if (first_ == end_) clear();
  }
  void clear() { first_ = end_ = 0; }

 private:
  // Moves what there is to the start, which the pushes until then have paid for, and grows if it is more than half.
  void make_room() {
    const auto at = slots_.begin();
    std::move(at + static_cast<std::ptrdiff_t>(first_), at + static_cast<std::ptrdiff_t>(end_), at);
    end_ -= first_;
    first_ = 0;
    if (end_ < capacity_ / 2) return;
    capacity_ = std::max<std::size_t>(16, capacity_ * 2);
    slots_.resize(capacity_);
  }
  std::vector<T> slots_;
  std::size_t capacity_ = 0;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
};

}  // namespace rehearse
