#include "tests/layering/layering.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/layering/source_text.h"

namespace rehearse::layering {
namespace fs = std::filesystem;

namespace {

constexpr std::array on_trial{"harness/reconcile", "harness/migration"};
constexpr std::array knows_the_truth{"harness/oracle", "harness/judge"};

struct Arrow {
  std::string to;
  int line;
};

using Arrows = std::map<std::string, std::vector<Arrow>>;  // from file

bool is_below(const std::string& path, const std::string& folder) { return path.starts_with(folder + "/"); }

template <typename Folders>
bool is_below_any(const std::string& path, const Folders& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& f) { return is_below(path, f); });
}

std::string first_folder(const std::string& path) { return path.substr(0, path.find('/')); }

// What an include of the given text names: a generated header stands for the schema that it is made from.
std::string named_file(const std::string& text) {
  const std::string generated = ".pb.h";
  return text.ends_with(generated) ? text.substr(0, text.size() - generated.size()) + ".proto" : text;
}

struct Mention {
  std::string file = {};  // empty: the line mentions none
  bool is_system = false;
};

// The words of a line; a quoted name or one in angle brackets is a word of its own.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t at = line.find_first_not_of(" \t"); at != std::string::npos;
       at = line.find_first_not_of(" \t", at)) {
    const bool is_name = line[at] == '"' || line[at] == '<';
    std::size_t end = is_name ? line.find(line[at] == '<' ? '>' : '"', at + 1) : line.find_first_of(" \t\"<#", at + 1);
    if (end == std::string::npos) end = line.size();
    if (is_name && end < line.size()) ++end;
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

Mention mention_in(const std::string& word) {
  if (word.size() < 3 || (word.front() != '"' && word.front() != '<')) return {};
  return {word.substr(1, word.size() - 2), word.front() == '<'};
}

Mention included_by(const std::string& line) {
  auto words = words_of(line);
  if (words.size() >= 2 && words[0] == "#") words.erase(words.begin());
  if (words.size() < 2 || (words[0] != "include" && words[0] != "#include")) return {};
  return mention_in(words[1]);
}

Mention imported_by(const std::string& line) {
  auto words = words_of(line);
  if (words.size() >= 2 && (words[1] == "public" || words[1] == "weak")) words.erase(words.begin() + 1);
  if (words.size() < 2 || words[0] != "import") return {};
  return mention_in(words[1]);
}

class Checker {
 public:
  explicit Checker(const fs::path& root) : layers_(layers_of(root)) {
    for (const std::string& layer : layers_) roots_.insert(first_folder(layer));
    for (const std::string& file : project_files(root)) {
      if (roots_.contains(first_folder(file)) && (is_cpp(file) || file.ends_with(".proto"))) read(root, file);
    }
  }

  std::vector<Complaint> run() {
    for (const auto& [from, arrows] : arrows_) {
      if (layer_of(from) < 0) complain(from, 0, "its folder is in no layer of REHEARSE_LAYERS");
      for (const Arrow& arrow : arrows) check_arrow(from, arrow);
    }
    for (const auto& [from, arrows] : arrows_) {
      if (is_below_any(from, on_trial)) check_wall(from);
    }
    check_circles();
    return complaints_;
  }

 private:
  void read(const fs::path& root, const std::string& file) {
    const std::string text = read_text(root / file);
    const auto lines = lines_of(text);
    const auto code = lines_of(code_only(text));  // tells an include from one in a comment
    std::vector<Arrow>& arrows = arrows_[file];
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool is_blank = code[i].find_first_not_of(" \t") == std::string::npos;
      const Mention mention = is_blank ? Mention{} : is_cpp(file) ? included_by(lines[i]) : imported_by(lines[i]);
      const std::string to = named_file(mention.file);
      const bool is_ours = roots_.contains(first_folder(to)) || first_folder(to) == "tests";
      const bool is_foreign = mention.is_system || to.starts_with("google/protobuf/");
      if (!to.empty() && (is_ours || !is_foreign)) arrows.push_back({to, static_cast<int>(i) + 1});
    }
  }

  // Position in the order, by the longest folder that fits; -1 for none.
  int layer_of(const std::string& path) const {
    int found = -1;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (!is_below(path, layers_[i]) || layers_[i].size() <= longest) continue;
      found = static_cast<int>(i);
      longest = layers_[i].size();
    }
    return found;
  }

  void check_arrow(const std::string& from, const Arrow& arrow) {
    const int above = layer_of(from);
    const int below = layer_of(arrow.to);
    if (first_folder(arrow.to) == "tests") {
      complain(from, arrow.line, "includes " + arrow.to + ": nothing includes tests/");
    } else if (below < 0) {
      complain(from, arrow.line, "includes " + arrow.to + ": not written from the project's root, or in no layer");
    } else if (above >= 0 && below > above) {
      complain(from, arrow.line, "includes " + arrow.to + ": " + layer(above) + " is below " + layer(below));
    } else if (above >= 0 && layer(above) == "reports" && first_folder(arrow.to) != "reports") {
      complain(from, arrow.line, "includes " + arrow.to + ": the writers of reports know the result and nothing else");
    } else if (first_folder(from) == "sim" && arrow.to.ends_with(".proto")) {
      complain(from, arrow.line, "includes " + arrow.to + ": Protobuf stays out of sim/");
    }
  }

  // Everything that a file on trial reaches, through however many headers.
  void check_wall(const std::string& from) {
    std::map<std::string, std::string> reached_from{{from, ""}};
    std::vector<std::string> open{from};
    while (!open.empty()) {
      const std::string at = open.back();
      open.pop_back();
      if (is_below_any(at, knows_the_truth)) {
        complain(from, 0, "the logic on trial reaches what knows the truth: " + chain(reached_from, at));
        return;
      }
      const auto found = arrows_.find(at);
      if (found == arrows_.end()) continue;
      for (const Arrow& arrow : found->second) {
        if (reached_from.emplace(arrow.to, at).second) open.push_back(arrow.to);
      }
    }
  }

  static std::string chain(const std::map<std::string, std::string>& reached_from, const std::string& end) {
    std::string text = end;
    for (std::string at = reached_from.at(end); !at.empty(); at = reached_from.at(at)) text = at + " -> " + text;
    return text;
  }

  void check_circles() {
    enum Colour { white, grey, black };
    std::map<std::string, Colour> colours;
    std::vector<std::string> path;
    const auto visit = [&](const auto& self, const std::string& at) -> void {
      colours[at] = grey;
      path.push_back(at);
      const auto found = arrows_.find(at);
      if (found != arrows_.end()) {
        for (const Arrow& arrow : found->second) {
          if (colours[arrow.to] == grey) {
            std::string circle;
            for (auto p = std::find(path.begin(), path.end(), arrow.to); p != path.end(); ++p) circle += *p + " -> ";
            complain(at, arrow.line, "closes a circle: " + circle + arrow.to);
          } else if (colours[arrow.to] == white) {
            self(self, arrow.to);
          }
        }
      }
      path.pop_back();
      colours[at] = black;
    };
    for (const auto& [from, arrows] : arrows_) {
      if (colours[from] == white) visit(visit, from);
    }
  }

  const std::string& layer(int index) const { return layers_[static_cast<std::size_t>(index)]; }

  void complain(const std::string& file, int line, std::string what) {
    complaints_.push_back({file, line, std::move(what)});
  }

  std::vector<std::string> layers_;
  std::set<std::string> roots_;
  Arrows arrows_;
  std::vector<Complaint> complaints_;
};

}  // namespace

std::string to_string(const Complaint& complaint) {
  return fmt::format("{}{}: {}", complaint.file, complaint.line > 0 ? fmt::format(":{}", complaint.line) : "",
                     complaint.what);
}

std::vector<std::string> layers_of(const fs::path& root) {
  const std::string text = read_text(root / "CMakeLists.txt");
  const std::string head = "set(REHEARSE_LAYERS";
  const std::size_t begin = text.find(head);
  if (begin == std::string::npos) throw std::runtime_error("CMakeLists.txt sets no REHEARSE_LAYERS");
  std::istringstream names(text.substr(begin + head.size(), text.find(')', begin) - begin - head.size()));
  std::vector<std::string> layers;
  for (std::string name; names >> name;) layers.push_back(name);
  return layers;
}

std::vector<Complaint> check_arrows(const fs::path& root) { return Checker(root).run(); }

}  // namespace rehearse::layering
