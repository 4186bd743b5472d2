// `extends:`, with circles and lengths bounded.
#include "scenarios/merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

namespace rehearse {
namespace {

namespace fs = std::filesystem;

Diagnostic problem(const Place& at, std::string message, std::string expected, std::string path = {}) {
  Diagnostic d;
  d.file = at.file;
  d.line = at.line;
  d.column = at.column;
  d.path = std::move(path);
  d.message = std::move(message);
  d.expected = std::move(expected);
  return d;
}

// One name for a file however it is reached.
std::string identity(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical.string();
}

std::string next_to(const std::string& file, const std::string& name) {
  const fs::path path(name);
  return path.is_absolute() ? name : (fs::path(file).parent_path() / path).lexically_normal().string();
}

class Reader {
 public:
  Reader(MergedTree& tree, std::vector<Diagnostic>& diagnostics) : tree_(tree), diagnostics_(diagnostics) {}

  bool read(std::string_view text, const std::string& file, YamlNode& root) {
    const int index = static_cast<int>(tree_.files.size());
    tree_.files.push_back(file);
    seen_.push_back(identity(file));
    if (!parse_yaml(text, index, file, root, diagnostics_)) return false;
    if (root.kind != YamlNode::Kind::mapping) {
      const Place at{file, root.line, root.column};
      diagnostics_.push_back(problem(at,
                                     root.kind == YamlNode::Kind::null ? "the file is empty" : "this is no scenario",
                                     "a mapping that begins with `format: 1`"));
      return false;
    }
    const YamlEntry* extends = root.find("extends");
    if (extends == nullptr || extends->value.kind != YamlNode::Kind::scalar || extends->value.text.empty()) return true;
    return extend(root, *extends, file);
  }

 private:
  bool extend(YamlNode& root, const YamlEntry& extends, const std::string& file) {
    const Place at{file, extends.value.line, extends.value.column};
    const std::string base_file = next_to(file, extends.value.text);
    const std::string id = identity(base_file);
    if (std::find(seen_.begin(), seen_.end(), id) != seen_.end()) {
      diagnostics_.push_back(problem(at, fmt::format("{} extends itself in a circle", shown(base_file)),
                                     "a file that does not extend this one", "extends"));
      return false;
    }
    if (seen_.size() >= extended_files_max) {
      diagnostics_.push_back(problem(at, "too many files extend one another",
                                     fmt::format("at most {} files", extended_files_max), "extends"));
      return false;
    }
    std::string text;
    YamlNode base;
    if (!read_text(base_file, at, text, diagnostics_) || !read(text, base_file, base)) return false;
    merge_over(base, std::move(root));
    root = std::move(base);
    return true;
  }

  MergedTree& tree_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<std::string> seen_;
};

// One step along a path; null: it leads nowhere, as one of the texts says, the second after the name of where it stood.
struct Step {
  YamlNode* to = nullptr;
  std::size_t taken = 0;  // of the path
  std::string wrong, wrong_here;
};

Step item_at(YamlNode& node, std::string_view rest) {
  const std::size_t close = rest.find(']');
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + std::min(close, rest.size()), index);
  if (close == std::string_view::npos || error != std::errc{} || end != rest.data() + close)
    return {.wrong = "a number in brackets counts the items of a list, from 0", .wrong_here = {}};
  if (node.kind != YamlNode::Kind::sequence) return {.wrong = {}, .wrong_here = " is no list in the file"};
  if (index >= node.items.size())
    return {.wrong = {}, .wrong_here = fmt::format(" has {} items in the file", node.items.size())};
  return {.to = &node.items[index], .taken = close + 1, .wrong = {}, .wrong_here = {}};
}

// A name may hold dots itself, so the longest key that is there is meant. One that is not there is added, where `value`
// stands.
Step entry_at(YamlNode& node, std::string_view rest, const YamlNode& value) {
  if (node.kind == YamlNode::Kind::null) node.kind = YamlNode::Kind::mapping;
  if (node.kind != YamlNode::Kind::mapping) return {.wrong = {}, .wrong_here = " is no mapping in the file"};
  const auto leads = [&](const std::string& key) {
    return rest.starts_with(key) && (rest.size() == key.size() || rest[key.size()] == '.' || rest[key.size()] == '[');
  };
  std::string key;
  for (const YamlEntry& entry : node.entries)
    if (leads(entry.key) && entry.key.size() > key.size()) key = entry.key;
  const bool known = !key.empty();
  if (!known) key = rest.substr(0, rest.find_first_of(".["));
  if (key.empty()) return {.wrong = "the path has an empty part", .wrong_here = {}};
  if (!known) node.entries.push_back({key, value.file, value.line, value.column, {}});
  return {.to = &node.find(key)->value, .taken = key.size(), .wrong = {}, .wrong_here = {}};
}

}  // namespace

namespace {

// A null that was written out takes away what is beneath it; where there is nothing, nothing is left to do. What it
// means beside an empty value only the schema can tell: a word of that name, or a name alone.
void takes_away(YamlNode& node) {
  node.takes_away = node.kind == YamlNode::Kind::null && !node.text.empty();
  for (YamlEntry& entry : node.entries) takes_away(entry.value);
}

}  // namespace

std::string put_at(YamlNode& root, std::string_view path, const YamlNode& value) {
  YamlNode* node = &root;
  std::string here = "the file";
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t before = rest.size();
    const Step step = rest.front() == '[' ? item_at(*node, rest) : entry_at(*node, rest, value);
    if (!step.to) return step.wrong.empty() ? here + step.wrong_here : step.wrong;
    node = step.to;
    here = "`" + std::string(path.substr(0, path.size() - before + step.taken)) + "`";
    rest.remove_prefix(step.taken);
    if (rest.starts_with('.')) rest.remove_prefix(1);
  }
  if (node->kind == YamlNode::Kind::mapping || node->kind == YamlNode::Kind::sequence)
    return "`" + std::string(path) + "` is no single value in the file";
  *node = value;
  return {};
}

void merge_over(YamlNode& base, YamlNode over) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < base.entries.size(); ++i) index[base.entries[i].key] = i;
  std::vector<bool> removed(base.entries.size(), false);
  for (YamlEntry& entry : over.entries) {
    const auto found = index.find(entry.key);
    if (found == index.end()) {
      takes_away(entry.value);
      base.entries.push_back(std::move(entry));
      continue;
    }
    YamlEntry& under = base.entries[found->second];
    const bool both = entry.value.kind == YamlNode::Kind::mapping && under.value.kind == YamlNode::Kind::mapping;
    if (both) {
      merge_over(under.value, std::move(entry.value));
    } else if (entry.value.kind == YamlNode::Kind::null) {
      removed[found->second] = true;
    } else {
      under = std::move(entry);
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < base.entries.size(); ++i) {
    if (i < removed.size() && removed[i]) continue;
    if (kept != i) base.entries[kept] = std::move(base.entries[i]);
    ++kept;
  }
  base.entries.resize(kept);
}

bool read_text(const std::string& file, const Place& asked_at, std::string& text,
               std::vector<Diagnostic>& diagnostics) {
  const std::string path = asked_at.line > 0 ? "extends" : std::string();
  const auto fail = [&](std::string message, std::string expected) {
    diagnostics.push_back(problem(asked_at, std::move(message), std::move(expected), path));
    return false;
  };
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) return fail(fmt::format("there is no file {}", shown(file)), "a scenario file");
  if (fs::is_directory(status)) return fail(fmt::format("{} is a folder", shown(file)), "a scenario file");
  // The scenario itself may come through a pipe; what it extends is read again and again, and must not be waited for.
  if (asked_at.line > 0 && !fs::is_regular_file(status))
    return fail(fmt::format("{} is no regular file", shown(file)), "a scenario file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(fmt::format("{} cannot be read", shown(file)), "a file that may be read");
  text.clear();
  char block[65536];
  while (text.size() <= yaml_bytes_max && (stream.read(block, sizeof block) || stream.gcount() > 0)) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return fail(fmt::format("{} cannot be read to its end", shown(file)), "a file that may be read");
  return true;
}

bool read_merged(std::string_view text, const std::string& file, MergedTree& tree,
                 std::vector<Diagnostic>& diagnostics) {
  return Reader(tree, diagnostics).read(text, file, tree.root);
}

}  // namespace rehearse
