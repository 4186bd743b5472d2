// The workflow files that are ready to copy: YAML, with commands that bash understands and options that there are, on
// the distribution that the project is built on, and without a host's name.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "scenarios/yaml_tree.h"

using namespace rehearse;

namespace {

const std::vector<std::string> workflows = {"github-actions.yml", "gitlab-ci.yml"};

std::string text_of(const std::string& path) {
  std::ifstream in(std::string(REHEARSE_SOURCE_DIR) + "/" + path);
  BOOST_REQUIRE_MESSAGE(in, path);
  return {std::istreambuf_iterator<char>(in), {}};
}

YamlNode parsed(const std::string& name) {
  YamlNode root;
  std::vector<Diagnostic> diagnostics;
  BOOST_TEST(parse_yaml(text_of("docs/ci/" + name), 0, name, root, diagnostics));
  BOOST_TEST(to_text(diagnostics) == "");
  return root;
}

void add_scripts(const YamlNode& node, bool in_script, std::vector<std::string>& scripts) {
  if (node.kind == YamlNode::Kind::scalar && in_script) scripts.push_back(node.text);
  for (const YamlNode& item : node.items) add_scripts(item, in_script, scripts);
  for (const YamlEntry& entry : node.entries) {
    const bool script = entry.key == "run" || entry.key == "script" || entry.key == "before_script";
    add_scripts(entry.value, script && entry.value.kind != YamlNode::Kind::mapping, scripts);
  }
}

std::vector<std::string> scripts_of(const std::string& name) {
  std::vector<std::string> scripts;
  add_scripts(parsed(name), false, scripts);
  return scripts;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_workflow_is_yaml_and_runs_on_debian_12) {
  for (const std::string& name : workflows) {
    const YamlNode root = parsed(name);
    BOOST_TEST((root.kind == YamlNode::Kind::mapping));
    const bool debian = text_of("docs/ci/" + name).find("debian:12") != std::string::npos;
    BOOST_TEST(debian, name);
  }
}

BOOST_AUTO_TEST_CASE(each_script_is_understood_by_bash) {
  for (const std::string& name : workflows) {
    const std::vector<std::string> scripts = scripts_of(name);
    BOOST_TEST(scripts.size() >= 2U, name);
    for (const std::string& script : scripts) {
      BOOST_TEST_REQUIRE(setenv("SCRIPT", script.c_str(), 1) == 0);
      BOOST_TEST(std::system("bash -n -c \"$SCRIPT\"") == 0, name << ": " << script);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_option_of_the_program_that_a_workflow_or_the_page_uses_is_there) {
  const std::string commands = text_of("harness/cli/main.cpp");
  for (const std::string& name : workflows) {
    bool checks = false;
    for (const std::string& script : scripts_of(name)) {
      if (script.find("\" check \"") == std::string::npos) continue;
      checks = true;
      for (std::size_t at = script.find(" --"); at != std::string::npos; at = script.find(" --", at + 1)) {
        const std::string option = script.substr(at + 1, script.find(' ', at + 1) - at - 1);
        BOOST_TEST((commands.find(option) != std::string::npos), name << ": " << option);
      }
    }
    BOOST_TEST(checks, name);
  }
}

BOOST_AUTO_TEST_CASE(no_file_names_a_host) {
  for (const std::string name : {"github-actions.yml", "gitlab-ci.yml", "README.md"}) {
    const std::string text = text_of("docs/ci/" + name);
    for (const char* host : {"://", ".com", ".org", ".io/", "docker"})
      BOOST_TEST((text.find(host) == std::string::npos), name << ": " << host);
  }
}
