#include "harness/reconcile/claim_set.h"

#include <tuple>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

auto likeness(const Claim& claim) { return std::tuple(claim.table, claim.kind, claim.columns); }

// Missing, extra and different rows first: a row that is there too often may differ as well.
auto rank(const Claim& claim) { return std::tuple(claim.kind == scenario::DUPLICATE, claim.kind, claim.columns); }

}  // namespace

void ClaimSet::add(const Claim& claim) {
  if (claim.about != Claim::About::row || !claim.names_row()) {
    others_.push_back(claim);
    ++size_;
    return;
  }
  if (last_ >= alike_.size() || likeness(alike_[last_].claim) != likeness(claim)) {
    last_ = 0;
    while (last_ < alike_.size() && likeness(alike_[last_].claim) != likeness(claim)) ++last_;
    if (last_ == alike_.size()) {
      const auto of_table =
          std::find_if(alike_.rbegin(), alike_.rend(), [&](const Alike& a) { return a.claim.table == claim.table; });
      last_ = static_cast<std::size_t>(of_table.base() - alike_.begin());
      if (of_table == alike_.rend()) last_ = alike_.size();
      alike_.insert(alike_.begin() + static_cast<std::ptrdiff_t>(last_), Alike{claim, {}, {}});
    }
  }
  alike_[last_].adding.push_back(claim.row);
  ++size_;
}

void ClaimSet::pack() {
  size_ = others_.size();
  for (Alike& set : alike_) {
    REHEARSE_ASSERT(set.rows.empty(), "claims are packed once");
    set.rows = PackedRows(std::move(set.adding));
    set.adding = {};
    size_ += set.rows.size();
  }
  others_.shrink_to_fit();
}

std::vector<const ClaimSet::Alike*> ClaimSet::of_table(std::size_t first) const {
  std::vector<const Alike*> sets;
  for (std::size_t i = first; i < alike_.size() && alike_[i].claim.table == alike_[first].claim.table; ++i)
    sets.push_back(&alike_[i]);
  std::sort(sets.begin(), sets.end(), [](const Alike* a, const Alike* b) { return rank(a->claim) < rank(b->claim); });
  return sets;
}

std::vector<Claim> ClaimSet::list() const {
  std::vector<Claim> all;
  all.reserve(size_);
  for_each([&](const Claim& claim) { all.push_back(claim); });
  return all;
}

}  // namespace rehearse
