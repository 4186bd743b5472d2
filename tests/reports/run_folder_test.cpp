// The run folder: whole or not at all, and never in place of something that is not ours.
#include "reports/run_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "reports/json.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

namespace fs = std::filesystem;

struct Playground {
  fs::path root;
  Playground() {
    std::string name = (fs::temp_directory_path() / "rehearse-run-folder-XXXXXX").string();
    root = ::mkdtemp(name.data());
  }
  ~Playground() {
    ::chmod(root.c_str(), 0700);
    fs::remove_all(root);
  }
  std::set<std::string> entries() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(root))
      names.insert(fs::relative(entry.path(), root).string());
    return names;
  }
};

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

using Names = std::set<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_run_folder_holds_every_report_the_marker_and_nothing_else, Playground) {
  RunFolderOptions options;
  options.extra.push_back({"scenario.yaml", "the scenario as it was read", "format: 1\n"});
  const auto problem = write_run_folder(fixture::rich(), root / "runs" / "x-1", options);
  BOOST_TEST(!problem, problem.value_or(""));
  BOOST_TEST(
      (entries() == Names{"runs", "runs/x-1", "runs/x-1/.rehearse-run", "runs/x-1/junit.xml", "runs/x-1/metrics.csv",
                          "runs/x-1/metrics.openmetrics.txt", "runs/x-1/report.html", "runs/x-1/report.md",
                          "runs/x-1/result.json", "runs/x-1/scenario.yaml", "runs/x-1/trace.json"}));
  BOOST_TEST(read(root / "runs/x-1/scenario.yaml") == "format: 1\n");
}

BOOST_FIXTURE_TEST_CASE(the_result_in_the_folder_names_the_files_beside_it, Playground) {
  BOOST_TEST(!write_run_folder(fixture::rich(), root / "x"));
  result::Result back;
  BOOST_TEST(parse_json(read(root / "x/result.json"), back) == "");
  BOOST_TEST(static_cast<std::size_t>(back.files_size()) == run_folder_files().size());
  for (const result::File& file : back.files()) BOOST_TEST(fs::exists(root / "x" / file.name()), file.name());
}

BOOST_FIXTURE_TEST_CASE(what_a_process_that_was_ended_left_is_removed_and_what_another_writes_is_not, Playground) {
  // No process has a number beyond the greatest that Linux gives; this one's parent is alive.
  const fs::path left = root / ".x.rehearse-tmp-99999999", others = root / ".x.rehearse-tmp-";
  const fs::path written = others.string() + std::to_string(::getppid());
  fs::create_directory(left);
  write(left / "report.html", "half");
  fs::create_directory(written);
  BOOST_TEST(!write_run_folder(fixture::rich(), root / "x"));
  BOOST_TEST(!fs::exists(left));
  BOOST_TEST(fs::exists(written));
}

BOOST_FIXTURE_TEST_CASE(a_run_folder_of_ours_is_replaced_whole, Playground) {
  BOOST_TEST(!write_run_folder(fixture::rich(), root / "x"));
  write(root / "x/left-over", "from the run before");
  BOOST_TEST(!check_writable(root / "x"));
  BOOST_TEST(!write_run_folder(fixture::empty(), root / "x"));
  BOOST_TEST(!fs::exists(root / "x/left-over"));
  BOOST_TEST(read(root / "x/report.md").find("inconclusive") != std::string::npos);
  BOOST_TEST(std::distance(fs::directory_iterator(root), fs::directory_iterator()) == 1);
}

BOOST_FIXTURE_TEST_CASE(a_folder_of_somebody_else_is_refused_and_left_as_it_was, Playground) {
  fs::create_directory(root / "thesis");
  write(root / "thesis/chapter1", "years of work");
  BOOST_TEST(check_writable(root / "thesis").value_or("").find("is not a run folder") != std::string::npos);
  BOOST_TEST(write_run_folder(fixture::rich(), root / "thesis").has_value());
  BOOST_TEST((entries() == Names{"thesis", "thesis/chapter1"}));
  BOOST_TEST(read(root / "thesis/chapter1") == "years of work");
}

BOOST_FIXTURE_TEST_CASE(a_file_in_the_place_of_the_folder_is_refused, Playground) {
  write(root / "x", "a file");
  BOOST_TEST(check_writable(root / "x").has_value());
  BOOST_TEST(write_run_folder(fixture::rich(), root / "x").has_value());
  BOOST_TEST(write_run_folder(fixture::rich(), root / "x" / "below").has_value());
  BOOST_TEST((entries() == Names{"x"}));
}

BOOST_FIXTURE_TEST_CASE(an_empty_folder_is_taken, Playground) {
  fs::create_directory(root / "x");
  BOOST_TEST(!check_writable(root / "x"));
  BOOST_TEST(!write_run_folder(fixture::rich(), root / "x"));
  BOOST_TEST(fs::exists(root / "x/report.html"));
}

BOOST_FIXTURE_TEST_CASE(checking_leaves_nothing_behind, Playground) {
  BOOST_TEST(!check_writable(root / "a" / "b" / "c"));
  BOOST_TEST(entries().empty());
}

BOOST_FIXTURE_TEST_CASE(the_folder_of_a_link_is_replaced_and_the_link_stays, Playground) {
  BOOST_TEST(!write_run_folder(fixture::rich(), root / "real"));
  fs::create_directory_symlink(root / "real", root / "latest");
  BOOST_TEST(!write_run_folder(fixture::empty(), root / "latest"));
  BOOST_TEST(fs::is_symlink(root / "latest"));
  BOOST_TEST(read(root / "real/report.md").find("inconclusive") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_failure_half_way_leaves_the_old_folder_and_no_rest, Playground) {
  BOOST_TEST(!write_run_folder(fixture::rich(), root / "x"));
  const Names before = entries();
  const std::string report = read(root / "x/report.md");
  RunFolderOptions options;
  options.extra.push_back({"..", "a name that no file can have", ""});
  BOOST_TEST(write_run_folder(fixture::empty(), root / "x", options).has_value());
  BOOST_TEST((entries() == before));
  BOOST_TEST(read(root / "x/report.md") == report);
  BOOST_TEST(write_run_folder(fixture::empty(), root / "new" / "y", options).has_value());
  BOOST_TEST((entries() == before));
}

BOOST_FIXTURE_TEST_CASE(a_parent_that_cannot_be_written_is_found_beforehand, Playground) {
  BOOST_TEST(check_writable("/proc/rehearse-cannot/x").has_value());
  BOOST_TEST(write_run_folder(fixture::empty(), "/proc/rehearse-cannot/x").has_value());
  BOOST_TEST(check_writable("/").has_value());
  if (::geteuid() == 0) return;  // root may write where the mode says no
  ::chmod(root.c_str(), 0500);
  BOOST_TEST(check_writable(root / "x").has_value());
}

}  // namespace rehearse::reports
