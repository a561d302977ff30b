// SPDX-License-Identifier: Apache-2.0
// What a fence forbids (language reference, section 3), read on states: money titled to one side in a bucket of the other; in custody, two
// units whose titles are to be kept apart in one account instance.
#pragma once

#include "state.h"

namespace checker {

/// The fence of the table that the certificate's opening names by line and text. Throws Refused when there is none.
const Fence& named_fence(const Table&, const std::vector<std::string>& opening);
/// 3.3, of a state with two units.
bool breaks_custody(const Frame&, const Fence&, const State&);
/// Throws Refused, with a state in words, when some state, or for custody some two units in them, are what the fence forbids.
void check_excluded(const Frame&, const Fence&, const States&);

}  // namespace checker
