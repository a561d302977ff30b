// SPDX-License-Identifier: Apache-2.0
// An example of what two policies decide differently, as a scenario that says what the older one decides. Where a value of the example can't be given (a
// balance below zero) it is left out, and what a limit has counted is moved before, in some transfers like it: whoever asks runs the scenario on both to
// see whether it still tells them apart.
#pragma once

#include <string>

#include "verify/diff.h"

namespace ringfence {

/// In the numbers of the older policy, which declares all that the example names. `earlier`: in how many transfers before it what limits counted is moved.
Scenario scenario_of(const Joint&, const Example&, unsigned earlier);

}  // namespace ringfence
