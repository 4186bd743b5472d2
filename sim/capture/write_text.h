// What the writers of change formats share: JSON texts, PostgreSQL's times, and the kinds of types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/change_event.h"

namespace rehearse {

std::string json_string(std::string_view text);  // with its quotes; the text is UTF-8
// "2026-03-02 01:35:10.368375+00", with as many digits of microseconds as there are.
std::string postgres_time(std::int64_t unix_ns);
std::string quoted_name(std::string_view name);  // an SQL identifier
std::string quoted_text(std::string_view text);  // an SQL literal

bool is_number_type(std::string_view type);
// A value as JSON: numbers as they are written, truth values, NULL, else a string.
std::string json_value(const EventColumn& column);

const EventColumn* column_named(const std::vector<EventColumn>& columns, std::string_view name);
// Those of `columns` that the key names, in its order; all where there is no key.
std::vector<EventColumn> key_columns(const std::vector<std::string_view>& key, const std::vector<EventColumn>& columns);
bool same_value(const EventColumn& a, const EventColumn& b);

}  // namespace rehearse
