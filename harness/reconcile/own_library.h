// A function of the user's shared library, called in a process of its own; what it answers becomes lines of JSON.
#pragma once

#include <string>

#include "harness/reconcile/own_program.h"

namespace rehearse {

// In the child of a fork: loads the library, calls its function, and adds its answer. Returns why there is none.
std::string ask_library(const std::string& library, const OwnQuestion& question, const OwnParameters& parameters,
                        std::string& answer);

}  // namespace rehearse
