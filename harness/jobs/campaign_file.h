// The file of a campaign: an SQLite database with a row for each rehearsal that has ended, and what came of it.
//
// A job is known by the digest of its scenario with what was overridden, by its seed, and by the version of Rehearse;
// it is done once. Each job is written in one transaction of its own (write-ahead log), so whatever is killed or fills
// up loses no finished job. Several campaigns may share a file; they are told apart by the digest of their scenario.
// One process at a time works on a file: the second is told so (a lock beside it, which ends with the process).
#pragma once

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "harness/jobs/outcome.h"
#include "harness/jobs/pool.h"

struct sqlite3;

namespace rehearse {

// The file cannot be used: what is wrong with it, in words for its owner.
class CampaignFileProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CampaignPoint {                                      // of a grid: what is overridden
  std::string digest;                                       // of the scenario with that
  std::vector<std::pair<std::string, std::string>> values;  // by path
};

struct Campaign {
  std::string digest;  // of the scenario and its grid
  std::string version;
  std::string name;           // the scenario's
  std::string scenario_file;  // as the user named it
  std::vector<CampaignPoint> points;
};

// What stands in a cell of an answer.
using CampaignValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using CampaignRow = std::vector<CampaignValue>;

class CampaignFile {
 public:
  // Made if there is none. Throws CampaignFileProblem, as all others do.
  CampaignFile(const std::string& path, const Campaign& campaign);
  ~CampaignFile();
  CampaignFile(const CampaignFile&) = delete;
  CampaignFile& operator=(const CampaignFile&) = delete;

  std::int64_t campaign() const { return campaign_; }
  // The seeds of a point of which an outcome is there.
  std::set<std::uint64_t> done(std::size_t point) const;
  void put(std::size_t point, std::uint64_t seed, const std::string& replay, const jobs::Outcome& outcome);
  // Of a job that had none, and will be tried again the next time.
  void put_failure(std::size_t point, std::uint64_t seed, const std::string& replay, const JobEnd& end);
  // `sql` may ask for this campaign by its number, ?1.
  std::vector<CampaignRow> ask(const std::string& sql) const;

 private:
  class Statement;
  void execute(const std::string& sql) const;
  void make_tables() const;
  std::int64_t job(std::size_t point, std::uint64_t seed, const std::string& state, const std::string& problem,
                   const std::string& replay);
  [[noreturn]] void fail(const std::string& doing) const;

  std::string path_;
  int lock_ = -1;
  sqlite3* database_ = nullptr;
  std::int64_t campaign_ = 0;
  std::string version_;
  std::vector<std::string> points_;  // digests
};

}  // namespace rehearse
