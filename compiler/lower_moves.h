// SPDX-License-Identifier: Apache-2.0
// Rules expanded to moves: language reference, sections 4.1 to 4.4 and 8.2. One row for each (from, to, relation, purpose, asset)
// that an allow rule speaks of, split where the roles differ in which rules apply to them.
#pragma once

#include <vector>

#include "compiler/lower_statement.h"
#include "compiler/moves.h"
#include "runtime/limits.h"

namespace ringfence {

/// Where each group of statements starts in Moves::statements.
struct StatementOrder {
  Index floors = 0, limits = 0, transitions = 0, invariants = 0;   ///< rules start at 0
  explicit StatementOrder(const TypedPolicy&);
};

/// Sorted as moves.h says. Cost: sorting the pairs that rules stand for, then linear in what comes out. Meaningless once the report
/// has failed, as it does when there are more than Limits::moves rows.
std::vector<Move> lower_moves(const TypedPolicy&, const Limits&, Report&);

}  // namespace ringfence
