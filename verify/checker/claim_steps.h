// SPDX-License-Identifier: Apache-2.0
// Whether an invariant of the table is kept, as the claims that a certificate lists say why: that a clean start satisfies each claim, that each
// row, the end of each batch and each transition keeps it, and that the invariant follows from them, or is kept like them.
#pragma once

#include "claims.h"

namespace checker {

/// What is confirmed, in words. Throws Refused, with the claim and the step, when one may not be kept; TooLarge when that is not decided.
std::string check_invariant(const Table&, const Definitions&, const WrittenInvariant&);

}  // namespace checker
