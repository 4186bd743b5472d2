// The surroundings that SQLite has: files in memory alone, and as its clock the instant of the request, in the thread
// that runs it, in place of the machine's.
#include "scenarios/sql/state.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::int64_t julian_ms_of_1970 = 210'866'760'000'000;
thread_local std::int64_t now_julian_ms = julian_ms_of_1970;

int current_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  *out = now_julian_ms;
  return SQLITE_OK;
}

int current_time(sqlite3_vfs*, double* out) {
  *out = static_cast<double>(now_julian_ms) / 86'400'000.0;
  return SQLITE_OK;
}

sqlite3_vfs clocked_vfs() {
  const sqlite3_vfs* usual = sqlite3_vfs_find("memdb");
  REHEARSE_ASSERT(usual != nullptr, "SQLite has a file system in memory");
  sqlite3_vfs vfs = *usual;
  vfs.pNext = nullptr;
  vfs.zName = "rehearse";
  vfs.xCurrentTime = current_time;
  vfs.xCurrentTimeInt64 = current_time_ms;
  return vfs;
}

}  // namespace

const char* sql_vfs() {
  static sqlite3_vfs vfs = clocked_vfs();
  static const int registered = [] {
    sqlite3_hard_heap_limit64(std::int64_t{1} << 30);
    // Local times come from the machine's time zone: asking for one is an error.
    sqlite3_test_control(SQLITE_TESTCTRL_LOCALTIME_FAULT, 1);
    return sqlite3_vfs_register(&vfs, 0);
  }();
  REHEARSE_ASSERT(registered == SQLITE_OK, "the clocked file system is registered");
  return vfs.zName;
}

void set_sql_now(std::int64_t unix_ns) { now_julian_ms = julian_ms_of_1970 + unix_ns / 1'000'000; }

std::string sqlite_version() { return sqlite3_libversion(); }

}  // namespace rehearse
