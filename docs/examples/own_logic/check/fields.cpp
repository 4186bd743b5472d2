// A check: joins the two sides by key and claims rows that are missing, extra, or differ in a column. Columns that the
// parameter `but` names, separated by spaces, are not compared.
#include <rehearse/own_logic.h>

#include <map>
#include <string>
#include <vector>

namespace own = rehearse::own;

namespace {

std::string text_of(const own::Value& value) {
  if (value.is_null()) return "NULL";
  return value.is_number() ? std::to_string(value.number()) : std::string(value.text());
}

using Row = std::vector<std::string>;

struct Side {
  explicit Side(const own::Table& table) {
    for (own::Rows rows = table.rows(); rows.next();) {
      Row row;
      for (std::size_t column = 0; column < table.columns().size(); ++column) row.push_back(text_of(rows[column]));
      const std::int64_t key = rows[table.key().at(0)].integer();
      by_key.emplace(key, row);
    }
  }
  std::map<std::int64_t, Row> by_key;
};

class Fields : public own::Check {
  void run(const own::CheckQuestion& question, own::CheckAnswer& answer) override {
    const std::string but = " " + question.parameters.text("but", "") + " ";
    for (const own::Dataset& dataset : question.datasets) {
      const Side reference(dataset.reference), trial(dataset.trial);
      for (const auto& [key, row] : reference.by_key) {
        const auto found = trial.by_key.find(key);
        if (found == trial.by_key.end()) {
          answer.discrepancy({{key}, "missing", {}, dataset.name});
          continue;
        }
        std::vector<std::string> differ;
        for (std::size_t i = 0; i < dataset.trial.columns().size(); ++i) {
          const std::string& name = dataset.trial.columns()[i].name;
          const auto same = dataset.reference.find(name);
          if (same && but.find(" " + name + " ") == std::string::npos && row[*same] != found->second[i])
            differ.push_back(name);
        }
        if (!differ.empty()) answer.discrepancy({{key}, "mismatch", differ, dataset.name});
      }
      for (const auto& [key, row] : trial.by_key)
        if (reference.by_key.count(key) == 0) answer.discrepancy({{key}, "extra", {}, dataset.name});
    }
  }
};

}  // namespace

REHEARSE_OWN_CHECK(Fields)
