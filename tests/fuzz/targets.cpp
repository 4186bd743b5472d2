#include "tests/fuzz/targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "scenarios/loader.h"
#include "sim/capture/captured_stream.h"
#include "sim/capture/witness.h"
#include "sim/kernel/assert.h"

namespace rehearse::fuzz {
namespace {

constexpr std::uint64_t bytes_max = 1 << 20;

// A file in memory, by a name that readers can open.
class File {
 public:
  explicit File(std::string_view content) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    REHEARSE_ASSERT(written == static_cast<ssize_t>(content.size()), "there is room for a small file in memory");
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void feed_scenario(std::string_view text) {
  const LoadResult result = load_scenario_text(text, "fuzz.yaml");
  REHEARSE_ASSERT(result.scenario || has_errors(result.diagnostics), "what is refused is told why");
}

void feed_stream(std::string_view first_line, std::string_view rest) {
  const File file(std::string(first_line) + "\n" + std::string(rest));
  CaptureOptions options;
  options.stream_path = file.path();
  options.line_bytes_max = options.total_bytes_max = bytes_max;
  const CaptureResult<CapturedStream> loaded = load_capture(options);
  if (!loaded) {
    REHEARSE_ASSERT(!loaded.error.message.empty(), "what is refused is told why");
    return;
  }
  const bool same = replay_capture(*loaded.value, [](const auto&) { return true; }) == final_state(*loaded.value);
  REHEARSE_ASSERT(same, "all transactions lead to the final state");
}

void feed_wal2json1(std::string_view rest) {
  feed_stream(
      R"({"xid":1,"nextlsn":"0/10","timestamp":"2026-03-02 00:00:05+00","change":[{"kind":"insert","schema":"public",)"
      R"("table":"orders","columnnames":["id"],"columntypes":["bigint"],"columnvalues":[1],"pk":{"pknames":["id"],)"
      R"("pktypes":["bigint"]}}]})",
      rest);
}

void feed_wal2json2(std::string_view rest) {
  feed_stream(
      R"({"action":"M","xid":null,"timestamp":null,"lsn":"0/9","transactional":false,"prefix":"p","content":"c"})",
      rest);
}

void feed_debezium(std::string_view rest) {
  feed_stream(
      R"({"before":null,"after":{"id":1},"source":{"version":"2.6.1.Final","connector":"postgresql","name":"s",)"
      R"("ts_ms":1772409605000,"snapshot":"false","db":"d","sequence":null,"schema":"public","table":"orders","txId":1,)"
      R"("lsn":16},"op":"c","ts_ms":1772409605000,"transaction":null})",
      rest);
}

void feed_maxwell(std::string_view rest) {
  feed_stream(R"({"database":"public","table":"orders","type":"insert","ts":1772409605,"xid":1,"commit":true,)"
              R"("position":"binlog.000000:16","primary_key_columns":["id"],"data":{"id":1}})",
              rest);
}

void feed_canal(std::string_view rest) {
  feed_stream(
      R"({"id":1,"database":"public","table":"orders","type":"INSERT","es":1772409605000,"ts":1772409605000,"sql":"",)"
      R"("sqlType":null,"pkNames":["id"],"isDdl":false,"mysqlType":{"id":"bigint"},"data":[{"id":"1"}],"old":null})",
      rest);
}

void feed_csv(std::string_view content) {
  const File file(content);
  const auto table = read_csv_table({"public", "orders", file.path(), {}}, bytes_max);
  REHEARSE_ASSERT(table || !table.error.message.empty(), "what is refused is told why");
}

constexpr Target all[] = {{"scenario", feed_scenario},
                          {"wal2json1", feed_wal2json1},
                          {"wal2json2", feed_wal2json2},
                          {"debezium", feed_debezium},
                          {"maxwell", feed_maxwell},
                          {"canal", feed_canal},
                          {"csv", feed_csv}};

}  // namespace

std::span<const Target> targets() { return all; }

}  // namespace rehearse::fuzz
