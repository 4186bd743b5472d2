// The one part of drawing that is not a few instructions: the key of a stream.
#include "sim/kernel/draw.h"

#include <xxhash.h>

namespace rehearse {

Stream stream(std::uint64_t seed, std::string_view name) {
  return {XXH3_64bits_withSeed(name.data(), name.size(), seed)};
}

}  // namespace rehearse
