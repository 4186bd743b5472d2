// A growable first-in first-out queue in one array: a value, indexable from the front, no allocation once warm.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace rehearse {

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return slots_[(first_ + i) & (capacity_ - 1)]; }
  const T& operator[](std::size_t i) const { return slots_[(first_ + i) & (capacity_ - 1)]; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  void push_back(const T& value) { push_slot() = value; }
  T& push_slot() {  // with whatever was there before
    if (size_ == capacity_) [[unlikely]]
      grow();
    return slots_[(first_ + size_++) & (capacity_ - 1)];
  }
  // What becomes empty starts over, so that a queue that was long once does not go through all of its memory for ever.
  void pop_front(std::size_t n = 1) {
    size_ -= n;
    first_ = size_ == 0 ? 0 : (first_ + n) & (capacity_ - 1);
  }
  void clear() { first_ = size_ = 0; }

 private:
  void grow() {
    std::vector<T> wider(slots_.empty() ? 16 : capacity_ * 2);
    for (std::size_t i = 0; i < size_; ++i) wider[i] = std::move((*this)[i]);
    slots_ = std::move(wider);
    capacity_ = slots_.size();
    first_ = 0;
  }
  std::vector<T> slots_;
  std::size_t capacity_ = 0;  // a power of two
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace rehearse
