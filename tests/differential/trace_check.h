// SPDX-License-Identifier: Apache-2.0
// A trace of the verifier, run again on the reference interpreter: a REFUTED that passes is right whatever the world's size, and whatever
// the table, the gate and the verifier's own replay think.
#pragma once

#include <string>

#include "compiler/typed_policy.h"
#include "verify/trace.h"

namespace ringfence::differential {

/// Empty when the start is clean, the reference allows every step, each followed unit moves as 3.4 to 3.6 let it, and the last state
/// breaks the fence; otherwise what is wrong. Where a bucket of the account may overdraw, how many units each bucket is short is open,
/// and only the account is checked.
std::string wrong_with(const TypedPolicy&, const Fence&, const Trace&);

}  // namespace ringfence::differential
