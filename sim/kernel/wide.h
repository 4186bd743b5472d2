// 128-bit integers under names that -Wpedantic accepts.
#pragma once

namespace rehearse {

__extension__ typedef unsigned __int128 Unsigned128;
__extension__ typedef __int128 Signed128;

}  // namespace rehearse
