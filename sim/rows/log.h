// An append-only log in chunks, with a base that moves forward as retention allows.
//
// Offsets never change meaning: offset n is the n-th record ever appended. Copying a log shares its full chunks and
// clones the open one, so a forked world costs little.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/kernel/assert.h"

namespace rehearse {

template <class Record, int chunk_bits = 15>
class Log {
 public:
  static constexpr std::uint64_t chunk_size = std::uint64_t{1} << chunk_bits;

  Log() = default;
  Log(Log&&) noexcept = default;
  Log& operator=(Log&&) noexcept = default;
  Log(const Log& other) { *this = other; }
  Log& operator=(const Log& other) {
    chunks_ = other.chunks_;
    records_ = other.records_;
    first_chunk_ = other.first_chunk_;
    base_ = other.base_;
    end_ = other.end_;
    room_until_ = other.room_until_;
    spare_ = nullptr;
    if (const std::uint64_t used = end_ % chunk_size; used > 0) move_open_chunk(used, room_until_ - (end_ - used));
    return *this;
  }

  std::uint64_t base() const { return base_; }  // the first offset that is still kept
  std::uint64_t end() const { return end_; }    // one past the last

  const Record& operator[](std::uint64_t offset) const {
    return records_[(offset >> chunk_bits) - first_chunk_][offset % chunk_size];
  }
  // The records from `offset` on that lie together: to the log's end, or to that of a chunk. offset < end().
  std::span<const Record> run(std::uint64_t offset) const {
    const std::uint64_t chunk_end = (offset | (chunk_size - 1)) + 1;
    return {&(*this)[offset], static_cast<std::size_t>(std::min(chunk_end, end_) - offset)};
  }
  [[gnu::always_inline]] void append(Record record) {
    if (end_ == room_until_) [[unlikely]]
      make_room();
    const std::uint64_t offset = end_++;
    records_.back()[offset % chunk_size] = record;
  }
  // Appends many records with the place of the next one at hand. Until finish() nobody else looks at the log.
  class Appender {
   public:
    explicit Appender(const Log& log)
        : next_(log.records_.empty() ? nullptr : log.records_.back() + log.end_ % chunk_size),
          room_end_(next_ + (log.room_until_ - log.end_)) {}
    std::size_t room() const { return static_cast<std::size_t>(room_end_ - next_); }
    void append(Record record) { *next_++ = record; }  // as many as there is room for
    void finish(Log& log) const { log.end_ = log.room_until_ - static_cast<std::uint64_t>(room_end_ - next_); }

   private:
    Record* next_;
    Record* room_end_;
  };
  // Forgets the records before `offset`; memory is given back by whole chunks.
  void forget_before(std::uint64_t offset) {
    base_ = std::max(base_, std::min(offset, end_));
    const std::uint64_t first_kept = base_ >> chunk_bits;
    std::uint64_t gone = first_kept - first_chunk_;
    gone = std::min<std::uint64_t>(gone, chunks_.empty() ? 0 : chunks_.size() - 1);
    if (gone == 0) return;
    spare_ = std::move(chunks_[gone - 1]);
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(gone));
    records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(gone));
    first_chunk_ += gone;
  }
  std::uint64_t kept_bytes() const { return (room_until_ - (first_chunk_ << chunk_bits)) * sizeof(Record); }

 private:
  static_assert(std::is_trivially_copyable_v<Record> && std::is_trivially_destructible_v<Record>);
  using Chunk = std::shared_ptr<Record[]>;
  // Untouched memory, unlike that of an array that is made.
  static Chunk new_chunk(std::uint64_t records) {
    std::allocator<Record> allocator;
    return {allocator.allocate(records), [=](Record* chunk) mutable { allocator.deallocate(chunk, records); }};
  }
  // The first chunk starts small and grows, since most logs are short; later ones are made whole.
  void make_room() {
    const std::uint64_t used = end_ % chunk_size;
    if (used > 0) return move_open_chunk(used, used * 2);
    const std::uint64_t room = end_ == 0 ? 1 : chunk_size;
    if (chunks_.empty()) first_chunk_ = end_ >> chunk_bits;
    chunks_.push_back(room == chunk_size && spare_.use_count() == 1 ? std::exchange(spare_, nullptr) : new_chunk(room));
    records_.push_back(chunks_.back().get());
    room_until_ = end_ + room;
  }
  void move_open_chunk(std::uint64_t used, std::uint64_t room) {
    Chunk chunk = new_chunk(room);
    std::copy_n(records_.back(), used, chunk.get());
    chunks_.back() = std::move(chunk);
    records_.back() = chunks_.back().get();
    room_until_ = end_ - used + room;
  }
  std::vector<Chunk> chunks_;
  std::vector<Record*> records_;  // of each chunk
  Chunk spare_;                   // the last one forgotten, to be used again while it is in the cache and mapped
  std::uint64_t first_chunk_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t room_until_ = 0;  // of the open chunk
};

}  // namespace rehearse
