#include "sim/rows/marks.h"

#include <algorithm>

#include "sim/kernel/draw.h"
#include "sim/kernel/limit.h"

namespace rehearse {

namespace {

constexpr std::size_t numbered_at_most = 65'535;  // by 16 bits

std::uint32_t identity_of(const MarkInfo& info) {
  std::uint64_t hash = finalise(std::uint64_t{info.schema} << 1 | std::uint64_t{info.live});
  for (const Alteration& a : info.alterations)
    hash = finalise(
        hash ^ (std::uint64_t{a.parameter} << 16 | std::uint64_t{a.column} << 8 | static_cast<std::uint64_t>(a.kind)));
  return static_cast<std::uint32_t>(hash >> 40);
}

}  // namespace

MarkTable::MarkTable() { intern({}); }

Mark MarkTable::live(std::uint16_t schema) { return intern({.live = true, .schema = schema, .alterations = {}}); }

Mark MarkTable::intern(MarkInfo info) {
  const auto found = index_.find(info);
  if (found != index_.end()) return found->second;
  if (infos_.size() >= numbered_at_most)
    throw LimitReached(
        "this rehearsal damages rows in more than 65,535 different ways, and Rehearse can tell so many "
        "apart; fewer faults or defects at once, or a shorter rehearsal, may do");
  const Mark mark = static_cast<Mark>(infos_.size());
  infos_.push_back(info);
  identities_.push_back(identity_of(info));
  index_.emplace(std::move(info), mark);
  return mark;
}

Mark MarkTable::altered(Mark mark, Alteration alteration, CauseTable& causes) {
  MarkInfo info = infos_[mark];
  if (!info.live) return mark;
  auto at = std::find_if(info.alterations.begin(), info.alterations.end(),
                         [&](const Alteration& a) { return a.column >= alteration.column; });
  if (at != info.alterations.end() && at->column == alteration.column) {
    alteration.causes = causes.unite(alteration.causes, at->causes);
    *at = alteration;
  } else {
    info.alterations.insert(at, alteration);
  }
  return intern(std::move(info));
}

CauseSet MarkTable::causes_of(Mark mark, CauseTable& causes) const {
  CauseSet all = 0;
  for (const Alteration& a : infos_[mark].alterations) all = causes.unite(all, a.causes);
  return all;
}

CauseTable::CauseTable() { intern({}); }

CauseId CauseTable::cause(const std::string& name) {
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at != names_.end()) return static_cast<CauseId>(at - names_.begin());
  names_.push_back(name);
  return static_cast<CauseId>(names_.size() - 1);
}

CauseSet CauseTable::unite(CauseSet a, CauseSet b) {
  if (a == b || b == 0) return a;
  if (a == 0) return b;
  std::vector<CauseId> both;
  std::set_union(sets_[a].begin(), sets_[a].end(), sets_[b].begin(), sets_[b].end(), std::back_inserter(both));
  return intern(std::move(both));
}

CauseSet CauseTable::intern(std::vector<CauseId> members) {
  const auto found = index_.find(members);
  if (found != index_.end()) return found->second;
  if (sets_.size() >= numbered_at_most)
    throw LimitReached(
        "the causes of this rehearsal come together in more than 65,535 different ways, and Rehearse can "
        "tell so many apart; fewer faults or defects at once may do");
  const CauseSet set = static_cast<CauseSet>(sets_.size());
  sets_.push_back(members);
  index_.emplace(std::move(members), set);
  return set;
}

}  // namespace rehearse
