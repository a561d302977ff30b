// SPDX-License-Identifier: Apache-2.0
// What a function of a certificate says, as a formula, where its arguments are linear sums: `inv` of the balances of one state, or a claim of the
// values that it reads. The one reader of both.
#pragma once

#include <vector>

#include "formula.h"
#include "smt.h"

namespace checker {

/// A formula that holds exactly where the function does. Throws TooLarge where it is not linear, computes beyond 128 bits or unfolds to too much;
/// Unusable where a number stands for a truth.
Index meaning(Formulas&, const Definitions&, Index function, const std::vector<Sum>& arguments);

}  // namespace checker
