#include "sim/capture/text_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/iostreams/concepts.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include "sim/capture/zstd_frames.h"

namespace rehearse {
namespace {

constexpr std::size_t first_capacity = std::size_t{1} << 20;

// The file itself; counts what the decompressor has taken.
struct RawFile {
  std::FILE* file = nullptr;
  std::uint64_t bytes = 0;
  int error = 0;
  bool watch_frames = false;
  ZstdFrames frames;

  ~RawFile() {
    if (file != nullptr) std::fclose(file);
  }
  std::size_t read(char* to, std::size_t n) {
    const std::size_t got = std::fread(to, 1, n, file);
    if (got < n && std::ferror(file) != 0) error = errno != 0 ? errno : EIO;
    bytes += got;
    if (watch_frames) frames.feed({to, got});
    return got;
  }
};

struct RawSource : boost::iostreams::source {
  RawFile* raw;
  explicit RawSource(RawFile* file) : raw(file) {}
  std::streamsize read(char* to, std::streamsize n) {
    const std::size_t got = raw->read(to, static_cast<std::size_t>(n));
    return got == 0 ? -1 : static_cast<std::streamsize>(got);
  }
};

TextCompression recognise(const unsigned char* bytes, std::size_t n) {
  if (n >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return TextCompression::gzip;
  if (n >= 4) {
    const std::uint32_t magic = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
    if (magic == 0xFD2FB528U || (magic & 0xFFFFFFF0U) == 0x184D2A50U) return TextCompression::zstd;
  }
  return TextCompression::plain;
}

}  // namespace

class TextInput::Source {
 public:
  TextCompression compression = TextCompression::plain;

  void open(const TextInput& input) {
    raw_.file = std::fopen(input.path_.c_str(), "rb");
    if (raw_.file == nullptr) input.fail(0, fmt::format("cannot open the file: {}", std::strerror(errno)));
    unsigned char magic[4];
    const std::size_t n = std::fread(magic, 1, sizeof magic, raw_.file);
    if (n == 0 && std::ferror(raw_.file) != 0)
      input.fail(0, fmt::format("cannot read the file: {}", std::strerror(errno)));
    std::rewind(raw_.file);
    compression = recognise(magic, n);
    if (compression == TextCompression::plain) return;
    if (compression == TextCompression::gzip) {
      chain_.push(boost::iostreams::gzip_decompressor(15, 1 << 16));
    } else {
      raw_.watch_frames = true;
      chain_.push(boost::iostreams::zstd_decompressor(1 << 17));
    }
    chain_.push(RawSource(&raw_), 1 << 16);
  }

  // Up to n bytes of text; 0 at the end.
  std::size_t read(const TextInput& input, char* to, std::size_t n) {
    const std::size_t got = compression == TextCompression::plain ? raw_.read(to, n) : decompress(input, to, n);
    if (raw_.error != 0) input.fail(0, fmt::format("cannot read the file: {}", std::strerror(raw_.error)));
    return got;
  }

 private:
  std::size_t decompress(const TextInput& input, char* to, std::size_t n) {
    const char* format = compression == TextCompression::gzip ? "gzip" : "zstd";
    std::streamsize got = 0;
    try {
      got = chain_.sgetn(to, static_cast<std::streamsize>(n));
    } catch (const std::exception& error) {
      input.fail(
          0, fmt::format("damaged {} data near byte {} of the compressed file ({})", format, raw_.bytes, error.what()),
          "an intact file, not one cut short or altered in a copy");
    }
    if (got < static_cast<std::streamsize>(n) && raw_.watch_frames && !raw_.frames.complete())
      input.fail(0, fmt::format("{} data ends in the middle, at byte {} of the compressed file", format, raw_.bytes),
                 "the whole file");
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }

  RawFile raw_;
  boost::iostreams::filtering_istreambuf chain_;  // after raw_: destroyed first
};

TextInput::TextInput(std::string path, TextLimits limits)
    : path_(std::move(path)), limits_(limits), source_(std::make_unique<Source>()) {
  source_->open(*this);
  capacity_ = first_capacity;
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_ + padding);
}

TextInput::~TextInput() = default;

TextCompression TextInput::compression() const { return source_->compression; }

void TextInput::fail(std::uint64_t column, std::string message, std::string expected) const {
  throw CaptureFailure({path_, line_number_, column, std::move(message), std::move(expected)});
}

// More bytes behind the unread ones, after moving them to the front or growing the buffer.
bool TextInput::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > limits_.line_bytes_max) {
    ++line_number_;
    fail(0, fmt::format("the line is longer than {} bytes", limits_.line_bytes_max),
         "one JSON object or CSV row a line");
  }
  if (end_ == capacity_) {
    const std::size_t larger = capacity_ * 2;
    auto moved = std::make_unique_for_overwrite<char[]>(larger + padding);
    std::memcpy(moved.get(), buffer_.get(), end_);
    buffer_ = std::move(moved);
    capacity_ = larger;
  }
  const std::size_t got = source_->read(*this, buffer_.get() + end_, capacity_ - end_);
  total_ += got;
  if (limits_.total_bytes_max != 0 && total_ > limits_.total_bytes_max)
    fail(0, fmt::format("the file holds more than {} bytes of text", limits_.total_bytes_max));
  at_end_ = got == 0;
  end_ += got;
  return got > 0;
}

std::uint64_t TextInput::column_of(const char* place) const {
  const std::less<const char*> before;
  if (before(place, line_.data()) || before(line_.data() + line_.size(), place)) return 0;
  return static_cast<std::uint64_t>(place - line_.data()) + 1;
}

bool TextInput::next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* from = buffer_.get() + begin_;
    const auto* newline = static_cast<const char*>(std::memchr(from + searched, '\n', end_ - begin_ - searched));
    if (newline != nullptr) {
      line = {from, static_cast<std::size_t>(newline - from)};
      begin_ += line.size() + 1;
      ended_by_newline_ = true;
      break;
    }
    searched = end_ - begin_;
    if (fill()) continue;
    if (searched == 0) return false;
    line = {buffer_.get() + begin_, searched};
    begin_ = end_;
    ended_by_newline_ = false;
    break;
  }
  ++line_number_;
  if (line.size() > limits_.line_bytes_max)
    fail(0, fmt::format("the line is longer than {} bytes", limits_.line_bytes_max));
  if (line_number_ == 1) {
    if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF"))
      fail(0, "the file is UTF-16 text, as PowerShell's > writes it", "UTF-8 text (iconv -f UTF-16 -t UTF-8)");
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  }
  line_ = line;
  return true;
}

}  // namespace rehearse
