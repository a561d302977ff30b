// SPDX-License-Identifier: Apache-2.0
// What a fence forbids, as SMT-LIB text: about unit 0, or in custody about units 0 and 1.
#pragma once

#include <string>

#include "verify/coin_state.h"

namespace ringfence::smt {

std::string breaks(const Arena&, const Fence&);

}  // namespace ringfence::smt
