// SPDX-License-Identifier: Apache-2.0
// Whether any comparison of a row or transition could leave the integers that decide counts in.
#pragma once

#include <vector>

#include "verify/coin_state.h"

namespace ringfence {

/// The largest magnitude of each slot's value, of a balance also after a transfer.
std::vector<UInt128> largest_values(const Arena&, const std::vector<Slot>&);

/// The first clause with a sum whose terms could add up to more than 2^127-1 for values within their ranges, or with a test of a mode that
/// reads something else; nullptr when there is none. Linear in the guards.
const Clause* find_overflow(const Arena&, const std::vector<Slot>&, const std::vector<const Guarded*>& guards);

/// All allows, denies, floors and limits.
std::vector<const Guarded*> guards_of(const Move&);

}  // namespace ringfence
