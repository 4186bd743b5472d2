#include "harness/campaign/version.h"

#include "harness/campaign/commit.h"
#include "scenarios/sql/database.h"

namespace rehearse {

std::string version() { return REHEARSE_VERSION; }

std::vector<std::pair<std::string, std::string>> what_determinism_depends_on() {
  return {{"version", version()},
          {"commit", REHEARSE_COMMIT},
          {"draws", "two rounds of Mix13, keyed by XXH3"},
          {"time zones", "UTC and fixed offsets"},
          {"SQL checks", "SQLite " + sqlite_version()}};
}

}  // namespace rehearse
