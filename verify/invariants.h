// SPDX-License-Identifier: Apache-2.0
// The invariants that the author wrote (language reference, 3.8), each proved by induction over transfers, batches and changes of mode,
// or refuted by a run that was replayed. What has to be strengthened is strengthened with claims that the proof finds and proves itself.
#pragma once

#include <vector>

#include "verify/standing.h"

namespace ringfence {

/// One verdict for each invariant, in text order. Cost: for each invariant a query for each row and transition that can change what it
/// reads; more where it must be strengthened, within the budget.
std::vector<PropertyVerdict> prove_invariants(const StandingInput&);

}  // namespace ringfence
