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
  T& operator[](std::size_t i) { return slots_[(first_ + i) & mask_]; }
  const T& operator[](std::size_t i) const { return slots_[(first_ + i) & mask_]; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  void push_back(const T& value) { push_slot() = value; }
  T& push_slot() {  // with whatever was there before
    if (size_ == slots_.size()) [[unlikely]]
      grow();
    return slots_[(first_ + size_++) & mask_];
  }
  void pop_front() {
    first_ = (first_ + 1) & mask_;
    --size_;
  }
  void pop_front(std::size_t n) {
    first_ = (first_ + n) & mask_;
    size_ -= n;
  }
  void clear() { first_ = size_ = 0; }

 private:
  void grow() {
    std::vector<T> wider(slots_.empty() ? 16 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) wider[i] = std::move((*this)[i]);
    slots_ = std::move(wider);
    mask_ = slots_.size() - 1;
    first_ = 0;
  }
  std::vector<T> slots_;
  std::size_t mask_ = 0;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace rehearse
