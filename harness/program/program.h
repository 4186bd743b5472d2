// Runs a program of the user's, or a function in a process of its own, and contains whatever it does: a hang, a flood,
// a crash.
//
// The program gets a few environment variables, a folder of its own to work in, a text on its standard input, and
// nothing else that differs from run to run. When it is over, all processes that it left behind are ended: its group,
// and where Linux lists them those that have left the group too. Bounded: real time, output (64 MiB), what is kept of
// its errors (4 KiB), the size of a file that it writes (256 MiB), memory (4 GiB of addresses; of a function, beside
// what this process has). Left out: what it reads from the disk or the network, which is the user's to leave alone.
// Real time decides only whether there is an answer, never what it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace rehearse {

// A function that runs in the child of a fork: all that it reads of this process is as it was. It adds to the answer
// and returns why there is none, if so. What it prints counts as errors.
using InsideFunction = std::function<std::string(std::string& answer)>;

struct ProgramRequest {
  std::vector<std::string> command;  // the program, by path or by a name that PATH finds, and its arguments
  InsideFunction inside;             // what is run instead of a program
  // Where the function's memory is. Two children of one process have the same addresses; a function that is run twice
  // to see whether it answers the same has another heap, stack and place for libraries the second time.
  enum class Memory : std::uint8_t { as_it_was, elsewhere } memory = Memory::as_it_was;
  std::string folder;                                            // where it runs
  std::vector<std::pair<std::string, std::string>> environment;  // beside PATH, HOME, TMPDIR, TZ and the locale
  std::string input;
  std::int64_t time_out_ns = 0;
  std::uint64_t output_max = 64 << 20;
};

struct ProgramAnswer {
  enum class End : std::uint8_t { answered, failed, crashed, timed_out, flooded, not_started } end = End::not_started;
  std::string output;   // of one that answered: all of it
  std::string problem;  // of any other: what happened, in words that do not differ from run to run
  std::string errors;   // the beginning of what it wrote to its standard error
};

ProgramAnswer run_program(const ProgramRequest& request);

// A folder that is gone when this is.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace rehearse
