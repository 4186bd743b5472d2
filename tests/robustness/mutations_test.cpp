// Shipped scenarios and captures with something changed at random: whatever it is, the program refuses it with a
// diagnosis or runs it to its end, in bounded time and memory.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "harness/program/program.h"
#include "sim/kernel/draw.h"
#include "tests/robustness/processes.h"

namespace rehearse::test {
namespace {

namespace fs = std::filesystem;

constexpr double seconds_at_most = 20;
constexpr long kib_at_most = 1 << 20;

std::uint64_t times(std::uint64_t full) { return std::getenv("REHEARSE_MUTATIONS") != nullptr ? full : full / 100; }

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Draws of one mutation, by their order.
class Draws {
 public:
  explicit Draws(std::uint64_t number) : number_(number) {}
  std::uint64_t below(std::uint64_t bound) { return finalise(finalise(number_) + ++drawn_) % bound; }

 private:
  std::uint64_t number_;
  std::uint64_t drawn_ = 0;
};

bool part_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '%';
}

struct Word {
  std::size_t at, length;
};

std::vector<Word> words_of(const std::string& text) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    if (!part_of_word(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && part_of_word(text[end])) ++end;
    words.push_back({at, end - at});
    at = end;
  }
  return words;
}

bool is_number(const std::string& text, Word word) { return text[word.at] >= '0' && text[word.at] <= '9'; }

// Nothing here asks for more than the scenario did, beyond what a linter must refuse: what is asked for takes its time.
constexpr const char* values[] = {"0",  "1",    "-1",   "0s",    "1ns", "1ms",  "0%",  "100%",   "50%",
                                  "2",  "null", "true", "[]",    "{}",  "\"\"", "NaN", "1e9999", "99999999999999999999",
                                  "7m", "1h",   "3d",   "0.001", "~",   "x"};

// One to three changes: of values and names, mostly, so that some of what comes out makes sense.
std::string mutated(std::string text, Draws& draws) {
  for (std::uint64_t left = 1 + draws.below(3); left > 0 && !text.empty(); --left) {
    const std::vector<Word> words = words_of(text);
    if (words.empty()) return text;
    const Word word = words[draws.below(words.size())], other = words[draws.below(words.size())];
    const std::size_t line = text.rfind('\n', word.at) + 1;
    const std::size_t next_line = std::min(text.find('\n', word.at), text.size() - 1) + 1;
    switch (draws.below(10)) {
      case 0:
        text.erase(line, next_line - line);
        break;
      case 1:
        text.insert(line, text.substr(line, next_line - line));
        break;
      case 2:
        text[draws.below(text.size())] = static_cast<char>(draws.below(256));
        break;
      case 3:
        text.erase(word.at, 1 + draws.below(3));
        break;
      case 4:
      case 5:
        text.replace(word.at, word.length, text.substr(other.at, other.length));
        break;
      default: {
        std::vector<Word> numbers;
        std::copy_if(words.begin(), words.end(), std::back_inserter(numbers),
                     [&](Word w) { return is_number(text, w); });
        const Word number = numbers.empty() ? word : numbers[draws.below(numbers.size())];
        text.replace(number.at, number.length, values[draws.below(std::size(values))]);
      }
    }
  }
  return text;
}

void must_end_well(const Ended& ended, const std::string& what) {
  const bool well = ended.signal == 0 && ended.exit_code >= 0 && ended.exit_code <= 2 &&
                    ended.cpu_seconds <= seconds_at_most && ended.most_kib <= kib_at_most;
  BOOST_TEST(well, what << ": exit " << ended.exit_code << ", signal " << ended.signal << ", " << ended.cpu_seconds
                        << " s, " << ended.most_kib / 1024 << " MiB");
}

// A copy, so that what a scenario names beside it is there.
class ShippedCopy {
 public:
  ShippedCopy() {
    const fs::path shipped = fs::path(REHEARSE_SOURCE_DIR) / "scenarios";
    for (const char* folder : {"captures", "checks", "defects", "faults", "plans", "own_logic", "rules"}) {
      fs::copy(shipped / folder, path() / folder, fs::copy_options::recursive);
      for (const auto& entry : fs::directory_iterator(path() / folder))
        if (entry.path().extension() == ".yaml") files_.push_back(entry.path());
    }
    for (const char* file : {"quickstart.yaml", "pgbench.yaml", "schema_change.yaml"}) {
      fs::copy(shipped / file, path() / file);
      files_.push_back(path() / file);
    }
    std::sort(files_.begin(), files_.end());
  }
  fs::path path() const { return folder_.path(); }
  std::string file(const std::string& name) const { return (path() / name).string(); }
  const std::vector<fs::path>& files() const { return files_; }
  // Writes another text in a file's place; returns its name.
  static std::string write(const fs::path& file, const std::string& text) {
    const fs::path other = file.parent_path() / "mutated.yaml";
    std::ofstream(other, std::ios::binary) << text;
    return other.string();
  }

 private:
  ScratchFolder folder_;
  std::vector<fs::path> files_;
};

BOOST_AUTO_TEST_CASE(mutated_scenarios_are_linted) {
  const ShippedCopy shipped;
  for (std::uint64_t i = 0; i < times(10'000); ++i) {
    Draws draws(i);
    const fs::path& file = shipped.files()[draws.below(shipped.files().size())];
    const std::string text = mutated(content(file), draws);
    const Ended ended = run_process({"lint", ShippedCopy::write(file, text)}, shipped.file("said"));
    must_end_well(ended, "lint " + std::to_string(i) + " of " + file.filename().string());
  }
}

BOOST_AUTO_TEST_CASE(mutated_scenarios_are_run) {
  const ShippedCopy shipped;
  std::uint64_t run = 0;
  for (std::uint64_t i = 0; run < times(1'000); ++i) {
    Draws draws(1'000'000 + i);
    const fs::path& file = shipped.files()[draws.below(shipped.files().size())];
    const std::string text = mutated(content(file), draws);
    const std::string name = ShippedCopy::write(file, text);
    if (run_process({"lint", name}, shipped.file("said")).exit_code == 2) continue;
    ++run;
    const Ended ended = run_process({"run", name, "--out", shipped.file("out")}, shipped.file("said"));
    must_end_well(ended, "run " + std::to_string(i) + " of " + file.filename().string());
  }
}

BOOST_AUTO_TEST_CASE(damaged_captures_are_replayed_or_refused) {
  const ShippedCopy shipped;
  const fs::path corpora = fs::path(REHEARSE_SOURCE_DIR) / "tests/fuzz/corpus";
  std::vector<fs::path> streams;
  for (const char* format : {"wal2json1", "wal2json2", "debezium", "maxwell", "canal"})
    for (const auto& entry : fs::directory_iterator(corpora / format)) streams.push_back(entry.path());
  std::sort(streams.begin(), streams.end());
  const std::string scenario = R"yaml(format: 1
name: damaged
duration: 1h
source: {capture: {stream: damaged.jsonl, schema: public, tables: {orders: {key: [id]}}}}
datasets: {orders: {of: orders}}
pipelines: {cdc: {stream: {produces: orders, into: copy, freshness: 60s}}}
checks: {k: {field_compare: {between: [source, copy], every: 10m}}}
)yaml";
  const std::string name = ShippedCopy::write(shipped.path() / "captures/x.yaml", scenario);
  for (std::uint64_t i = 0; i < times(2'000); ++i) {
    Draws draws(2'000'000 + i);
    const std::string text = mutated(content(streams[draws.below(streams.size())]), draws);
    std::ofstream(shipped.path() / "captures/damaged.jsonl", std::ios::binary) << text;
    const Ended ended = run_process({"run", name, "--out", shipped.file("out")}, shipped.file("said"));
    must_end_well(ended, "capture " + std::to_string(i));
  }
}

}  // namespace
}  // namespace rehearse::test
