#include "sim/consumers/key_draw.h"

#include "sim/source/synthetic.h"

namespace rehearse {

RowId KeyDraw::draw(std::uint64_t number, std::uint32_t attempt, RowId slots) {
  if (zipf_exponent_ <= 0) return static_cast<RowId>(below(bits(draws_, number, attempt), slots));
  if (slots > covers_ + covers_ / 16) {
    covers_ = slots;
    zipf_ = Zipf(covers_, zipf_exponent_);
    permutation_ = popular_keys(seed_, table_, covers_);
  }
  return static_cast<RowId>(permutation_.key(zipf_(draws_, number, attempt), covers_));
}

}  // namespace rehearse
