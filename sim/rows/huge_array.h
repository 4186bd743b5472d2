// An array that grows without being copied: the cells of a table, which may be most of a world's memory.
//
// Cells are read at random, where a page-table walk costs more than the read, so a large array lies in huge pages. It
// grows by moving pages to a longer range of addresses: no second copy for a while, no slack beyond a page. A small
// array is ordinary memory. Where the system has no huge pages, only speed differs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace rehearse {

// Memory in bytes; `capacity` of what was asked for the last time.
class HugeMemory {
 public:
  static constexpr std::size_t page = std::size_t{2} << 20;
  HugeMemory() = default;
  HugeMemory(HugeMemory&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  HugeMemory& operator=(HugeMemory&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~HugeMemory();

  void* start() const { return start_; }
  std::size_t bytes() const { return bytes_; }
  // Keeps the content. Grows only; to whole pages where it is large.
  void grow(std::size_t bytes);

 private:
  void* start_ = nullptr;
  std::size_t bytes_ = 0;
};

template <class T>
class HugeArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  HugeArray() = default;
  HugeArray(const HugeArray& other) { *this = other; }
  HugeArray(HugeArray&& other) noexcept : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
  HugeArray& operator=(const HugeArray& other) {
    if (this != &other) assign({other.data(), other.size_});
    return *this;
  }
  void assign(std::span<const T> elements) {  // of another array
    reserve(elements.size());
    std::copy_n(elements.data(), elements.size(), data());
    size_ = elements.size();
  }
  HugeArray& operator=(HugeArray&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~HugeArray() = default;

  T* data() { return static_cast<T*>(memory_.start()); }
  const T* data() const { return static_cast<const T*>(memory_.start()); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return memory_.bytes() / sizeof(T); }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }

  void reserve(std::size_t capacity) {
    if (capacity > this->capacity()) memory_.grow(capacity * sizeof(T));
  }
  // size >= size(); new elements are T{}. By eighths while it is small, by pages later.
  void resize(std::size_t size) {
    if (size > capacity()) reserve(std::max(size, capacity() + std::min(capacity() / 8, HugeMemory::page / sizeof(T))));
    std::fill(data() + size_, data() + size, T{});
    size_ = size;
  }

 private:
  HugeMemory memory_;
  std::size_t size_ = 0;
};

}  // namespace rehearse
