// What the layering checks need to know of a source file: its lines, with comments and literals blanked or not.
// Leaves out: the preprocessor (a conditional include counts) and raw string literals that span lines.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rehearse::layering {

// The files of a tree that belong to the project, sorted, relative to its root: those that git would commit where the
// root is a checkout, otherwise everything outside build/, rehearsals/ and .git/.
std::vector<std::string> project_files(const std::filesystem::path& root);

std::string read_text(const std::filesystem::path& file);

// The text with comments and the insides of string and character literals replaced by blanks; lines stay where they
// are.
std::string code_only(const std::string& text);

std::vector<std::string> lines_of(const std::string& text);

bool is_cpp(const std::string& path);

}  // namespace rehearse::layering
