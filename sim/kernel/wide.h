// 128-bit integers under names that -Wpedantic accepts.
#pragma once

#include <cstdint>

namespace rehearse {

__extension__ typedef unsigned __int128 Unsigned128;
__extension__ typedef __int128 Signed128;

// A sum of 64-bit numbers that is kept in registers.
class WideSum {
 public:
  void add(std::uint64_t number) { carries_ += __builtin_add_overflow(low_, number, &low_); }
  Unsigned128 value() const { return static_cast<Unsigned128>(carries_) << 64 | low_; }

 private:
  std::uint64_t low_ = 0, carries_ = 0;
};

}  // namespace rehearse
