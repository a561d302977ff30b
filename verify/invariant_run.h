// SPDX-License-Identifier: Apache-2.0
// A run that breaks an invariant: looked for step by step among two members of each entity, all steps in one question to Z3, and
// replayed through the compiled table by the gate. Only a run that replays is given back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/rule_table.h"
#include "verify/budget.h"
#include "verify/coin_state.h"
#include "verify/trace.h"

namespace ringfence {

struct RunSearch {
  std::optional<Trace> trace;      ///< replayed; follows no unit of money
  std::string reason;              ///< with a trace: in what way the invariant fails; without one: how far was looked, or what stood in the way
};

/// `invariant`: position in Moves::invariants. Cost: one question for each length up to six steps, a query's time together; then, where there
/// are floors, one for up to two steps and a batch of two or three transfers each, as long again.
RunSearch break_invariant(const RuleTable&, const Arena&, Index invariant, const Budget&);

/// Whether there is a clean start at all: opening balances of two members of each entity for which all invariants, floors and custody
/// fences hold, for some values of the facts. False too when the solver does not say so in time.
bool has_clean_start(const Arena&, const Budget&);

/// Empty when the start is clean, every step and batch is allowed by the table, and the last one makes the invariant false for `members` (one id
/// for each of its keys) where it was true before under the same facts; otherwise what is wrong with the trace.
std::string replay_invariant(const RuleTable&, const Moves& decoded, Index invariant, const std::vector<std::string>& members, const Trace&);

}  // namespace ringfence
