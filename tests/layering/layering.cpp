#include "tests/layering/layering.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>
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
    static const std::regex include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">].*)re");
    static const std::regex import(R"re(^\s*import\s+(?:public\s+|weak\s+)?(")([^"]+)".*)re");
    const std::string text = read_text(root / file);
    const auto lines = lines_of(text);
    const auto code = lines_of(code_only(text));  // tells an include from one in a comment
    std::vector<Arrow>& arrows = arrows_[file];
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::smatch match;
      if (code[i].find_first_not_of(" \t") == std::string::npos) continue;
      if (!std::regex_match(lines[i], match, is_cpp(file) ? include : import)) continue;
      const std::string to = named_file(match[2]);
      const bool ours = roots_.contains(first_folder(to)) || first_folder(to) == "tests";
      const bool foreign = match[1] == "<" || to.starts_with("google/protobuf/");
      if (ours || !foreign) arrows.push_back({to, static_cast<int>(i) + 1});
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
  static const std::regex list(R"re(set\(\s*REHEARSE_LAYERS\s([^)]*)\))re");
  static const std::regex word(R"re([^\s]+)re");
  const std::string text = read_text(root / "CMakeLists.txt");
  std::smatch match;
  if (!std::regex_search(text, match, list)) throw std::runtime_error("CMakeLists.txt sets no REHEARSE_LAYERS");
  const std::string names = match[1];
  std::vector<std::string> layers;
  for (auto it = std::sregex_iterator(names.begin(), names.end(), word); it != std::sregex_iterator(); ++it) {
    layers.push_back(it->str());
  }
  return layers;
}

std::vector<Complaint> check_arrows(const fs::path& root) { return Checker(root).run(); }

}  // namespace rehearse::layering
