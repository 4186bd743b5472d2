// An append-only log in chunks, with a base that moves forward as retention allows.
//
// Offsets never change meaning: offset n is the n-th record ever appended. Copying a log shares its full chunks and
// clones the open one, so a forked world costs little.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
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
    if (!chunks_.empty() && chunks_.back()->size() < chunk_size) {
      chunks_.back() = std::make_shared<Chunk>(*chunks_.back());
      records_.back() = chunks_.back()->data();
    }
    return *this;
  }

  std::uint64_t base() const { return base_; }  // the first offset that is still kept
  std::uint64_t end() const { return end_; }    // one past the last

  const Record& operator[](std::uint64_t offset) const {
    return records_[(offset >> chunk_bits) - first_chunk_][offset & (chunk_size - 1)];
  }
  void append(const Record& record) {
    if ((end_ & (chunk_size - 1)) == 0) open_chunk();
    Chunk& last = *chunks_.back();
    last.push_back(record);
    records_.back() = last.data();
    ++end_;
  }
  // Forgets the records before `offset`; memory is given back by whole chunks.
  void forget_before(std::uint64_t offset) {
    base_ = std::max(base_, std::min(offset, end_));
    const std::uint64_t first_kept = base_ >> chunk_bits;
    std::uint64_t gone = first_kept - first_chunk_;
    gone = std::min<std::uint64_t>(gone, chunks_.empty() ? 0 : chunks_.size() - 1);
    if (gone == 0) return;
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(gone));
    records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(gone));
    first_chunk_ += gone;
  }
  std::uint64_t kept_bytes() const {
    std::uint64_t records = 0;
    for (const auto& chunk : chunks_) records += chunk->capacity();
    return records * sizeof(Record);
  }

 private:
  using Chunk = std::vector<Record>;
  void open_chunk() {
    auto chunk = std::make_shared<Chunk>();
    if (end_ > 0) chunk->reserve(chunk_size);
    if (chunks_.empty()) first_chunk_ = end_ >> chunk_bits;
    records_.push_back(chunk->data());
    chunks_.push_back(std::move(chunk));
  }
  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::vector<const Record*> records_;  // of each chunk
  std::uint64_t first_chunk_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace rehearse
