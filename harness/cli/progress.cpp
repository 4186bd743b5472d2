#include "harness/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "harness/cli/session.h"

namespace rehearse::cli {
namespace {

using std::chrono::duration;
constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::chrono::seconds between_lines{15};
constexpr double seconds_to_judge_by = 1;  // before that nobody can say what is left
constexpr int bar_width = 30;

std::string rough(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", std::max(seconds, 1.0));
  if (seconds < 90 * 60) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

ProgressLine::ProgressLine(std::string what)
    : what_(std::move(what)),
      terminal_(on_a_terminal(STDERR_FILENO)),
      stage_began_(Clock::now()),
      last_(stage_began_) {}

std::string ProgressLine::left(double share) const {
  const double took = duration<double>(Clock::now() - stage_began_).count();
  if (share <= 0 || share >= 1 || took < seconds_to_judge_by) return {};
  return fmt::format("  about {} left", rough(took / share * (1 - share)));
}

void ProgressLine::show(double share, const std::string& stage, const std::string& detail) {
  const Clock::time_point now = Clock::now();
  const bool another = stage != stage_;
  if (another) {
    stage_ = stage;
    stage_began_ = now;
  }
  if (terminal_ ? now - last_ < between_drawings && !another && drawn_ : now - last_ < between_lines) return;
  last_ = now;
  const std::string more = detail.empty() ? detail : "  " + detail;
  if (!terminal_) {
    const std::string done = share < 0 ? std::string() : fmt::format(" {:.0f}%", share * 100);
    fmt::print(stderr, "rehearse: {}: {}{}{}{}\n", what_, stage, done, more, left(share));
    return;
  }
  drawn_ = true;
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * bar_width);
  const std::string bar =
      share < 0 ? std::string() : fmt::format("[{:#<{}}{:.<{}}] ", "", filled, "", bar_width - filled);
  std::string line = fmt::format("  {}{}{}{}", bar, stage, more, left(share));
  if (const auto width = static_cast<std::size_t>(std::max(terminal_width(), 20)); line.size() >= width)
    line.resize(width - 1);  // a line that wraps could not be drawn over
  fmt::print(stderr, "\r{}\x1b[K", line);
}

void ProgressLine::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace rehearse::cli
