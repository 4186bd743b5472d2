#include "scenarios/own_library_file.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "interface/rehearse/own_logic_abi.h"
#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

constexpr std::uint64_t table_bytes_max = 256U << 20;  // of a table in the file; what is larger is not looked into
constexpr const char* kinds[] = {"check", "repair", "decision"};

std::string prefix_of(const std::string& kind) { return "rehearse_own_" + kind + "_"; }

// A file in the format of shared libraries, read where it is asked for; whatever it says about itself is checked.
class LibraryFile {
 public:
  explicit LibraryFile(const std::string& path) : in_(path, std::ios::binary) {}

  template <typename T>
  bool read(std::uint64_t at, std::vector<T>& into, std::uint64_t count) {
    if (count > table_bytes_max / sizeof(T)) return false;
    into.resize(count);
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(std::min<std::uint64_t>(at, std::uint64_t{1} << 62)));
    in_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(count * sizeof(T)));
    return static_cast<bool>(in_);
  }

  std::optional<ElfW(Ehdr)> header() {
    std::vector<ElfW(Ehdr)> found;
    if (!read(0, found, 1) || std::memcmp(found[0].e_ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
    return found[0];
  }

  // The names that it exports; none: it cannot be told.
  std::optional<std::vector<std::string>> exported(const ElfW(Ehdr) & header) {
    std::vector<ElfW(Shdr)> sections;
    if (header.e_shentsize != sizeof(ElfW(Shdr)) || !read(header.e_shoff, sections, header.e_shnum))
      return std::nullopt;
    for (const ElfW(Shdr) & section : sections) {
      if (section.sh_type != SHT_DYNSYM) continue;
      std::vector<ElfW(Sym)> symbols;
      std::vector<char> texts;
      if (section.sh_link >= sections.size() ||
          !read(section.sh_offset, symbols, section.sh_size / sizeof(ElfW(Sym))) ||
          !read(sections[section.sh_link].sh_offset, texts, sections[section.sh_link].sh_size))
        return std::nullopt;
      return names_of(symbols, texts);
    }
    return std::nullopt;
  }

 private:
  static std::vector<std::string> names_of(const std::vector<ElfW(Sym)>& symbols, const std::vector<char>& texts) {
    std::vector<std::string> names;
    for (const ElfW(Sym) & symbol : symbols) {
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= texts.size()) continue;
      const auto begin = texts.begin() + static_cast<std::ptrdiff_t>(symbol.st_name);
      names.emplace_back(begin, std::find(begin, texts.end(), '\0'));
    }
    return names;
  }

  std::ifstream in_;
};

// Something of this kind, whichever interface it was built for.
std::optional<std::string> number_of(const std::vector<std::string>& names, const std::string& kind) {
  for (const std::string& name : names)
    if (name.starts_with(prefix_of(kind))) return name.substr(prefix_of(kind).size());
  return std::nullopt;
}

std::string instead(const std::vector<std::string>& names) {
  std::string all;
  for (const char* kind : kinds)
    if (number_of(names, kind)) all += std::string(all.empty() ? "; it has a " : " and a ") + kind;
  return all;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

std::string own_function_name(const std::string& kind) {
  return prefix_of(kind) + std::to_string(REHEARSE_OWN_LOGIC_INTERFACE);
}

std::string library_problem(const std::string& file, const std::string& kind) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return "there is no file " + shown(file);
  LibraryFile library(file);
  const auto header = library.header();
  if (!header || header->e_type != ET_DYN) return shown(file) + " is no shared library";
  const auto own = LibraryFile("/proc/self/exe").header();
  const int width = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  if (header->e_ident[EI_CLASS] != width || (own && own->e_machine != header->e_machine))
    return shown(file) + " is built for another machine";
  const auto names = library.exported(*header);
  if (!names) return shown(file) + " is no shared library that could be looked into";
  if (std::find(names->begin(), names->end(), own_function_name(kind)) != names->end()) return {};
  if (const auto number = number_of(*names, kind))
    return fmt::format("the {} in {} is built for interface {}, and this is interface {}; build it anew", kind,
                       shown(file), *number, REHEARSE_OWN_LOGIC_INTERFACE);
  return fmt::format("{} has no {} (no REHEARSE_OWN_{}){}", shown(file), kind, upper(kind), instead(*names));
}

}  // namespace rehearse
