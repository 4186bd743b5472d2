#include "sim/capture/type_names.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace rehearse {
namespace {

struct TypeName {
  std::string base;     // lower case, of the names that mean the same the first
  std::string lengths;  // "10,2"; empty if there are none
};

constexpr std::pair<std::string_view, std::string_view> synonyms[] = {
    {"int", "integer"},
    {"int4", "integer"},
    {"serial", "integer"},
    {"mediumint", "integer"},
    {"int8", "bigint"},
    {"bigserial", "bigint"},
    {"int2", "smallint"},
    {"smallserial", "smallint"},
    {"varchar", "text"},
    {"character varying", "text"},
    {"tinytext", "text"},
    {"mediumtext", "text"},
    {"longtext", "text"},
    {"character", "char"},
    {"bpchar", "char"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"bool", "boolean"},
    {"float8", "double precision"},
    {"double", "double precision"},
    {"float4", "real"},
    {"timestamptz", "timestamp with time zone"},
    {"timestamp", "timestamp without time zone"},
    {"timetz", "time with time zone"},
    {"time", "time without time zone"},
    {"varbit", "bit varying"},
    {"json", "jsonb"},
};

TypeName parsed(std::string_view name) {
  TypeName out;
  bool inside = false;
  for (const char c : name) {
    if (c == '(' || c == ')') {
      inside = c == '(';
      continue;
    }
    if (inside && c == ' ') continue;
    std::string& to = inside ? out.lengths : out.base;
    if (c == ' ' && (to.empty() || to.back() == ' ')) continue;
    to += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (out.base.ends_with(' ')) out.base.pop_back();
  return out;
}

TypeName by_meaning(std::string_view name) {
  TypeName out = parsed(name);
  if (out.base == "tinyint" && out.lengths == "1") return {"boolean", ""};
  // "int unsigned", "timestamp(6) with time zone": a word behind the name is kept.
  for (const auto& [word, meaning] : synonyms)
    if (out.base == word) {
      out.base = meaning;
      return out;
    }
  if (out.base.ends_with(" unsigned"))
    return {by_meaning(out.base.substr(0, out.base.size() - 9)).base + " unsigned", out.lengths};
  return out;
}

bool length_matters(std::string_view base) {
  return base.starts_with("numeric") || base.starts_with("bit") || base.starts_with("time") ||
         base.starts_with("datetime");
}

// A scale that is not said is none: numeric(12) is numeric(12,0).
bool same_lengths(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a == b || a + ",0" == b || a == b + ",0";
}

}  // namespace

bool same_type(std::string_view a, std::string_view b) {
  if (a == b || a.empty() || b.empty()) return true;
  const TypeName one = by_meaning(a);
  const TypeName other = by_meaning(b);
  return one.base == other.base && (!length_matters(one.base) || same_lengths(one.lengths, other.lengths));
}

FloatType float_type(std::string_view name, SourceDatabase database) {
  if (name.find_first_of("fFdDrR") == std::string_view::npos) return {};
  const TypeName type = parsed(name);
  const std::string_view base = std::string_view(type.base).substr(0, type.base.find(' '));
  FloatType out;
  if (base == "double" || base == "float8") out.width = FloatType::Width::twice;
  else if (base == "real" || base == "float4") out.width = FloatType::Width::single;
  else if (base != "float") return {};
  const std::size_t comma = type.lengths.find(',');
  const std::string_view length = std::string_view(type.lengths).substr(0, comma);
  constexpr int single_bits_most = 24;
  int bits = database == SourceDatabase::mysql ? single_bits_most : single_bits_most + 1;
  if (base == "float") {
    if (comma == std::string::npos) std::from_chars(length.data(), length.data() + length.size(), bits);
    out.width = bits <= single_bits_most ? FloatType::Width::single : FloatType::Width::twice;
  }
  if (comma == std::string::npos) return out;
  int places = 0;
  std::from_chars(type.lengths.data() + comma + 1, type.lengths.data() + type.lengths.size(), places);
  out.places = std::clamp(places, 0, 30);
  return out;
}

}  // namespace rehearse
