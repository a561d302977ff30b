// SPDX-License-Identifier: Apache-2.0
// A decoded row of a rule table, or one of its transitions or invariants, read into the same meaning as the policy's text: guard programs as decision
// diagrams, slots as the values that they stand for.
#pragma once

#include "compiler/moves.h"
#include "verify/move_meaning.h"

namespace ringfence::equivalence {

/// The one name of what a slot stands for: an id that source and destination share is the source's, a total over nothing a balance.
Slot canonical(const Setting&, Slot);
/// `setting` is that of the row. Views into the row stay as long as it does.
MoveMeaning read_row(const Setting& setting, const Move& row, GuardDiagrams&);
StatementMeaning read_transition(const Setting& setting, const Transition&, GuardDiagrams&);
StatementMeaning read_invariant(const Setting& setting, const Invariant&, GuardDiagrams&);

}  // namespace ringfence::equivalence
