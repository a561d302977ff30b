// SPDX-License-Identifier: Apache-2.0
// The kinds of seeded fault, by what they are faults of; `all_faults` (faults.h) is all of them.
#pragma once

#include <vector>

#include "tests/verify/faults.h"

namespace ringfence::test {

std::vector<Fault> row_faults();
std::vector<Fault> statement_faults();    ///< of a row: its allows, denies, floors and limits
std::vector<Fault> condition_faults();
std::vector<Fault> slot_faults();
std::vector<Fault> transition_faults();
std::vector<Fault> invariant_faults();
std::vector<Fault> word_faults();         ///< windows of limits, and what statements and the policy say
std::vector<Fault> declaration_faults();

}  // namespace ringfence::test
