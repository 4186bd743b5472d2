// One of the targets as libFuzzer wants it: which one is its executable's.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rehearse::fuzz::Target;
  static const auto targets = rehearse::fuzz::targets();
  static const auto target =
      std::find_if(targets.begin(), targets.end(), [](const Target& t) { return t.name == REHEARSE_FUZZ_TARGET; });
  if (target == targets.end()) std::abort();
  target->feed({reinterpret_cast<const char*>(data), size});
  return 0;
}
