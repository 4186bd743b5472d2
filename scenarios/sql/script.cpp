#include "scenarios/sql/script.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace rehearse {
namespace {

constexpr std::size_t bytes_max = 1 << 20;

}  // namespace

std::optional<std::string> read_sql(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error) || std::filesystem::file_size(file, error) > bytes_max)
    return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return std::nullopt;
  return text;
}

std::string sql_place(const std::string& file, const SqlProblem& problem) {
  if (problem.line == 0) return file + ": ";
  return fmt::format("{}:{}:{}: ", file, problem.line, problem.column);
}

}  // namespace rehearse
