#include "harness/oracle/live_rows.h"

namespace rehearse {
namespace {

constexpr std::uint64_t precision = 4'096;

}  // namespace

KeySteps sum_of(const KeySteps& a, const KeySteps& b) {
  KeySteps sum;
  std::uint64_t of_a = 0, of_b = 0;
  for (std::size_t i = 0, k = 0; i < a.size() || k < b.size();) {
    const Time at = k == b.size() || (i < a.size() && a[i].first <= b[k].first) ? a[i].first : b[k].first;
    for (; i < a.size() && a[i].first == at; ++i) of_a = a[i].second;
    for (; k < b.size() && b[k].first == at; ++k) of_b = b[k].second;
    sum.emplace_back(at, of_a + of_b);
  }
  return sum;
}

void LiveRows::start(const World& world) {
  next_ = world.source.log().end();
  tables_.resize(world.source.tables());
  for (TableId table = 0; table < tables_.size(); ++table) {
    tables_[table].now = world.source.rows(table).live_rows();
    tables_[table].steps = {{Time{}, tables_[table].now}};
  }
}

void LiveRows::advanced(const World& world) {
  const SourceLog& log = world.source.log();
  while (next_ < log.end())
    for (const LogRecord& change : log.run(next_)) {
      ++next_;
      if (change.op() == Op::update) continue;
      Table& table = tables_[change.table()];
      table.now += change.op() == Op::insert ? 1 : -1;
      keep(table, change.commit());
    }
}

void LiveRows::keep(Table& table, Time at) {
  auto& [since, count] = table.steps.back();
  const std::uint64_t apart = table.now > count ? table.now - count : count - table.now;
  if (since == at) count = table.now;
  else if (apart * precision > count) table.steps.emplace_back(at, table.now);
}

}  // namespace rehearse
