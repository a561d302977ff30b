// SPDX-License-Identifier: Apache-2.0
// Runs a trace through the compiled table with the gate, and follows the units of money by the rules of titles. It trusts nothing of
// how the trace was found.
#pragma once

#include <string>

#include "compiler/moves.h"
#include "runtime/rule_table.h"
#include "verify/trace.h"

namespace ringfence {

/// Empty when the start is clean, every step is allowed by the table, every followed unit moves as sections 3.4 to 3.6 let it, and
/// the last state breaks the fence; otherwise what is wrong with the trace.
std::string replay(const RuleTable&, const Moves& decoded, const Fence&, const Trace&);
/// The same, but for the fence: where the run ends is for the caller to judge.
std::string replay(const RuleTable&, const Moves& decoded, const Trace&);

}  // namespace ringfence
