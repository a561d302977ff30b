// SPDX-License-Identifier: Apache-2.0
// Before a solver is asked whether a move is possible: some round values are tried. Most rules are open to some of them, and a try costs
// a thousandth of a question.
#pragma once

#include <vector>

#include "verify/feasible.h"

namespace ringfence {

/// True when one of a few choices of amount, balances, facts, approvals, evidence and time, each within its range and in keeping with what
/// is known, lets this allow rule let the move through. False says nothing. At most 64 evaluations of the move's guards.
bool some_values_allow(const Arena&, const std::vector<Mask>& modes_possible, const Move&, const SlotKnowledge&, Index allow);

}  // namespace ringfence
