// SPDX-License-Identifier: Apache-2.0
// A run of abstract steps made concrete: ids, opening balances, amounts, facts, approvals, evidence and times for which every step is
// allowed, if there are any. What comes out is a proposal: only `replay` makes it evidence.
#pragma once

#include <optional>

#include "verify/budget.h"
#include "verify/explore.h"
#include "verify/trace.h"

namespace ringfence {

/// The run to `state`, or nothing when no values make each of its steps allowed in turn.
std::optional<Trace> concretize(const Arena&, const Reach&, Index state, const Budget&);
/// The same with one or two transfers of other money on the way, some 200 of them tried.
std::optional<Trace> concretize_with_detours(const Arena&, const Reach&, Index state, const Budget&);

}  // namespace ringfence
