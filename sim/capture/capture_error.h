// Diagnostics of captured input: what is wrong, where, and what was expected instead.
//
// Readers throw CaptureFailure inside this folder; the public functions (load_capture, read_csv_table, ...) catch it
// and hand back a CaptureResult, so that a damaged or foreign file is a value that the caller prints, never a crash.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rehearse {

struct CaptureError {
  std::string file;
  std::uint64_t line = 0;    // 1-based; 0 = the file as a whole
  std::uint64_t column = 0;  // 1-based byte in the line; 0 = the whole line
  std::string message;
  std::string expected;  // empty where the message says it all

  // "file:line:column: message (expected: ...)"
  std::string text() const;
};

class CaptureFailure : public std::exception {
 public:
  explicit CaptureFailure(CaptureError error) : error_(std::move(error)), text_(error_.text()) {}
  const char* what() const noexcept override { return text_.c_str(); }
  const CaptureError& error() const { return error_; }

 private:
  CaptureError error_;
  std::string text_;
};

template <typename T>
struct CaptureResult {
  std::optional<T> value;
  CaptureError error;  // meaningful where there is no value
  explicit operator bool() const { return value.has_value(); }
};

// Runs `read` and turns a CaptureFailure into a result.
template <typename Read>
auto capture_result(Read&& read) -> CaptureResult<decltype(read())> {
  try {
    return {read(), {}};
  } catch (const CaptureFailure& failure) {
    return {std::nullopt, failure.error()};
  }
}

// The candidate nearest to `name` by edit distance; empty if none is near (more than half of the name would change).
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

// At most `bytes` of a UTF-8 text, cut between characters: for messages.
std::string_view cut_text(std::string_view text, std::size_t bytes);

}  // namespace rehearse
