#include "tests/layering/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "tests/layering/source_text.h"

namespace rehearse::layering {
namespace fs = std::filesystem;

namespace {

constexpr std::array deterministic_folders{"sim/", "faults/", "harness/reconcile/", "harness/migration/"};

// An identifier as it is used on a line of code.
struct Use {
  std::string name;
  bool of_std;   // written std::name
  bool is_call;  // followed by an opening parenthesis
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::vector<Use> uses_on(const std::string& line) {
  std::vector<Use> uses;
  for (std::size_t begin = 0; begin < line.size();) {
    if (!is_word(line[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < line.size() && is_word(line[end])) ++end;
    const std::size_t next = line.find_first_not_of(" \t", end);
    const bool of_std = begin >= 5 && line.compare(begin - 5, 5, "std::") == 0;
    uses.push_back({line.substr(begin, end - begin), of_std, next != std::string::npos && line[next] == '('});
    begin = end;
  }
  return uses;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Why this use would make a rehearsal differ somewhere; empty when it would not.
std::string reason_against(const Use& use) {
  const std::string& name = use.name;
  if (use.of_std && name.ends_with("_distribution")) return "each standard library draws it differently";
  if (use.of_std && name == "hash") return "its values are the library's own";
  if (name.starts_with("unordered_")) return "its order is the library's own";
  if (name.starts_with("mt19937") || is_one_of(name, {"random_device", "drand48", "rand_r"}) ||
      (use.is_call && is_one_of(name, {"rand", "srand"}))) {
    return "draws are keyed by identity";
  }
  if (is_one_of(name, {"system_clock", "steady_clock", "high_resolution_clock", "utc_clock", "clock_gettime",
                       "gettimeofday"}) ||
      (use.of_std && use.is_call && is_one_of(name, {"time", "clock"}))) {
    return "the wall clock is not part of a rehearsal";
  }
  if (use.of_std && use.is_call &&
      is_one_of(name, {"log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "pow", "sin", "cos", "tan", "tgamma",
                       "lgamma", "erf", "erfc", "cbrt"})) {
    return "the mathematical library differs between machines";
  }
  if (name == "setlocale" || (use.of_std && name == "locale")) return "the locale is not part of a rehearsal";
  return "";
}

// Put together from halves, so that this file does not contain them itself.
std::vector<std::string> banned_everywhere() {
  const std::vector<std::pair<std::string, std::string>> halves{
      {"/wo", "rk/"},         {"/ho", "me/"},   {"/ro", "ot/"},       {"/tmp/", "build"}, {"artif", "actory"},
      {"registry.", "npmjs"}, {"py", "pi.org"}, {"python", "hosted"}, {"crates", ".io"},  {"proxy.", "golang"},
      {"docker", ".io"},      {"ghcr", ".io"},  {"deb.deb", "ian"},   {"repo.", "maven"}, {"conan", ".io"},
  };
  std::vector<std::string> words;
  for (const auto& [head, tail] : halves) words.push_back(head + tail);
  return words;
}

bool is_deterministic(const std::string& file) {
  return std::any_of(deterministic_folders.begin(), deterministic_folders.end(),
                     [&](const char* folder) { return file.starts_with(folder); });
}

bool is_text(const std::string& text) { return text.substr(0, 8000).find('\0') == std::string::npos; }

}  // namespace

std::vector<Complaint> check_determinism(const fs::path& root) {
  std::vector<Complaint> complaints;
  for (const std::string& file : project_files(root)) {
    if (!is_deterministic(file) || !is_cpp(file)) continue;
    const auto lines = lines_of(code_only(read_text(root / file)));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (const Use& use : uses_on(lines[i])) {
        const std::string reason = reason_against(use);
        if (!reason.empty()) complaints.push_back({file, static_cast<int>(i) + 1, "uses " + use.name + ": " + reason});
      }
    }
  }
  return complaints;
}

std::vector<Complaint> check_words(const fs::path& root) {
  std::vector<Complaint> complaints;
  const auto words = banned_everywhere();
  for (const std::string& file : project_files(root)) {
    const std::string text = read_text(root / file);
    if (!is_text(text)) continue;
    for (const std::string& word : words) {
      const std::size_t at = text.find(word);
      if (at == std::string::npos) continue;
      const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
      complaints.push_back({file, static_cast<int>(line), "names '" + word + "', which says nothing elsewhere"});
    }
  }
  return complaints;
}

}  // namespace rehearse::layering
