// One line of wal2json format 2, parsed: texts keep every digit that PostgreSQL printed.
//
// Values are made comparable with the text that COPY prints: true and false become t and f, bytea gets its \x, numbers
// keep their raw digits (1.10, 38 digits, int8 beyond 2^53). A column that is absent is not a NULL: see CapturedChange.
// Lines of other formats (Debezium, Maxwell, Canal, wal2json 1, test_decoding) are refused by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/capture_error.h"
#include "sim/capture/text_input.h"

namespace rehearse {

enum class Wal2JsonAction : std::uint8_t { begin, commit, insert, update, remove, truncate, message };

struct Wal2JsonColumn {
  std::string_view name;
  std::string_view type;
  bool is_null = false;
  std::string_view text;
};

// Views live until the next line is parsed.
struct Wal2JsonLine {
  Wal2JsonAction action = Wal2JsonAction::begin;
  bool has_xid = false;
  std::uint64_t xid = 0;
  std::string_view timestamp;
  std::uint64_t lsn = 0;
  std::string_view schema;
  std::string_view table;
  bool has_columns = false, has_identity = false, has_pk = false;
  std::vector<Wal2JsonColumn> columns;
  std::vector<Wal2JsonColumn> identity;
  std::vector<std::string_view> pk;
  bool transactional = false;
  std::string_view prefix;
  std::string_view content;
};

class Wal2JsonParser {
 public:
  Wal2JsonParser();
  ~Wal2JsonParser();
  // `line` must have TextInput::padding readable bytes behind it. Throws CaptureFailure at `input`'s place.
  const Wal2JsonLine& parse(std::string_view line, const TextInput& input);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rehearse
