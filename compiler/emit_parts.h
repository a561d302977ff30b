// SPDX-License-Identifier: Apache-2.0
// The three parts of `emit`, in their order: declarations, guard programs with the rows that they belong to, and the lookup that
// leads to the rows.
#pragma once

#include "compiler/emit_pool.h"
#include "compiler/moves.h"

namespace ringfence {

void emit_vocabulary(const Moves&, Draft&, Pools&);
void emit_rows(const Moves&, Draft&, Pools&);
void emit_lookup(const Moves&, Draft&);

}  // namespace ringfence
