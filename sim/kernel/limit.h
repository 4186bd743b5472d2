// What a rehearsal may ask for and does not get: a bound of Rehearse itself that no file can be checked against
// beforehand. It ends the rehearsal with exit code 2 and one line, as a mistake in the file would.
#pragma once

#include <stdexcept>
#include <string>

namespace rehearse {

class LimitReached : public std::runtime_error {
 public:
  explicit LimitReached(const std::string& what) : std::runtime_error(what) {}
};

}  // namespace rehearse
