// Holds the real tree to its layers, and plants each kind of offence in a small tree to see it found.
#include "tests/layering/layering.h"

#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "tests/layering/words.h"

namespace rehearse::layering {
namespace fs = std::filesystem;

namespace {

const fs::path project = REHEARSE_SOURCE_DIR;

std::string all(const std::vector<Complaint>& complaints) {
  std::string text;
  for (const Complaint& complaint : complaints) text += "\n  " + to_string(complaint);
  return text;
}

// A tree of a few layers that has nothing to complain about until a test plants something.
class Tree {
 public:
  Tree() {
    const std::string name = "rehearse-layering-" + std::to_string(getpid());
    root = fs::temp_directory_path() / name;
    fs::remove_all(root);
    write("CMakeLists.txt",
          "set(REHEARSE_LAYERS\n  sim/kernel sim/world\n  faults scenarios reports/result\n  harness/reconcile "
          "harness/migration\n  harness/oracle harness/judge reports harness/cli)\n");
    write("sim/kernel/time.h", "#pragma once\n#include <cstdint>\n");
    write("sim/world/world.h", "#include \"sim/kernel/time.h\"\n");
    write("faults/burst/burst.proto", "import \"google/protobuf/descriptor.proto\";\n");
    write("scenarios/schema.proto", "import \"faults/burst/burst.proto\";\n");
    write("reports/result/result.proto", "syntax = \"proto3\";\n");
    write("reports/html.cpp", "#include \"reports/result/result.pb.h\"\n");
    write("harness/reconcile/check.cpp", "#include \"sim/world/world.h\"\n#include \"scenarios/schema.pb.h\"\n");
    write("harness/oracle/ledger.h", "#include \"sim/world/world.h\"\n");
    write("harness/cli/main.cpp", "#include \"harness/oracle/ledger.h\"\n#include \"reports/result/result.pb.h\"\n");
    write("tests/x_test.cpp", "#include \"harness/oracle/ledger.h\"\n");
  }
  ~Tree() { fs::remove_all(root); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  }

  fs::path root;
};

// Exactly one complaint, about this file and with these words in it.
void expect_one(const std::vector<Complaint>& complaints, const std::string& file, const std::string& words) {
  BOOST_TEST_REQUIRE(complaints.size() == 1u, all(complaints));
  BOOST_TEST(complaints[0].file == file);
  BOOST_TEST(complaints[0].what.find(words) != std::string::npos, all(complaints));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_project)

BOOST_AUTO_TEST_CASE(includes_point_down_only_and_close_no_circle) {
  const auto complaints = check_arrows(project);
  BOOST_TEST(complaints.empty(), all(complaints));
}

BOOST_AUTO_TEST_CASE(the_deterministic_folders_use_nothing_that_differs_between_machines) {
  const auto complaints = check_determinism(project);
  BOOST_TEST(complaints.empty(), all(complaints));
}

BOOST_AUTO_TEST_CASE(no_file_names_a_machine_or_a_download_site) {
  const auto complaints = check_words(project);
  BOOST_TEST(complaints.empty(), all(complaints));
}

BOOST_AUTO_TEST_CASE(the_order_of_layers_keeps_the_truth_above_the_logic_on_trial) {
  const auto layers = layers_of(project);
  const auto place = [&](const char* layer) { return std::find(layers.begin(), layers.end(), layer); };
  BOOST_TEST_REQUIRE((place("harness/judge") != layers.end()));
  BOOST_TEST((place("harness/reconcile") < place("harness/oracle")));
  BOOST_TEST((place("harness/migration") < place("harness/oracle")));
  BOOST_TEST((place("harness/oracle") < place("harness/judge")));
  BOOST_TEST((place("sim/world") < place("faults")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(planted, Tree)

BOOST_AUTO_TEST_CASE(a_clean_tree_has_no_complaints) {
  BOOST_TEST(check_arrows(root).empty(), all(check_arrows(root)));
  BOOST_TEST(check_determinism(root).empty(), all(check_determinism(root)));
  BOOST_TEST(check_words(root).empty(), all(check_words(root)));
}

BOOST_AUTO_TEST_CASE(an_arrow_up_is_found) {
  write("sim/kernel/bad.h", "\n#include \"faults/burst/burst.h\"\n");
  const auto complaints = check_arrows(root);
  expect_one(complaints, "sim/kernel/bad.h", "sim/kernel is below faults");
  BOOST_TEST(complaints[0].line == 2);
}

BOOST_AUTO_TEST_CASE(an_arrow_up_in_angle_brackets_is_found) {
  write("sim/kernel/bad.h", "  #\tinclude<sim/world/world.h>  // up\n");
  expect_one(check_arrows(root), "sim/kernel/bad.h", "sim/kernel is below sim/world");
}

BOOST_AUTO_TEST_CASE(an_import_up_between_schemas_is_found) {
  write("faults/bad.proto", "import public \"scenarios/schema.proto\";\n");
  expect_one(check_arrows(root), "faults/bad.proto", "faults is below scenarios");
}

BOOST_AUTO_TEST_CASE(the_logic_on_trial_reaching_the_oracle_is_found_directly) {
  write("harness/migration/gate.cpp", "#include \"harness/oracle/ledger.h\"\n");
  const auto complaints = check_arrows(root);
  BOOST_TEST_REQUIRE(complaints.size() == 2u, all(complaints));
  BOOST_TEST(complaints[1].what.find("reaches what knows the truth") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_logic_on_trial_reaching_the_judge_is_found_through_two_headers_of_other_folders) {
  write("harness/judge/score.h", "#pragma once\n");
  write("sim/world/peek.h", "#include \"harness/judge/score.h\"\n");
  write("sim/world/view.h", "#include \"sim/world/peek.h\"\n");
  write("harness/reconcile/check.cpp", "#include \"sim/world/view.h\"\n");
  const auto complaints = check_arrows(root);
  const auto wall = std::find_if(complaints.begin(), complaints.end(),
                                 [](const Complaint& c) { return c.file == "harness/reconcile/check.cpp"; });
  BOOST_TEST_REQUIRE((wall != complaints.end()), all(complaints));
  BOOST_TEST(wall->what.find("check.cpp -> sim/world/view.h -> sim/world/peek.h -> harness/judge/score.h") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_circle_inside_one_layer_is_found) {
  write("sim/world/a.h", "#include \"sim/world/b.h\"\n");
  write("sim/world/b.h", "#include \"sim/world/a.h\"\n");
  expect_one(check_arrows(root), "sim/world/b.h", "sim/world/a.h -> sim/world/b.h -> sim/world/a.h");
}

BOOST_AUTO_TEST_CASE(a_report_that_knows_more_than_the_result_is_found) {
  write("reports/html.cpp", "#include \"harness/oracle/ledger.h\"\n");
  expect_one(check_arrows(root), "reports/html.cpp", "know the result and nothing else");
}

BOOST_AUTO_TEST_CASE(protobuf_in_the_world_is_found) {
  write("reports/result/result.proto", "syntax = \"proto3\";\n");
  write("sim/world/own.proto", "syntax = \"proto3\";\n");
  write("sim/world/bad.cpp", "#include \"sim/world/own.pb.h\"\n");
  expect_one(check_arrows(root), "sim/world/bad.cpp", "Protobuf stays out of sim/");
}

BOOST_AUTO_TEST_CASE(an_include_of_tests_is_found) {
  write("harness/cli/main.cpp", "#include \"tests/x.h\"\n");
  expect_one(check_arrows(root), "harness/cli/main.cpp", "nothing includes tests/");
}

BOOST_AUTO_TEST_CASE(an_include_that_is_not_written_from_the_root_is_found) {
  write("sim/world/bad.cpp", "#include \"world.h\"\n");
  expect_one(check_arrows(root), "sim/world/bad.cpp", "not written from the project's root");
}

BOOST_AUTO_TEST_CASE(a_folder_in_no_layer_is_found) {
  write("harness/extra/new.h", "#pragma once\n");
  expect_one(check_arrows(root), "harness/extra/new.h", "in no layer");
}

BOOST_AUTO_TEST_CASE(an_include_in_a_comment_is_none) {
  write("sim/kernel/good.h", "// #include \"faults/burst/burst.h\"\n/*\n#include \"scenarios/loader.h\"\n*/\n");
  BOOST_TEST(check_arrows(root).empty(), all(check_arrows(root)));
}

BOOST_AUTO_TEST_CASE(every_source_of_nondeterminism_is_found) {
  for (const char* const code : {
           "std::normal_distribution<double> d;",
           "std::hash<int> h;",
           "std::unordered_map<int, int> m;",
           "#include <unordered_set>",
           "std::random_device d;",
           "int x = rand();",
           "auto t = std::chrono::steady_clock::now();",
           "double x = std::log(2.0);",
           "double x = std::pow (2.0, 3);",
           "double x = std::exp(1'000.0);",
           "std::locale l;",
       }) {
    write("sim/world/bad.cpp", std::string("\n\n") + code + "\n");
    const auto complaints = check_determinism(root);
    BOOST_TEST_REQUIRE(!complaints.empty(), code);
    BOOST_TEST(complaints[0].line == 3);
  }
  for (const char* const folder : {"sim/kernel", "faults/burst", "harness/reconcile", "harness/migration"}) {
    fs::remove(root / "sim/world/bad.cpp");
    const std::string file = std::string(folder) + "/bad.h";
    write(file, "std::mt19937 engine;\n");
    expect_one(check_determinism(root), file, "mt19937");
    fs::remove(root / file);
  }
}

BOOST_AUTO_TEST_CASE(a_banned_name_in_a_comment_or_in_text_or_in_another_folder_is_allowed) {
  write("sim/world/good.cpp", "// not std::hash\nint x = 1'000; const char* text = \"std::log(x)\"; /* rand() */\n");
  write("harness/cli/clock.cpp", "auto t = std::chrono::steady_clock::now();\n");
  BOOST_TEST(check_determinism(root).empty(), all(check_determinism(root)));
}

BOOST_AUTO_TEST_CASE(a_machine_path_is_found_in_any_file_and_a_binary_file_is_left_alone) {
  const std::string path = std::string("/ho") + "me/somebody";
  write("capture.bin", std::string(1, '\0') + path);
  BOOST_TEST(check_words(root).empty(), all(check_words(root)));
  write("docs/page.md", "first\nsee " + path + "\n");
  const auto complaints = check_words(root);
  BOOST_TEST_REQUIRE(complaints.size() == 1u);
  BOOST_TEST(complaints[0].file == "docs/page.md");
  BOOST_TEST(complaints[0].line == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::layering
