// How far a long command has come, and how much time is left: one live line on a terminal, or a line now and then where
// standard error goes elsewhere. Nothing is said of what takes a few seconds in all and is not on a terminal.
#pragma once

#include <chrono>
#include <string>

namespace rehearse::cli {

class ProgressLine {
 public:
  explicit ProgressLine(std::string what);  // "plans/orders.yaml"
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // `share` of the stage is done; below 0: nobody knows. `stage` is what is done now.
  void show(double share, const std::string& stage, const std::string& detail = {});
  void clear();  // of the terminal

 private:
  using Clock = std::chrono::steady_clock;
  std::string left(double share) const;
  std::string what_;
  bool terminal_;
  bool drawn_ = false;
  std::string stage_;
  Clock::time_point stage_began_, last_;
};

}  // namespace rehearse::cli
