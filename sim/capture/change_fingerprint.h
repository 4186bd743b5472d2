// A number by which two events about rows are told to be the same: kind, position, table and every value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "sim/capture/change_event.h"

namespace rehearse {

std::uint64_t change_fingerprint(const ChangeEvent& event);

// The same of texts that say all of a message whose format has no positions.
std::uint64_t texts_fingerprint(std::initializer_list<std::string_view> texts);

}  // namespace rehearse
