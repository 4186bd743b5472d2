// The earliest of a fixed number of instants, of equal ones the first: a tournament in groups of eight, in which a
// change replays the groups on its way up and nothing is decided by a jump.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"

namespace rehearse {

class Earliest {
 public:
  // Later than any world lasts (18 years). No player's instant is later than that.
  static constexpr Time never{std::int64_t{1} << 59};

  Earliest() = default;
  explicit Earliest(std::uint32_t n) : players_(in_groups(n)) {
    std::size_t nodes = 0;
    for (std::size_t size = players_;; size = in_groups(size / group)) {
      nodes += size;
      if (size == group) break;
    }
    for (std::size_t i = 0; i < nodes; ++i) keys_.push_back(key(never, i));
    of_.resize(nodes);
    for (std::uint32_t i = 0; i < players_; i += group) set(i, never);
  }
  Time at() const { return {first_ >> group_bits}; }
  std::uint32_t index() const { return index_; }
  void set(std::uint32_t index, Time at) {
    std::int64_t* const opponents = &keys_[index / group * group];
    opponents[index % group] = key(never, index);
    const std::int64_t best = least(opponents);  // which need not wait for `at`
    opponents[index % group] = key(at, index);
    first_ = lesser(best, key(at, index));
    index_ = index / group * group + place(first_);
    if (players_ > group) [[unlikely]]
      play_on(index / group);
  }
  // The same for one that is `never`: it only has to beat the first.
  void enter(std::uint32_t index, Time at) {
    if (players_ > group) [[unlikely]]
      return set(index, at);
    const std::int64_t entered = key(at, index);
    keys_[index] = entered;
    index_ = entered < first_ ? index : index_;
    first_ = entered < first_ ? entered : first_;
  }

 private:
  static constexpr int group_bits = 3;
  static constexpr std::uint32_t group = 1U << group_bits;
  static constexpr std::size_t in_groups(std::size_t n) { return (n + group - 1) / group * group; }
  // The instant above, the place in the group below: of equal instants the lower place is the lesser.
  static constexpr std::int64_t key(Time at, std::size_t place) {
    return at.ns << group_bits | static_cast<std::int64_t>(place % group);
  }
  static std::int64_t lesser(std::int64_t a, std::int64_t b) {
    std::int64_t of_both = a < b ? a : b;
    asm("" : "+r"(of_both));  // or the compiler makes one long chain of all the matches of a group
    return of_both;
  }
  static std::int64_t least(const std::int64_t* keys) {
    return lesser(lesser(lesser(keys[0], keys[1]), lesser(keys[2], keys[3])),
                  lesser(lesser(keys[4], keys[5]), lesser(keys[6], keys[7])));
  }
  static std::uint32_t place(std::int64_t key) { return static_cast<std::uint32_t>(key) % group; }
  // The winner of the lowest level's group `node` goes on to the levels above.
  void play_on(std::size_t node);

  std::size_t players_ = 0;         // in whole groups
  std::vector<std::int64_t> keys_;  // the players, then the winners of their groups, and so on up to one group
  std::vector<std::uint32_t> of_;   // which player a winner is
  std::int64_t first_ = 0;
  std::uint32_t index_ = 0;
};

}  // namespace rehearse
