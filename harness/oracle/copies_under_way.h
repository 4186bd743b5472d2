// The further deliveries of one row's records that are under way: what was taken up again, until it ends.
//
// They come and go nearly in order, a few of one row or, when a topic is read again, very many; so they are kept by
// write, ended ones at the front are passed over, and which writes they bring is kept as runs. A row that has none pays
// for a pointer.
#pragma once

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

#include "harness/oracle/write_set.h"
#include "sim/kernel/assert.h"
#include "sim/rows/types.h"

namespace rehearse {

class CopiesUnderWay {
 public:
  struct Copy {
    Cell record;
    Write before;  // the row's write before
    Mark held;
    bool serves;  // what it holds is what it should
  };

  CopiesUnderWay() = default;
  CopiesUnderWay(const CopiesUnderWay& other) : all_(other.all_ ? std::make_unique<All>(*other.all_) : nullptr) {}
  CopiesUnderWay& operator=(CopiesUnderWay other) noexcept {
    std::swap(all_, other.all_);
    return *this;
  }
  CopiesUnderWay(CopiesUnderWay&&) noexcept = default;

  bool empty() const { return !all_ || all_->ended == all_->copies.size(); }
  void take_up(const Copy& copy) {
    if (!all_) all_ = std::make_unique<All>();
    all_->copies.insert(std::upper_bound(all_->begin(), all_->copies.end(), copy, by_write), copy);
    if (copy.serves) all_->serving.insert(copy.before, copy.record.write);
  }
  // One of a write that holds `held`.
  void end(Write write, Mark held) {
    REHEARSE_ASSERT(all_, "a further delivery that ends had been under way");
    Copy ended{{write, absent, 0}, 0, held, false};
    const auto at = std::lower_bound(all_->begin(), all_->copies.end(), ended, by_write);
    REHEARSE_ASSERT(at != all_->copies.end() && at->record.write == write && at->held == held,
                    "a further delivery that ends had been under way");
    ended = *at;
    if (at == all_->begin()) ++all_->ended;
    else all_->copies.erase(at);
    if (all_->ended > all_->copies.size() / 2) {
      all_->copies.erase(all_->copies.begin(), all_->begin());
      all_->ended = 0;
    }
    if (ended.serves && !serves(write)) all_->serving.remove(ended.before, write);
  }
  // The write before those that lead up to `write`, each brought by a copy that serves; `write` itself if none is.
  Write before_run_up_to(Write write) const { return all_ ? all_->serving.before_run_up_to(write) : write; }
  // What a copy holds may be what it should by another contract: Serves(Copy) says.
  template <class Serves>
  void judge_again(Serves serves) {
    if (!all_) return;
    all_->serving = {};
    for (auto copy = all_->begin(); copy != all_->copies.end(); ++copy)
      if ((copy->serves = serves(*copy))) all_->serving.insert(copy->before, copy->record.write);
  }

 private:
  struct All {
    std::vector<Copy> copies;  // by write and what they hold, after those that
    std::size_t ended = 0;
    WriteSet serving;  // the writes that some copy brings as it should
    std::vector<Copy>::iterator begin() { return copies.begin() + static_cast<std::ptrdiff_t>(ended); }
  };
  static bool by_write(const Copy& a, const Copy& b) {
    return std::tie(a.record.write, a.held) < std::tie(b.record.write, b.held);
  }
  bool serves(Write write) const {
    const Copy first{{write, absent, 0}, 0, 0, false};
    for (auto copy = std::lower_bound(all_->begin(), all_->copies.end(), first, by_write);
         copy != all_->copies.end() && copy->record.write == write; ++copy)
      if (copy->serves) return true;
    return false;
  }
  std::unique_ptr<All> all_;
};

}  // namespace rehearse
