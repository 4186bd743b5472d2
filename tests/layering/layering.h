// The arrows between the project's folders, read from its #include and import lines. Models: the layers in the order
// that the root CMakeLists.txt names (REHEARSE_LAYERS, the only place where that order is written), the wall between
// the logic on trial and what knows the truth, and the rule that reports know nothing but the result. Leaves out: link
// dependencies, and system headers. A generated x.pb.h counts as its x.proto.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rehearse::layering {

struct Complaint {
  std::string file;
  int line;  // counted from 1; 0 when it is about the whole file
  std::string what;
};

std::string to_string(const Complaint& complaint);

// The value of REHEARSE_LAYERS, lowest layer first.
std::vector<std::string> layers_of(const std::filesystem::path& root);

// Arrows up, circles, unknown folders, includes not written from the root, and the two walls.
std::vector<Complaint> check_arrows(const std::filesystem::path& root);

}  // namespace rehearse::layering
