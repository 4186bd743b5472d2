// Looks into a shared library of the user's without running anything of it: does it have what is asked for?
#pragma once

#include <string>

namespace rehearse {

// The function that a library exports for a kind of logic (check, repair or decision) under this interface.
std::string own_function_name(const std::string& kind);

// Why it will not do; empty: it will. Left out: whether the libraries that it needs itself are there.
std::string library_problem(const std::string& file, const std::string& kind);

}  // namespace rehearse
