// SPDX-License-Identifier: Apache-2.0
// The times of a run in a policy with deadlines: a mode that is to end has its deadline behind it, and the steps of a run are else as close together as
// they can be (a step that nothing binds just before the next), so that no other mode ends. A proposal: another subject may be in a mode that ends meanwhile, and then the run does not replay.
#pragma once

#include <vector>

#include "compiler/moves.h"
#include "verify/trace.h"

namespace ringfence {

/// What binds the time of a step: the time of day that its guards read, or windows that must have nothing in them.
struct StepTiming { bool reads_time_of_day = false, has_window = false; };
StepTiming timing_of(const std::vector<Slot>& slots);

/// One timing a step. The times come with the time of day that each step needs. Nothing is changed where no mode has a deadline.
void keep_deadlines(const Moves&, const std::vector<StepTiming>&, Trace&);

}  // namespace ringfence
