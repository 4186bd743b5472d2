// Printing diagnostics, and the edit distance behind "did you mean".
#include "scenarios/diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace rehearse {
namespace {

// Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

constexpr std::size_t name_size_max = 64;  // longer ones are nobody's slip of the pen

}  // namespace

std::string nearest_name(std::string_view name, std::span<const std::string> candidates) {
  if (name.empty() || name.size() > name_size_max) return {};
  const std::size_t far = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::size_t best = far;
  const std::string* found = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > name_size_max || candidate == name) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best) {
      best = distance;
      found = &candidate;
    }
  }
  if (found == nullptr) {  // a part of a name, or a name with something added
    for (const std::string& candidate : candidates) {
      const bool part = candidate.find(name) != std::string::npos || name.find(candidate) != std::string::npos;
      if (part && name.size() >= 3 && candidate.size() >= 3) return candidate;
    }
  }
  return found != nullptr ? *found : std::string();
}

std::string shown(std::string_view text) {
  constexpr std::size_t size_max = 60;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "`";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (i >= size_max && (c & 0xc0) != 0x80) {  // never inside a UTF-8 sequence
      out += "…";
      break;
    }
    if (c < 0x20 || c == 0x7f) {
      out += {'\\', 'x', digits[c >> 4], digits[c & 15]};
    } else {
      out += text[i];
    }
  }
  return out + "`";
}

std::string to_text(const Diagnostic& d) {
  std::string text = d.file;
  if (d.line > 0) text += fmt::format(":{}:{}", d.line, d.column);
  text += ": ";
  if (d.level == Diagnostic::Level::warning) text += "warning: ";
  if (!d.path.empty()) text += d.path + ": ";
  text += d.message;
  const bool named_once = d.expected == d.nearest;  // the only name that could stand there
  if (!d.expected.empty() && !named_once) text += "; expected " + d.expected;
  if (!d.nearest.empty()) text += "; did you mean `" + d.nearest + "`?";
  return text;
}

std::string to_text(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += to_text(d) + "\n";
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.level == Diagnostic::Level::error; });
}

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> files;
  for (const Diagnostic& d : diagnostics) {
    if (std::find(files.begin(), files.end(), d.file) == files.end()) files.push_back(d.file);
  }
  const auto rank = [&files](const Diagnostic& d) { return std::find(files.begin(), files.end(), d.file); };
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [&rank](const Diagnostic& a, const Diagnostic& b) {
    if (a.file != b.file) return rank(a) < rank(b);
    if (a.line != b.line) return a.line < b.line;
    return a.column < b.column;
  });
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end()), diagnostics.end());
}

}  // namespace rehearse
