// Lines of streams as connectors write them, and loading them, for the tests of what people really have.
#pragma once

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/capture/capture_files.h"

namespace rehearse::test {

using Texts = std::vector<std::string>;

inline CaptureResult<CapturedStream> read(const std::string& text, CaptureOptions options = {}) {
  const Folder folder;
  options.stream_path = folder.file("stream.jsonl", text);
  return load_capture(options);
}
inline CapturedStream load(const std::string& text, const CaptureOptions& options = {}) {
  auto loaded = read(text, options);
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
  return std::move(*loaded.value);
}
inline void must_fail(const std::string& text, std::uint64_t line, const std::string& message,
                      const CaptureOptions& options = {}) {
  const auto loaded = read(text, options);
  BOOST_REQUIRE_MESSAGE(!loaded, "accepted, though: " + message);
  BOOST_TEST(loaded.error.text().find(message) != std::string::npos, loaded.error.text() + " instead of " + message);
  BOOST_TEST(loaded.error.line == line, loaded.error.text());
}
inline CaptureOptions keyed(const std::string& schema, const std::string& column = "id") {
  CaptureOptions options;
  options.keys = {{schema, "t", {column}}};
  return options;
}
inline std::vector<Texts> live_rows(const CapturedStream& stream) {
  std::vector<Texts> rows;
  for (const CapturedTable& table : stream.tables)
    for (const ImageId image : table.final_images)
      if (image != no_image) rows.push_back(cells_of(stream, image));
  return rows;
}
inline std::uint64_t counted(const CapturedStream& stream, EvidenceKind kind) {
  std::uint64_t count = 0;
  for (const CaptureEvidence& evidence : stream.evidence) count += evidence.kind == kind ? evidence.count : 0;
  return count;
}

// ---- lines, each with its end

inline std::string debezium(const std::string& op, const std::string& before, const std::string& after,
                            const std::string& source) {
  return fmt::format(
      R"({{"before":{},"after":{},"source":{{"ts_ms":1772413200000,"table":"t",{}}},"op":"{}","transaction":null}})"
      "\n",
      before, after, source, op);
}
// Of PostgreSQL; the row's position grows with the transaction's number.
inline std::string postgres(const std::string& op, const std::string& before, const std::string& after, int number) {
  return debezium(
      op, before, after,
      fmt::format(R"("connector":"postgresql","schema":"public","txId":{},"lsn":{})", number, number * 100));
}
// Of MySQL, at a place in its binary log.
inline std::string mysql(const std::string& op, const std::string& before, const std::string& after, std::uint64_t pos,
                         int row = 0) {
  return debezium(op, before, after,
                  fmt::format(R"("connector":"mysql","db":"shop","file":"bin.000004","pos":{},"row":{})", pos, row));
}
inline std::string maxwell(const std::string& rest, int ts = 1772413200) {
  return fmt::format(R"({{"database":"shop","table":"t","ts":{},{}}})"
                     "\n",
                     ts, rest);
}
inline std::string canal(int id, std::int64_t es, const std::string& type, const std::string& data,
                         const std::string& old = "null", const std::string& types = R"({"id":"int"})") {
  return fmt::format(
      R"({{"data":{},"database":"shop","es":{},"id":{},"isDdl":false,"mysqlType":{},"old":{},"pkNames":["id"],"table":"t","ts":1,"type":"{}"}})"
      "\n",
      data, es, id, types, old, type);
}

}  // namespace rehearse::test
