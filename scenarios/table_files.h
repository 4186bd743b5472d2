// The files of captured tables: each table has a CSV file of its own behind a common prefix, or in a folder.
#pragma once

#include <string>

namespace rehearse {

// The file of a table behind a prefix or in a folder: .csv, .csv.gz or .csv.zst; empty if there is none.
std::string captured_table_file(const std::string& prefix, const std::string& table);

}  // namespace rehearse
