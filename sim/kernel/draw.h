// Keyed draws: random bits as a pure function of what the draw is for, never of how many draws came before.
//
// stream(seed, name) names the purpose ("cdc.sink.service_time"); id is the record, transaction or read that the draw
// belongs to; attempt tells retries of the same record apart. Taking one fault out of a scenario therefore leaves every
// other draw as it was.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/kernel/wide.h"

namespace rehearse {

struct Stream {
  std::uint64_t key = 0;
};

// Derived from (seed, name) by XXH3.
Stream stream(std::uint64_t seed, std::string_view name);

// A 64-bit finaliser (multiply, xor-shift; the constants of Stafford's Mix13).
constexpr std::uint64_t finalise(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return x;
}

// Two rounds over (key, id, attempt): 64 bits, uniform, independent between streams, ids and attempts.
constexpr std::uint64_t bits(Stream s, std::uint64_t id, std::uint32_t attempt = 0) {
  const std::uint64_t first = finalise(id * 0x9e3779b97f4a7c15ULL + s.key);
  return finalise(first ^ (s.key >> 32 | s.key << 32) ^ (std::uint64_t{attempt} * 0xd6e8feb86659fd93ULL));
}

// Uniform integer in [0, n) by multiply-shift; the bias is below n / 2^64.
constexpr std::uint64_t below(std::uint64_t random_bits, std::uint64_t n) {
  return static_cast<std::uint64_t>(static_cast<Unsigned128>(random_bits) * n >> 64);
}

// A chance as a share of 2^64; `draw < chance.threshold` decides.
struct Chance {
  std::uint64_t threshold = 0;
  bool always = false;
  constexpr bool hit(std::uint64_t random_bits) const { return always || random_bits < threshold; }
};
// parts / whole, for whole > 0 and parts <= whole.
constexpr Chance chance(std::uint64_t parts, std::uint64_t whole) {
  if (parts >= whole) return {~std::uint64_t{0}, true};
  return {static_cast<std::uint64_t>((static_cast<Unsigned128>(parts) << 64) / whole), false};
}

}  // namespace rehearse
