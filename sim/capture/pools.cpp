#include "sim/capture/pools.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr std::size_t ids_max = 0xFFFFFFF0U;

std::uint64_t hash_of_text(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }
std::uint64_t hash_of_values(std::span<const ValueId> values) {
  return XXH3_64bits(values.data(), values.size() * sizeof(ValueId));
}

}  // namespace

ValueId ValuePool::intern(std::string_view text) {
  const std::uint64_t hash = hash_of_text(text);
  const auto equal = [&](std::uint32_t id) { return this->text(id) == text; };
  const std::uint32_t known = table_.find(hash, equal);
  if (known != IdTable::no_id) return known;
  REHEARSE_ASSERT(entries_.size() < ids_max, "distinct values fit 32-bit ids");
  if (chunks_.empty() || chunk_size_ - chunk_used_ < text.size()) {
    chunk_size_ = std::max(chunk_bytes, text.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_size_));
    chunk_used_ = 0;
  }
  if (!text.empty()) std::memcpy(chunks_.back().get() + chunk_used_, text.data(), text.size());
  entries_.push_back({static_cast<std::uint32_t>(chunks_.size() - 1), static_cast<std::uint32_t>(chunk_used_),
                      static_cast<std::uint32_t>(text.size())});
  chunk_used_ += text.size();
  bytes_ += text.size();
  const ValueId id = size() - 1;
  table_.insert(hash, id);
  return id;
}

std::optional<ValueId> ValuePool::find(std::string_view text) const {
  const std::uint32_t id =
      table_.find(hash_of_text(text), [&](std::uint32_t other) { return this->text(other) == text; });
  return id == IdTable::no_id ? std::nullopt : std::optional<ValueId>(id);
}

std::uint32_t TuplePool::intern(std::span<const ValueId> values) {
  const std::uint64_t hash = hash_of_values(values);
  const std::uint32_t known =
      table_.find(hash, [&](std::uint32_t id) { return std::ranges::equal((*this)[id], values); });
  if (known != IdTable::no_id) return known;
  REHEARSE_ASSERT(ends_.size() < ids_max, "distinct rows fit 32-bit ids");
  values_.insert(values_.end(), values.begin(), values.end());
  ends_.push_back(values_.size());
  const std::uint32_t id = size() - 1;
  table_.insert(hash, id);
  return id;
}

std::optional<std::uint32_t> TuplePool::find(std::span<const ValueId> values) const {
  const std::uint32_t id = table_.find(hash_of_values(values),
                                       [&](std::uint32_t other) { return std::ranges::equal((*this)[other], values); });
  return id == IdTable::no_id ? std::nullopt : std::optional<std::uint32_t>(id);
}

}  // namespace rehearse
