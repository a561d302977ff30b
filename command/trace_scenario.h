// SPDX-License-Identifier: Apache-2.0
// What `verify` refuted, as scenarios: each run that it found and replayed, step by step as it was allowed. Such a scenario passes: it shows the hole, and its
// name says so. Once the hole is closed it fails, and its last step is what must then be denied.
#pragma once

#include <string>

#include "compiler/moves.h"
#include "verify/verify.h"

namespace ringfence {

/// One scenario for each claim that is REFUTED with a run, as policy text with a comment before it.
std::string print_holes(const Moves&, const Verdict&);

}  // namespace ringfence
