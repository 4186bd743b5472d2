#include "sim/pipelines/earliest.h"

namespace rehearse {

void Earliest::play_on(std::size_t node) {
  std::size_t level = players_, size = in_groups(players_ / group);
  while (true) {
    keys_[level + node] = key(at(), node);
    of_[level + node] = index_;
    const std::size_t opponents = level + node / group * group;
    first_ = least(&keys_[opponents]);
    index_ = of_[opponents + place(first_)];
    if (size == group) return;
    node /= group;
    level += size;
    size = in_groups(size / group);
  }
}

}  // namespace rehearse
