#include "harness/jobs/campaign_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

// Of the tables; a file of another is refused.
constexpr int file_version = 1;

constexpr const char* fixed_tables = R"(
CREATE TABLE IF NOT EXISTS campaigns (
  campaign INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,          -- of the scenario and its grid
  version TEXT NOT NULL,         -- of Rehearse
  name TEXT NOT NULL,            -- the scenario's
  scenario_file TEXT NOT NULL,
  UNIQUE (digest, version));
CREATE TABLE IF NOT EXISTS points (
  campaign INTEGER NOT NULL REFERENCES campaigns,
  point INTEGER NOT NULL,        -- its number in the grid, from 0
  digest TEXT NOT NULL,          -- of the scenario with the point's values
  PRIMARY KEY (campaign, point)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS point_values (
  campaign INTEGER NOT NULL REFERENCES campaigns,
  point INTEGER NOT NULL,
  number INTEGER NOT NULL,
  path TEXT NOT NULL,            -- the field
  value TEXT NOT NULL,           -- as it would be written
  PRIMARY KEY (campaign, point, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
  job INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,          -- of the scenario with the point's values
  version TEXT NOT NULL,
  seed INTEGER NOT NULL,
  state TEXT NOT NULL,           -- done, failed, crashed, killed, timed_out
  problem TEXT,                  -- of all but done
  replay TEXT NOT NULL,          -- the command that repeats it
  UNIQUE (digest, version, seed));
CREATE VIEW IF NOT EXISTS runs AS
  SELECT p.campaign, p.point, j.seed, j.job, j.state, j.problem, j.replay
  FROM points p JOIN campaigns c USING (campaign) JOIN jobs j ON j.digest = p.digest AND j.version = c.version;
)";

std::string columns_of(const KeptRelation& relation) {
  std::string columns;
  for (const KeptColumn& column : relation.columns)
    columns += fmt::format("\n  , {} {}  -- {}", column.name, column.type, column.help);
  return columns;
}

}  // namespace

// A prepared one, bound and stepped; its values are numbered from 1.
class CampaignFile::Statement {
 public:
  Statement(const CampaignFile& file, const std::string& sql) : file_(file) {
    if (sqlite3_prepare_v2(file.database_, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) file.fail("ask " + sql);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value) { return checked(sqlite3_bind_int64(statement_, ++bound_, value)); }
  Statement& bind(double value) { return checked(sqlite3_bind_double(statement_, ++bound_, value)); }
  Statement& bind(const std::string& text) {
    return checked(
        sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
  }
  Statement& bind_null() { return checked(sqlite3_bind_null(statement_, ++bound_)); }
  // False: there is no further row.
  bool step() {
    const int answer = sqlite3_step(statement_);
    if (answer != SQLITE_ROW && answer != SQLITE_DONE) file_.fail("write");
    return answer == SQLITE_ROW;
  }
  void run_again() {
    step();
    sqlite3_reset(statement_);
    bound_ = 0;
  }
  std::int64_t whole(int column) const { return sqlite3_column_int64(statement_, column); }
  CampaignRow row() const {
    CampaignRow row;
    for (int i = 0; i < sqlite3_column_count(statement_); ++i) switch (sqlite3_column_type(statement_, i)) {
        case SQLITE_INTEGER:
          row.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(statement_, i)));
          break;
        case SQLITE_FLOAT:
          row.emplace_back(sqlite3_column_double(statement_, i));
          break;
        case SQLITE_NULL:
          row.emplace_back();
          break;
        default:
          row.emplace_back(std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement_, i)),
                                       static_cast<std::size_t>(sqlite3_column_bytes(statement_, i))));
      }
    return row;
  }

 private:
  Statement& checked(int answer) {
    if (answer != SQLITE_OK) file_.fail("bind");
    return *this;
  }
  const CampaignFile& file_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

void CampaignFile::fail(const std::string& doing) const {
  throw CampaignFileProblem(fmt::format("{}: cannot {}: {}", path_, doing, sqlite3_errmsg(database_)));
}

void CampaignFile::execute(const std::string& sql) const {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("write");
}

CampaignFile::CampaignFile(const std::string& path, const Campaign& campaign) : path_(path) {
  lock_ = open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) throw CampaignFileProblem(fmt::format("{}: cannot write: {}", path, std::strerror(errno)));
  try {
    if (flock(lock_, LOCK_EX | LOCK_NB) != 0)
      throw CampaignFileProblem(path + ": another process works on this file now");
    if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK)
      fail("open it");
    const std::int64_t found = [&] {
      Statement version(*this, "PRAGMA user_version");
      return version.step() ? version.whole(0) : 0;
    }();
    if (found != 0 && found != file_version)
      throw CampaignFileProblem(fmt::format("{}: it was written by another version of Rehearse", path));
    execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
    execute("BEGIN IMMEDIATE");
    make_tables();
    Statement(*this, "INSERT OR IGNORE INTO campaigns (digest, version, name, scenario_file) VALUES (?, ?, ?, ?)")
        .bind(campaign.digest)
        .bind(campaign.version)
        .bind(campaign.name)
        .bind(campaign.scenario_file)
        .step();
    {
      Statement number(*this, "SELECT campaign FROM campaigns WHERE digest = ? AND version = ?");
      number.bind(campaign.digest).bind(campaign.version).step();
      campaign_ = number.whole(0);
    }
    Statement point(*this, "INSERT OR IGNORE INTO points VALUES (?, ?, ?)");
    Statement value(*this, "INSERT OR IGNORE INTO point_values VALUES (?, ?, ?, ?, ?)");
    for (std::size_t i = 0; i < campaign.points.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      point.bind(campaign_).bind(at).bind(campaign.points[i].digest).run_again();
      std::int64_t number = 0;
      for (const auto& [field, text] : campaign.points[i].values)
        value.bind(campaign_).bind(at).bind(number++).bind(field).bind(text).run_again();
    }
    execute("COMMIT");
  } catch (...) {
    sqlite3_close(database_);
    close(lock_);
    throw;
  }
  version_ = campaign.version;
  for (const CampaignPoint& point : campaign.points) points_.push_back(point.digest);
}

CampaignFile::~CampaignFile() {
  sqlite3_close(database_);
  close(lock_);
}

void CampaignFile::make_tables() const {
  execute(fixed_tables);
  for (const KeptRelation& relation : kept_relations())
    execute(fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (  -- {}\n  job INTEGER NOT NULL REFERENCES jobs,\n  number INTEGER NOT NULL{}\n"
        "  , PRIMARY KEY (job, number)) WITHOUT ROWID",
        relation.name, relation.help, columns_of(relation)));
  execute(fmt::format("PRAGMA user_version = {}", file_version));
}

std::set<std::uint64_t> CampaignFile::done(std::size_t point) const {
  std::set<std::uint64_t> seeds;
  Statement ask(*this, "SELECT seed FROM jobs WHERE digest = ? AND version = ? AND state = 'done'");
  ask.bind(points_[point]).bind(version_);
  while (ask.step()) seeds.insert(static_cast<std::uint64_t>(ask.whole(0)));
  return seeds;
}

std::int64_t CampaignFile::job(std::size_t point, std::uint64_t seed, const std::string& state,
                               const std::string& problem, const std::string& replay) {
  const auto number = static_cast<std::int64_t>(seed);
  // What failed before is tried anew.
  Statement(*this, "DELETE FROM jobs WHERE digest = ? AND version = ? AND seed = ? AND state <> 'done'")
      .bind(points_[point])
      .bind(version_)
      .bind(number)
      .step();
  Statement add(*this, "INSERT INTO jobs (digest, version, seed, state, problem, replay) VALUES (?, ?, ?, ?, ?, ?)");
  add.bind(points_[point]).bind(version_).bind(number).bind(state);
  if (problem.empty()) add.bind_null();
  else add.bind(problem);
  add.bind(replay).step();
  return sqlite3_last_insert_rowid(database_);
}

void CampaignFile::put(std::size_t point, std::uint64_t seed, const std::string& replay, const jobs::Outcome& outcome) {
  execute("BEGIN IMMEDIATE");
  const std::int64_t id = job(point, seed, "done", {}, replay);
  REHEARSE_ASSERT(outcome.relations_size() == static_cast<int>(kept_relations().size()),
                  "an outcome has all relations");
  for (std::size_t r = 0; r < kept_relations().size(); ++r) {
    const KeptRelation& relation = kept_relations()[r];
    const jobs::Rows& rows = outcome.relations(static_cast<int>(r));
    if (rows.rows().empty()) continue;
    std::string places;
    for (std::size_t i = 0; i < relation.columns.size(); ++i) places += ", ?";
    Statement add(*this, fmt::format("INSERT INTO {} VALUES (?, ?{})", relation.name, places));
    std::int64_t number = 0;
    for (const jobs::Row& row : rows.rows()) {
      add.bind(id).bind(number++);
      for (const jobs::Value& value : row.values()) {
        if (value.has_whole()) add.bind(value.whole());
        else if (value.has_number()) add.bind(value.number());
        else if (value.has_text()) add.bind(value.text());
        else add.bind_null();
      }
      add.run_again();
    }
  }
  execute("COMMIT");
}

void CampaignFile::put_failure(std::size_t point, std::uint64_t seed, const std::string& replay, const JobEnd& end) {
  static constexpr const char* states[] = {"done", "failed", "crashed", "killed", "timed_out"};
  job(point, seed, states[static_cast<std::size_t>(end.kind)], end.problem, replay);
}

std::vector<CampaignRow> CampaignFile::ask(const std::string& sql) const {
  std::vector<CampaignRow> rows;
  Statement ask(*this, sql);
  ask.bind(campaign_);
  while (ask.step()) rows.push_back(ask.row());
  return rows;
}

}  // namespace rehearse
