// Digests of results and trajectories: XXH3-128 over explicit little-endian fields, never over memory as it lies.
//
// Invariant: the value depends on the sequence of bytes added, never on how additions were grouped or buffered.
#pragma once

#include <xxhash.h>

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rehearse {

struct Digest128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const Digest128&) const = default;
  std::string hex() const;  // 32 digits, high half first
};

// A running digest; a value: a copy goes on alone. A moved-from digest may only be assigned or destroyed.
class Digest {
 public:
  Digest() = default;
  Digest(const Digest& other);
  Digest& operator=(const Digest& other);
  Digest(Digest&&) noexcept = default;
  Digest& operator=(Digest&&) noexcept = default;
  ~Digest() = default;

  template <class... Fields>
  requires(std::same_as<Fields, std::uint64_t>&&...) void add(std::uint64_t first,
                                                              Fields... more) {  // 8 bytes each, little endian
    std::array<std::uint64_t, 1 + sizeof...(more)> fields{first, more...};
    if (used_ + sizeof fields > buffer_.size()) [[unlikely]]
      flush();
    if constexpr (std::endian::native == std::endian::big)
      for (std::uint64_t& field : fields) field = __builtin_bswap64(field);
    std::memcpy(buffer_.data() + used_, fields.data(), sizeof fields);
    used_ += sizeof fields;
  }
  void add(std::span<const std::uint64_t> fields);
  void add(std::string_view text);  // its length as a u64, then its bytes
  void add(const Digest128& part) {
    add(part.low);
    add(part.high);
  }
  void add_bytes(const void* bytes, std::size_t size);  // the bytes alone, no length

  Digest128 value() const;  // of everything added so far; the digest can go on

 private:
  struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  void flush();

  std::size_t used_ = 0;
  std::array<unsigned char, 2048> buffer_;
  std::unique_ptr<XXH3_state_t, FreeState> state_;  // made by the first flush
};

// One digest of named parts, whatever order they come in. Names are unique (asserted).
Digest128 combine(std::vector<std::pair<std::string, Digest128>> parts);

}  // namespace rehearse
