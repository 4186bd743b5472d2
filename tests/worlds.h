// How many random worlds a property is tried on.
#pragma once

#include <cstdint>

namespace rehearse {

// `wanted`, and a tenth of them where a sanitizer makes each ten times as slow: what it looks for, mistakes with
// memory, shows in the first worlds, and the values themselves are held in the build without it.
constexpr std::uint64_t random_worlds(std::uint64_t wanted) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return wanted / 10;
#else
  return wanted;
#endif
}

}  // namespace rehearse
