// Files and stream lines for the tests of captured input.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wrestrict"  // g++ 12 warns falsely inside Boost's gzip_compressor
#endif

#include <fmt/format.h>
#include <unistd.h>

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "sim/capture/captured_stream.h"
#include "sim/capture/positions.h"
#include "sim/capture/witness.h"

namespace rehearse::test {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("rehearse_capture_{}_{}", ::getpid(), next())) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name, const std::string& content) const {
    const std::string path = (path_ / name).string();
    std::filesystem::remove(path);  // truncating a file in place makes some file systems flush it
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  static int next() {
    static int made = 0;
    return made++;
  }
  std::filesystem::path path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

template <typename Filter>
std::string compressed(const std::string& text, Filter filter) {
  std::ostringstream out;
  boost::iostreams::filtering_streambuf<boost::iostreams::output> chain;
  chain.push(filter);
  chain.push(out);
  boost::iostreams::copy(boost::iostreams::array_source(text.data(), text.size()), chain);
  return out.str();
}
inline std::string gzipped(const std::string& text) { return compressed(text, boost::iostreams::gzip_compressor()); }
inline std::string zstandard(const std::string& text) { return compressed(text, boost::iostreams::zstd_compressor()); }

// ---- stream lines: a transaction has an xid and a commit LSN, its rows have LSNs below it

inline std::string begin_line(std::uint64_t xid, std::uint64_t commit) {
  return fmt::format(R"({{"action":"B","xid":{},"timestamp":"2026-03-02 01:00:00.5+00","lsn":"{}","nextlsn":"{}"}})"
                     "\n",
                     xid, format_lsn(commit), format_lsn(commit + 48));
}
inline std::string commit_line(std::uint64_t xid, std::uint64_t commit) {
  std::string line = begin_line(xid, commit);
  line[line.find(R"("B")") + 1] = 'C';
  return line;
}
inline std::string cell(const std::string& name, const std::string& type, const std::string& json) {
  return fmt::format(R"({{"name":"{}","type":"{}","value":{}}})", name, type, json);
}
struct RowLine {
  std::string action = "I";
  std::uint64_t xid = 1;
  std::uint64_t lsn = 1;
  std::string table = "t";
  std::vector<std::string> columns;   // cell(...)
  std::vector<std::string> identity;  // cell(...)
  std::vector<std::string> pk = {"id"};
};
inline std::string row_line(const RowLine& row) {
  std::string line = fmt::format(
      R"({{"action":"{}","xid":{},"timestamp":"2026-03-02 01:00:00.5+00","lsn":"{}","schema":"public","table":"{}")",
      row.action, row.xid, format_lsn(row.lsn), row.table);
  if (row.action == "I" || row.action == "U") line += fmt::format(R"(,"columns":[{}])", fmt::join(row.columns, ","));
  if (row.action == "U" || row.action == "D") line += fmt::format(R"(,"identity":[{}])", fmt::join(row.identity, ","));
  if (row.action != "T") {
    std::vector<std::string> pk;
    for (const std::string& name : row.pk) pk.push_back(fmt::format(R"({{"name":"{}","type":"integer"}})", name));
    line += fmt::format(R"(,"pk":[{}])", fmt::join(pk, ","));
  }
  return line + "}\n";
}

// Wraps row lines into one transaction each; LSNs grow.
class StreamText {
 public:
  std::string text;

  // One transaction of these rows; xid and LSNs are set here. Gives the LSN of the first row.
  std::uint64_t transaction(std::vector<RowLine> rows) {
    const std::uint64_t xid = ++xid_;
    const std::uint64_t first = lsn_ + 16;
    const std::uint64_t commit = lsn_ += 16 * (rows.size() + 1);
    text += begin_line(xid, commit);
    std::uint64_t lsn = first;
    for (RowLine& row : rows) {
      row.xid = xid;
      row.lsn = lsn;
      text += row_line(row);
      lsn += 16;
    }
    text += commit_line(xid, commit);
    return first;
  }
  std::uint64_t next_lsn() const { return lsn_ + 16; }

 private:
  std::uint64_t xid_ = 100;
  std::uint64_t lsn_ = 0x1000;
};

inline std::string number_cell(const std::string& name, int value) {
  return cell(name, "integer", fmt::format("{}", value));
}
inline std::string text_cell(const std::string& name, const std::string& value) {
  return cell(name, "text", fmt::format("\"{}\"", value));
}

// The row's cells as text; NULL, unknown and dropped by name.
inline std::vector<std::string> cells_of(const CapturedStream& stream, ImageId image) {
  std::vector<std::string> texts;
  for (const ValueId value : stream.images[image]) {
    texts.emplace_back(value == null_value      ? "NULL"
                       : value == unknown_value ? "unknown"
                       : value == dropped_value ? "dropped"
                                                : stream.values.text(value));
  }
  return texts;
}

inline const CaptureEvidence* find_evidence(const CapturedStream& stream, EvidenceKind kind, const std::string& table,
                                            const std::string& column = {}) {
  for (const CaptureEvidence& evidence : stream.evidence)
    if (evidence.kind == kind && stream.tables[evidence.table].name == table && evidence.column == column)
      return &evidence;
  return nullptr;
}

}  // namespace rehearse::test
