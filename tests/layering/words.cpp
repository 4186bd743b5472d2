#include "tests/layering/words.h"

#include <algorithm>
#include <array>
#include <regex>
#include <string>
#include <utility>

#include "tests/layering/source_text.h"

namespace rehearse::layering {
namespace fs = std::filesystem;

namespace {

constexpr std::array deterministic_folders{"sim/", "faults/", "harness/reconcile/", "harness/migration/"};

struct Ban {
  std::regex pattern;
  std::string why;
};

const std::vector<Ban>& determinism_bans() {
  const auto optimised = std::regex::ECMAScript | std::regex::optimize;
  static const std::vector<Ban> bans{
      {std::regex(R"(\bstd::\w+_distribution\b)", optimised), "each standard library draws it differently"},
      {std::regex(R"(\bstd::(hash\b|unordered_))", optimised), "its values or its order are the library's own"},
      {std::regex(R"(#\s*include\s*<unordered_(map|set)>)", optimised), "its order is the library's own"},
      {std::regex(R"(\brandom_device\b|\bmt19937|\bs?rand\s*\(|\bdrand48\b)", optimised),
       "draws are keyed by identity"},
      {std::regex(
           R"(\b(system|steady|high_resolution|utc)_clock\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\s*\()",
           optimised),
       "the wall clock is not part of a rehearsal"},
      {std::regex(R"(\bstd::(log|log2|log10|log1p|exp|exp2|expm1|pow|sin|cos|tan|tgamma|lgamma|erf|erfc|cbrt)f?\s*\()",
                  optimised),
       "the mathematical library differs between machines"},
      {std::regex(R"(\bstd::locale\b|\bsetlocale\b)", optimised), "the locale is not part of a rehearsal"},
  };
  return bans;
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
      for (const Ban& ban : determinism_bans()) {
        std::smatch match;
        if (!std::regex_search(lines[i], match, ban.pattern)) continue;
        complaints.push_back({file, static_cast<int>(i) + 1, "uses " + match.str() + ": " + ban.why});
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
