// SPDX-License-Identifier: Apache-2.0
// A proposed request put to both tables as they are, by `decide`: what makes an example one. It trusts nothing of how it was found.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "verify/diff_cells.h"
#include "verify/diff_solve.h"

namespace ringfence {

/// The two tables with their own moves.
struct Tables { std::array<const RuleTable*, 2> tables; std::array<const Moves*, 2> moves; };

/// The request that the values make of this kind of request, decided by both. Each table is given what it declares of the names in it.
Example decide_example(const Joint&, const Tables&, const Cell&, const Values&);
/// Whether the two decisions differ as the change says.
bool shows(const Example&, Change);

}  // namespace ringfence
