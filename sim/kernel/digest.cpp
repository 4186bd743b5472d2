// XXH3-128 behind a buffer, and the combination of named parts.
#include "sim/kernel/digest.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

std::string Digest128::hex() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t half : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += digits[half >> shift & 15];
  }
  return text;
}

Digest::Digest(const Digest& other) : used_(other.used_) {
  std::memcpy(buffer_.data(), other.buffer_.data(), used_);
  if (other.state_) {
    state_.reset(XXH3_createState());
    XXH3_copyState(state_.get(), other.state_.get());
  }
}

Digest& Digest::operator=(const Digest& other) {
  if (this != &other) *this = Digest(other);
  return *this;
}

void Digest::add(std::span<const std::uint64_t> fields) {
  if constexpr (std::endian::native == std::endian::little) add_bytes(fields.data(), fields.size_bytes());
  else
    for (const std::uint64_t field : fields) add(field);
}

void Digest::add(std::string_view text) {
  add(static_cast<std::uint64_t>(text.size()));
  add_bytes(text.data(), text.size());
}

void Digest::add_bytes(const void* bytes, std::size_t size) {
  auto from = static_cast<const unsigned char*>(bytes);
  while (size > 0) {
    if (used_ == buffer_.size()) flush();
    const std::size_t part = std::min(size, buffer_.size() - used_);
    std::memcpy(buffer_.data() + used_, from, part);
    used_ += part;
    from += part;
    size -= part;
  }
}

void Digest::flush() {
  if (!state_) {
    state_.reset(XXH3_createState());
    REHEARSE_ASSERT(state_ != nullptr, "there is memory for a digest's state");
    XXH3_128bits_reset(state_.get());
  }
  XXH3_128bits_update(state_.get(), buffer_.data(), used_);
  used_ = 0;
}

Digest128 Digest::value() const {
  XXH128_hash_t hash;
  if (state_) {
    Digest all(*this);
    all.flush();
    hash = XXH3_128bits_digest(all.state_.get());
  } else {
    hash = XXH3_128bits(buffer_.data(), used_);
  }
  return {hash.low64, hash.high64};
}

Digest128 combine(std::vector<std::pair<std::string, Digest128>> parts) {
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Digest digest;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    REHEARSE_ASSERT(i == 0 || parts[i - 1].first != parts[i].first, "the parts of a digest have names of their own");
    digest.add(parts[i].first);
    digest.add(parts[i].second);
  }
  return digest.value();
}

}  // namespace rehearse
