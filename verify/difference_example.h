// SPDX-License-Identifier: Apache-2.0
// Values that a solver found become a transfer or a mode change, which the loaded table then decides: what a difference is confirmed by.
#pragma once

#include <optional>

#include "runtime/rule_table.h"
#include "verify/difference_solver.h"
#include "verify/move_meaning.h"

namespace ringfence::equivalence {

/// One kind of move with one role.
struct Cell { Index from = kNone, to = kNone; Relation relation = 0; Index purpose = kNone, asset = kNone, role = kNone; };

/// What `decide` says of a transfer of this kind with these values; `missing`: a value that is not supplied.
Judgement decide_example(const RuleTable&, const Cell&, const Setting&, GuardDiagrams&, const Example&, std::optional<Index> missing);

/// What `decide_transition` says of the candidate at `position` among the table's transitions, `row_count` rows before them.
struct Change { Index machine = kNone, mode_now = kNone, to_mode = kNone, role = kNone, position = kNone; std::size_t row_count = 0; };
Judgement decide_example(const RuleTable&, const Change&, const Setting&, GuardDiagrams&, const Example&, std::optional<Index> missing);

}  // namespace ringfence::equivalence
