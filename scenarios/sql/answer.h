// What a statement's result says, recognised by the names of its columns.
//
// With a column `key`, or with all columns of the dataset's key, each row is a discrepancy. `class` names its class,
// `columns` the columns that differ (separated by commas), `dataset` the dataset where several are compared. Where a
// key's column is there more than once, as after an outer join, the first that is not NULL counts. Everything else in
// such a row is the user's own.
// Without a key the result is figures: in all one number (how far the two sides are apart) or two (the first side's,
// the second side's), in one row or two; texts beside them are labels.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rehearse {

struct AnswerDataset {
  std::string name;
  std::vector<std::string> key;
};

struct AnswerShape {
  bool figures = false;
  std::vector<std::vector<std::size_t>> key;  // for each part of the key, where it may stand
  std::optional<std::size_t> discrepancy, columns, dataset;
};

// The shape, or why there is none.
std::variant<AnswerShape, std::string> answer_shape(const std::vector<std::string>& columns,
                                                    const std::vector<AnswerDataset>& datasets);

}  // namespace rehearse
