// Lines of a text file that may be compressed, recognised by content: plain, gzip, zstd.
//
// Streaming: memory is bounded by the longest line. Lines end at \n alone (captured text holds raw U+2028, U+0085 and
// other characters that some libraries take for line ends). A UTF-8 mark at the file's beginning is no text. Damaged or
// cut compressed data is a CaptureFailure that names the line reached and the byte of the compressed file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/capture/capture_error.h"

namespace rehearse {

struct TextLimits {
  std::uint64_t line_bytes_max = 64ULL << 20;
  std::uint64_t total_bytes_max = 0;  // decompressed; 0 = no bound
};

enum class TextCompression : std::uint8_t { plain, gzip, zstd };

class TextInput {
 public:
  // Bytes that may be read past the end of a line that next() gave (their content means nothing).
  static constexpr std::size_t padding = 64;

  explicit TextInput(std::string path, TextLimits limits = {});
  ~TextInput();
  TextInput(const TextInput&) = delete;
  TextInput& operator=(const TextInput&) = delete;

  // The next line without its \n; false at the end. The view lives until the next call.
  bool next(std::string_view& line);
  // Whether the line that next() gave last ended in \n (only the last line of a file may not).
  bool ended_by_newline() const { return ended_by_newline_; }
  std::uint64_t line_number() const { return line_number_; }  // of the line that next() gave last, 1-based
  // The 1-based byte of a place in the line that next() gave last; 0 if it does not lie there.
  std::uint64_t column_of(const char* place) const;
  const std::string& path() const { return path_; }
  TextCompression compression() const;

  [[noreturn]] void fail(std::uint64_t column, std::string message, std::string expected = {}) const;

 private:
  class Source;
  bool fill();

  std::string path_;
  TextLimits limits_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // unread bytes are buffer_[begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t line_number_ = 0;
  std::string_view line_;  // that next() gave last
  bool ended_by_newline_ = true;
  bool at_end_ = false;
};

}  // namespace rehearse
