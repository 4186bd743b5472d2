#include "scenarios/sql/sides.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace rehearse {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string reserved(const std::string& name) {
  const std::string plain = lower(name);
  if (plain != "main" && plain != "temp" && plain.rfind("sqlite_", 0) != 0) return {};
  return fmt::format("`{}` is a name that SQLite keeps for itself", name);
}

}  // namespace

std::optional<std::string> add_sides(SqlDatabase& database, const std::vector<NamedSide>& sides) {
  std::set<std::string> alone;
  std::map<std::string, std::vector<const NamedSide*>> holders;
  for (const NamedSide& side : sides) {
    if (const std::string why = reserved(side.name); !why.empty()) return why;
    if (!alone.insert(lower(side.name)).second)
      return fmt::format("two sides are called `{}`, whatever the case", side.name);
    std::set<std::string> names;
    for (const auto& [name, table] : side.tables) {
      if (const std::string why = reserved(name); !why.empty()) return why;
      if (!names.insert(lower(name)).second)
        return fmt::format("`{}` has two tables called `{}`, whatever the case", side.name, name);
      holders[lower(name)].push_back(&side);
      if (auto why = database.add_table(side.name, name, table)) return why;
    }
    if (side.tables.size() != 1) continue;
    if (auto why = database.add_table({}, side.name, side.tables.front().second)) return why;
  }
  for (const auto& [name, holding] : holders) {
    if (holding.size() < 2 || alone.count(name) > 0) continue;
    const std::string refusal =
        fmt::format("`{0}` is on several sides: write {1}.{0} or {2}.{0}", name, holding[0]->name, holding[1]->name);
    for (const auto& [table_name, table] : holding[0]->tables) {
      if (lower(table_name) != name) continue;
      if (auto why = database.add_table({}, name, std::make_shared<EmptySqlTable>(table->columns(), refusal)))
        return why;
    }
  }
  return std::nullopt;
}

}  // namespace rehearse
