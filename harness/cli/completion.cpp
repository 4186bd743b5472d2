// rehearse completion: scripts that complete commands, options and names, from the table of commands.
//
// Names of faults, checks and shipped scenarios are asked of the program when they are wanted (`rehearse list`), so
// that a script never knows fewer than the program beside it.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "harness/campaign/replay.h"
#include "harness/cli/commands.h"

namespace rehearse::cli {
namespace {

constexpr const char* list_names = "rehearse list {} 2>/dev/null | sed -n 's/^  \\([^ ]*\\) .*/\\1/p'";

std::string option_names(const Command& command) {
  std::string names;
  for (const OptionHelp& option : command.options) names += std::string(option.name) + " ";
  return names + "--help";
}

std::string command_names() {
  std::string names;
  for (const Command& command : commands()) names += std::string(names.empty() ? "" : " ") + command.name;
  return names;
}

// What the names of a kind are, as a bash or zsh command that prints them a line each; empty: none but files.
std::string names_of(Words words) {
  switch (words) {
    case Words::scenarios:
      return fmt::format(list_names, "scenarios");
    case Words::things:
      return fmt::format(list_names, "faults") + "; " + fmt::format(list_names, "checks");
    case Words::lists:
      return "echo faults; echo checks; echo scenarios";
    case Words::shells:
      return "echo bash; echo zsh; echo fish";
    case Words::none:
    case Words::paths:
      break;
  }
  return "";
}

bool takes_files(Words words) { return words == Words::scenarios || words == Words::paths; }

std::string bash_script() {
  std::string out =
      "# Completion of rehearse for bash, made by `rehearse completion bash`.\n"
      "_rehearse() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} names='' files=''\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '" +
      command_names() +
      " --help --version' -- \"$word\")\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands()) {
    out += fmt::format("  {})\n", command.name);
    for (const OptionHelp& option : command.options)
      if (*option.value) {
        const std::string value = option.value;
        const char* kind = value == "DIR" ? "-d" : value == "FILE" ? "-f" : "-W ''";
        out += fmt::format(
            "    if [[ $before == {} ]]; then mapfile -t COMPREPLY < <(compgen {} -- \"$word\"); return; fi\n",
            option.name, kind);
      }
    out += fmt::format(
        "    if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\"); return; fi\n",
        option_names(command));
    if (const std::string names = names_of(command.words); !names.empty()) out += "    names=$(" + names + ")\n";
    if (takes_files(command.words)) out += "    files=yes\n";
    out += "    ;;\n";
  }
  out +=
      "  *) return ;;\n"
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n"
      "  [[ -n $files ]] || return 0\n"
      "  local file\n"
      "  while IFS= read -r file; do\n"
      "    if [[ -d $file ]]; then COMPREPLY+=(\"$file/\"); elif [[ $file == *.yaml ]]; then COMPREPLY+=(\"$file\"); "
      "fi\n"
      "  done < <(compgen -f -- \"$word\")\n"
      "  [[ ${COMPREPLY[*]} != */ ]] || compopt -o nospace 2>/dev/null || true\n"
      "}\n"
      "complete -F _rehearse rehearse\n";
  return out;
}

// In _arguments' specifications `:`, `[` and `]` have a meaning.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script() {
  std::string out =
      "#compdef rehearse\n"
      "# Completion of rehearse for zsh, made by `rehearse completion zsh`.\n"
      "_rehearse() {\n"
      "  local -a commands names\n"
      "  commands=(\n";
  for (const Command& command : commands())
    out += "    " + shell_quoted(std::string(command.name) + ":" + zsh_text(command.summary)) + "\n";
  out +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    _values option --help --version\n"
      "    return\n"
      "  fi\n"
      "  case $words[2] in\n";
  for (const Command& command : commands()) {
    out += fmt::format("  {})\n    shift words; ((CURRENT--))\n", command.name);
    if (const std::string names = names_of(command.words); !names.empty())
      out += "    names=(${(f)\"$(" + names + ")\"})\n";
    out += "    _arguments '--help[say more about the command]'";
    for (const OptionHelp& option : command.options) {
      const std::string value = option.value;
      const std::string action = value.empty()     ? ""
                                 : value == "DIR"  ? ":folder:_files -/"
                                 : value == "FILE" ? ":file:_files"
                                                   : ":" + value + ":";
      out += " \\\n      " + shell_quoted(std::string(option.name) + "[" + zsh_text(option.help) + "]" + action);
    }
    if (takes_files(command.words)) out += " \\\n      '*:scenario:{ compadd -a names; _files -g \"*.yaml(-.)\" }'";
    else if (command.words != Words::none) out += " \\\n      '*:word:{ compadd -a names }'";
    out += "\n    ;;\n";
  }
  return out + "  esac\n}\n_rehearse \"$@\"\n";
}

// Within single quotes fish takes a backslash before a quote, and no other way.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_script() {
  std::string out =
      "# Completion of rehearse for fish, made by `rehearse completion fish`.\n"
      "complete -c rehearse -f\n"
      "complete -c rehearse -n __fish_use_subcommand -l help -d 'What there is'\n"
      "complete -c rehearse -n __fish_use_subcommand -l version -d 'Version and commit'\n";
  for (const Command& command : commands()) {
    out += fmt::format("complete -c rehearse -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       fish_quoted(command.summary));
    const std::string when = fmt::format("complete -c rehearse -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionHelp& option : command.options) {
      const std::string value = option.value;
      out += fmt::format("{} -l {}{} -d {}\n", when, std::string_view(option.name).substr(2),
                         value.empty()                       ? ""
                         : value == "DIR" || value == "FILE" ? " -r -F"
                                                             : " -x",
                         fish_quoted(option.help));
    }
    if (const std::string names = names_of(command.words); !names.empty())
      out += when + " -a " + fish_quoted("(" + names + ")") + "\n";
    if (takes_files(command.words)) out += when + " -a " + fish_quoted("(__fish_complete_suffix .yaml)") + "\n";
  }
  return out;
}

}  // namespace

int completion_command(const std::vector<std::string>& arguments) {
  const std::string shell = arguments.size() == 1 ? arguments[0] : "";
  if (shell != "bash" && shell != "zsh" && shell != "fish")
    return usage_error("completion", "there is completion for bash, zsh and fish");
  const std::string script = shell == "bash" ? bash_script() : shell == "zsh" ? zsh_script() : fish_script();
  std::fwrite(script.data(), 1, script.size(), stdout);
  return as_expected;
}

}  // namespace rehearse::cli
