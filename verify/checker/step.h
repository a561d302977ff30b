// SPDX-License-Identifier: Apache-2.0
// Whether a set of states is kept: it holds every state that a transfer or a change of mode leads to from one of its own. A step out of the set is
// fine only where its guards can't hold. soundness.md, 3 to 6, says why these are all the steps.
#pragma once

#include "guard.h"
#include "invariant.h"

namespace checker {

/// Throws Refused, with the state and the rule in words, when a step can leave the set; TooLarge when whether one can is not decided.
void check_steps(const Invariant&, Guards&, const States&, const StateSet&);

}  // namespace checker
