#include "scenarios/sql/answer.h"

#include <fmt/format.h>

#include <algorithm>

namespace rehearse {
namespace {

constexpr std::size_t figure_columns_max = 4;

bool same_name(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::size_t> places(const std::vector<std::string>& columns, const std::string& name) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (same_name(columns[i], name)) found.push_back(i);
  return found;
}

std::optional<std::size_t> place(const std::vector<std::string>& columns, const std::string& name) {
  const std::vector<std::size_t> found = places(columns, name);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

// The places of a whole key; empty if one of its columns is not there.
std::vector<std::vector<std::size_t>> key_places(const std::vector<std::string>& columns,
                                                 const std::vector<std::string>& key) {
  std::vector<std::vector<std::size_t>> all;
  for (const std::string& name : key) {
    all.push_back(places(columns, name));
    if (all.back().empty()) return {};
  }
  return all;
}

}  // namespace

std::variant<AnswerShape, std::string> answer_shape(const std::vector<std::string>& columns,
                                                    const std::vector<AnswerDataset>& datasets) {
  AnswerShape shape;
  shape.discrepancy = place(columns, "class");
  shape.columns = place(columns, "columns");
  shape.dataset = place(columns, "dataset");
  if (const auto key = places(columns, "key"); !key.empty()) shape.key = {key};
  else if (datasets.size() == 1) shape.key = key_places(columns, datasets.front().key);
  if (!shape.key.empty()) {
    if (datasets.size() > 1 && !shape.dataset)
      return "it returns keys, and does not say in a column `dataset` of which dataset";
    return shape;
  }
  if (shape.discrepancy || shape.columns || columns.size() > figure_columns_max)
    return datasets.size() == 1
               ? fmt::format("it returns no key: neither a column `key` nor {}", fmt::join(datasets.front().key, ", "))
               : std::string("it returns no key: no column `key`");
  shape.figures = true;
  return shape;
}

}  // namespace rehearse
