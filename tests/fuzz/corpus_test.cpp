// Whatever was once found by fuzzing, and what fuzzing starts from: fed again in every build.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/targets.h"

namespace {

BOOST_AUTO_TEST_CASE(every_input_of_the_corpora_is_refused_with_a_reason_or_replays) {
  for (const rehearse::fuzz::Target& target : rehearse::fuzz::targets()) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(REHEARSE_SOURCE_DIR) /
                                                                 "tests/fuzz/corpus" / target.name))
      files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    BOOST_TEST(!files.empty(), target.name);
    for (const auto& file : files) {
      BOOST_TEST_INFO(file);
      std::ifstream in(file, std::ios::binary);
      target.feed(std::string(std::istreambuf_iterator<char>(in), {}));
    }
  }
}

}  // namespace
