// SPDX-License-Identifier: Apache-2.0
// Whether a set of states holds every state that a run can start in: each unit is in the bucket that it is titled to, every mode is the first, and no
// custody fence is broken.
#pragma once

#include "invariant.h"

namespace checker {

/// Throws Refused, with the state in words, when a clean start is not in the set.
void check_starts(const Invariant&, const StateSet&);

}  // namespace checker
