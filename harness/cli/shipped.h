// The scenarios that came with the program: found beside it, wherever it was installed, and by a short name.
//
// The program at PREFIX/bin/rehearse has them in PREFIX/share/rehearse/scenarios. In a source tree there are none:
// there a scenario is named by its path.
#pragma once

#include <string>
#include <vector>

namespace rehearse::cli {

struct ShippedScenario {
  std::string name;  // "quickstart", "faults/burst"
  std::string file;
};
std::vector<ShippedScenario> shipped_scenarios();  // by name

// The file or folder that the user named: as it is if there is one; else the shipped one of this name or path ("burst"
// is no name of faults/burst); else as it is, so that its absence is what is complained about.
std::string found_file(const std::string& named);

}  // namespace rehearse::cli
