// Follows the structure of a zstd file (RFC 8878) beside the decompressor, to say whether the file is complete.
//
// The decompressor at hand ends quietly where its input ends, so a file cut short would pass for a short one. Only
// frame and block headers are looked at; content and checksums are the decompressor's to verify.
#pragma once

#include <cstdint>
#include <string_view>

namespace rehearse {

class ZstdFrames {
 public:
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      if (skip_ > 0) {
        const std::uint64_t n = skip_ < bytes.size() ? skip_ : bytes.size();
        skip_ -= n;
        bytes.remove_prefix(n);
        continue;
      }
      header_[have_++] = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      if (have_ == need_) advance();
    }
  }
  // Whether the bytes so far end exactly at the end of a frame.
  bool complete() const { return state_ == State::magic && have_ == 0 && skip_ == 0; }

 private:
  enum class State : std::uint8_t { magic, skippable, descriptor, block };

  void expect(State state, std::size_t bytes) {
    state_ = state;
    need_ = bytes;
    have_ = 0;
  }
  std::uint32_t little_endian(std::size_t bytes) const {
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | header_[i];
    return value;
  }
  void advance() {
    switch (state_) {
      case State::magic:
        if ((little_endian(4) & 0xFFFFFFF0U) == 0x184D2A50U) return expect(State::skippable, 4);
        return expect(State::descriptor, 1);
      case State::skippable:
        skip_ = little_endian(4);
        return expect(State::magic, 4);
      case State::descriptor: {
        const unsigned descriptor = header_[0];
        const bool single_segment = (descriptor & 0x20U) != 0;
        const unsigned content_size_flag = descriptor >> 6;
        const unsigned content_size = content_size_flag == 0 ? (single_segment ? 1 : 0) : 1U << content_size_flag;
        const unsigned dictionary_flag = descriptor & 3U;
        const unsigned dictionary = dictionary_flag == 3 ? 4 : dictionary_flag;
        checksum_ = (descriptor & 4U) != 0;
        skip_ = (single_segment ? 0 : 1) + dictionary + content_size;
        return expect(State::block, 3);
      }
      case State::block: {
        const std::uint32_t block = little_endian(3);
        const bool last = (block & 1U) != 0;
        const bool run_length = (block >> 1 & 3U) == 1;
        skip_ = run_length ? 1 : block >> 3;
        if (!last) return expect(State::block, 3);
        if (checksum_) skip_ += 4;
        return expect(State::magic, 4);
      }
    }
  }

  State state_ = State::magic;
  unsigned char header_[4] = {};
  std::size_t need_ = 4;
  std::size_t have_ = 0;
  std::uint64_t skip_ = 0;
  bool checksum_ = false;
};

}  // namespace rehearse
