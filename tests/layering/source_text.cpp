#include "tests/layering/source_text.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace rehearse::layering {
namespace fs = std::filesystem;

namespace {

std::vector<std::string> committed_files(const fs::path& root) {
  // Untracked files that are not ignored count: they are about to be committed.
  const std::string command = "git -c safe.directory='*' -C '" + root.string() +
                              "' ls-files -z --cached --others --exclude-standard --deduplicate 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  if (!pipe) throw std::runtime_error("cannot start git");
  std::vector<std::string> files;
  std::string name;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c != 0) {
      name.push_back(static_cast<char>(c));
      continue;
    }
    if (fs::is_regular_file(root / name)) files.push_back(name);
    name.clear();
  }
  return files;
}

std::vector<std::string> found_files(const fs::path& root) {
  std::vector<std::string> files;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().lexically_relative(root).generic_string();
    if (name == "build" || name == "rehearsals" || name == ".git") {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      files.push_back(name);
    }
  }
  return files;
}

}  // namespace

std::vector<std::string> project_files(const fs::path& root) {
  std::vector<std::string> files;
  if (fs::exists(root / ".git")) files = committed_files(root);
  if (files.empty()) files = found_files(root);
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string code_only(const std::string& text) {
  std::string code = text;
  enum class In { code, line_comment, block_comment, string, character } in = In::code;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '\n') {
      if (in == In::line_comment) in = In::code;
      continue;
    }
    switch (in) {
      case In::code:
        if (c == '/' && next == '/') {
          in = In::line_comment;
        } else if (c == '/' && next == '*') {
          in = In::block_comment;
        } else if (c == '"') {
          in = In::string;
        } else if (c == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
          in = In::character;  // after a digit it separates thousands
        }
        if (in == In::line_comment || in == In::block_comment) {
          code[i] = code[i + 1] = ' ';
          ++i;
        }
        break;
      case In::line_comment:
        code[i] = ' ';
        break;
      case In::block_comment:
        code[i] = ' ';
        if (c == '*' && next == '/') {
          code[++i] = ' ';
          in = In::code;
        }
        break;
      case In::string:
      case In::character:
        if (c == '\\' && next != '\0' && next != '\n') {
          code[i] = code[i + 1] = ' ';
          ++i;
        } else if (c == (in == In::string ? '"' : '\'')) {
          in = In::code;
        } else {
          code[i] = ' ';
        }
        break;
    }
  }
  return code;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

bool is_cpp(const std::string& path) { return path.ends_with(".h") || path.ends_with(".cpp"); }

}  // namespace rehearse::layering
