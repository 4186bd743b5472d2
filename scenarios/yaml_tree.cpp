// Building the tree from yaml-cpp's events.
#include "scenarios/yaml_tree.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cstdint>
#include <istream>
#include <map>
#include <sstream>
#include <utility>

namespace rehearse {
namespace {

// Thrown out of the parser when a bound is passed; yaml-cpp has no other way to stop.
struct Stop {
  YAML::Mark mark;
  std::string message;
  std::string expected;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, int file, const std::string& file_name, std::vector<Diagnostic>& diagnostics)
      : text_(text), file_(file), file_name_(file_name), diagnostics_(diagnostics) {}

  YamlNode root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = make(YamlNode::Kind::null, mark);
    node.text = null_text(mark);
    add(std::move(node), anchor, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(tag, mark);
    YamlNode node = make(YamlNode::Kind::scalar, mark);
    node.text = value;
    add(std::move(node), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Stop{mark, "an alias inside the value that it stands for", "an anchor that ends before it"};
    count(found->second.nodes, mark);
    if (static_cast<int>(open_.size()) + found->second.depth > yaml_depth_max) throw too_deep(mark);
    const Anchored& anchored = found->second;
    place(YamlNode(anchored.node), 0, mark, anchored.nodes, anchored.depth);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    std::size_t nodes = 1;
    int depth = 1;
    bool has_key = false;  // a mapping whose next node is the value of `key`
    bool duplicate = false;
    YamlEntry key;
    std::map<std::string, int> lines;  // of the keys so far
  };
  struct Anchored {
    YamlNode node;
    std::size_t nodes = 1;
    int depth = 1;
  };

  static Stop too_deep(const YAML::Mark& mark) {
    return {mark, "nested too deep", fmt::format("at most {} levels", yaml_depth_max)};
  }

  YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) const {
    YamlNode node;
    node.kind = kind;
    node.file = file_;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  // yaml-cpp drops what a null was written as, and an enumeration may well have a value called null.
  std::string null_text(const YAML::Mark& mark) const {
    const auto at = static_cast<std::size_t>(mark.pos < 0 ? 0 : mark.pos);
    if (at < text_.size() && text_[at] == '~') return "~";
    for (const std::string_view word : {"null", "Null", "NULL"}) {
      const std::size_t end = at + word.size();
      const bool whole =
          end >= text_.size() || std::string_view(" \t\r\n,]}#").find(text_[end]) != std::string_view::npos;
      if (whole && at <= text_.size() && text_.substr(at, word.size()) == word) return std::string(word);
    }
    return {};
  }

  void refuse_tag(const std::string& tag, const YAML::Mark& mark) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    report(mark, fmt::format("the tag {} means nothing here", shown(tag)), "a value without a tag");
  }

  void count(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > yaml_nodes_max) {
      throw Stop{mark, "the file is too large once its aliases are written out",
                 fmt::format("at most {} values", yaml_nodes_max)};
    }
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(tag, mark);
    count(1, mark);
    if (static_cast<int>(open_.size()) >= yaml_depth_max) throw too_deep(mark);
    open_.emplace_back();
    open_.back().node = make(kind, mark);
    open_.back().anchor = anchor;
    open_.back().mark = mark;
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.node), done.anchor, done.mark, done.nodes, done.depth);
  }

  void add(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    count(1, mark);
    place(std::move(node), anchor, mark, 1, 0);
  }

  void place(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark, std::size_t nodes, int depth) {
    if (anchor != 0) anchors_[anchor] = {node, nodes, depth};
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.nodes += nodes;
    if (depth + 1 > parent.depth) parent.depth = depth + 1;
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      take_key(parent, node, mark);
    } else {
      parent.has_key = false;
      if (parent.duplicate) return;
      if (node.kind == YamlNode::Kind::null && node.text.empty()) {  // its own mark is where the next thing begins
        node.line = parent.key.line;
        node.column = parent.key.column;
      }
      parent.key.value = std::move(node);
      parent.node.entries.push_back(std::move(parent.key));
      parent.key = {};
    }
  }

  void take_key(Open& parent, const YamlNode& node, const YAML::Mark& mark) {
    if (node.kind == YamlNode::Kind::sequence || node.kind == YamlNode::Kind::mapping) {
      throw Stop{mark, "a key that is a list or a mapping", "a name"};
    }
    parent.has_key = true;
    parent.duplicate = false;
    parent.key = YamlEntry{node.text, file_, mark.line + 1, mark.column + 1, {}};
    const auto [first, is_new] = parent.lines.try_emplace(node.text, mark.line + 1);
    if (!is_new) {
      parent.duplicate = true;
      report(mark, fmt::format("{} is given twice, first in line {}", shown(node.text), first->second),
             "each key once");
    }
  }

  void report(const YAML::Mark& mark, std::string message, std::string expected) {
    Diagnostic d;
    d.file = file_name_;
    d.line = mark.line + 1;
    d.column = mark.column + 1;
    d.message = std::move(message);
    d.expected = std::move(expected);
    diagnostics_.push_back(std::move(d));
  }

  std::string_view text_;
  int file_;
  const std::string& file_name_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
};

// Only looks whether another document begins.
class NothingMore : public YAML::EventHandler {
 public:
  bool something = false;
  YAML::Mark mark;
  void OnDocumentStart(const YAML::Mark& at) override {
    something = true;
    mark = at;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    throw Stop{at, {}, {}};
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    throw Stop{at, {}, {}};
  }
  void OnMapEnd() override {}
};

Diagnostic problem(const std::string& file, int line, int column, std::string message, std::string expected = {}) {
  Diagnostic d;
  d.file = file;
  d.line = line;
  d.column = column;
  d.message = std::move(message);
  d.expected = std::move(expected);
  return d;
}

std::pair<int, int> line_and_column(std::string_view text, std::size_t at) {
  int line = 1;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < at; ++i) {
    if (text[i] == '\n') {
      ++line;
      begin = i + 1;
    }
  }
  return {line, static_cast<int>(at - begin) + 1};
}

// Of shortest form, without surrogates, up to U+10FFFF; npos if all is well.
std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80         ? 1
                               : lead >> 5 == 0x6  ? 2
                               : lead >> 4 == 0xe  ? 3
                               : lead >> 3 == 0x1e ? 4
                                                   : 0;
    if (length == 0 || text.size() - i < length) return i;
    std::uint32_t code = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 2) return i;
      code = code << 6 | (next & 0x3fU);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return i;
    i += length;
  }
  return std::string_view::npos;
}

void parse_document(std::string_view text, int file, const std::string& name, YamlNode& root,
                    std::vector<Diagnostic>& diagnostics) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  TreeBuilder builder(text, file, name, diagnostics);
  parser.HandleNextDocument(builder);
  NothingMore rest;
  try {
    parser.HandleNextDocument(rest);
  } catch (const Stop&) {
  }
  if (rest.something) {
    diagnostics.push_back(problem(name, rest.mark.line + 1, rest.mark.column + 1, "a second document begins here",
                                  "one document a file"));
  }
  root = std::move(builder.root);
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

YamlEntry* YamlNode::find(std::string_view key) {
  for (YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

bool parse_yaml(std::string_view text, int file, const std::string& file_name, YamlNode& root,
                std::vector<Diagnostic>& diagnostics) {
  root = {};
  if (text.size() > yaml_bytes_max) {
    diagnostics.push_back(problem(file_name, 0, 0, fmt::format("the file has {} bytes", text.size()),
                                  fmt::format("at most {} bytes", yaml_bytes_max)));
    return false;
  }
  if (const std::size_t bad = first_invalid_utf8(text); bad != std::string_view::npos) {
    const auto [line, column] = line_and_column(text, bad);
    diagnostics.push_back(problem(file_name, line, column, "a byte that is not UTF-8", "text in UTF-8"));
    return false;
  }
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    const auto [line, column] = line_and_column(text, zero);
    diagnostics.push_back(problem(file_name, line, column, "a zero byte", "text in UTF-8"));
    return false;
  }
  try {
    parse_document(text, file, file_name, root, diagnostics);
    return true;
  } catch (const Stop& stop) {
    diagnostics.push_back(problem(file_name, stop.mark.line + 1, stop.mark.column + 1, stop.message, stop.expected));
  } catch (const YAML::Exception& error) {
    const bool placed = !error.mark.is_null();
    diagnostics.push_back(problem(file_name, placed ? error.mark.line + 1 : 0, placed ? error.mark.column + 1 : 0,
                                  "not YAML: " + error.msg));
  }
  root = {};
  return false;
}

}  // namespace rehearse
