// The functions that the user's SQL may call: pure ones, of whatever version of SQLite.
//
// An allow-list, because a library may offer functions that nobody here has looked at. Left out: what differs from call
// to call or between machines (random numbers, pointers, the mathematical library's logarithms and powers), what tells
// of the library or the connection, what loads or writes.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rehearse {

std::span<const std::string> sql_functions();
bool is_sql_function(std::string_view name);  // whatever the case

}  // namespace rehearse
