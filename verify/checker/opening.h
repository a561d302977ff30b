// SPDX-License-Identifier: Apache-2.0
// Whether a run can start at all. What an invariant says is said of every run from a clean start, which satisfies all invariants of the table, its floors
// and its custody fences: where none does, anything is kept.
#pragma once

#include "claims.h"

namespace checker {

/// Finds opening balances and facts of two members of each entity that are a clean start. Throws TooLarge when it finds none.
void check_start_exists(const Table&, const Definitions&);

}  // namespace checker
