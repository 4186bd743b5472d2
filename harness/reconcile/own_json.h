// One JSON object of a program's answer, read strictly: what is not known is a mistake, not ignored.
#pragma once

#include <string>
#include <vector>

#include "sim/rows/field.h"

namespace rehearse {

struct OwnLine {
  std::vector<Field> key;  // its parts, in order
  std::string dataset, discrepancy, action, decision, why;
  std::vector<std::string> columns;
  std::vector<double> figure;  // none, or one
};

// What is wrong with the line; empty: nothing.
std::string read_own_line(const std::string& line, OwnLine& out);

}  // namespace rehearse
