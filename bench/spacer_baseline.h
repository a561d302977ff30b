// SPDX-License-Identifier: Apache-2.0
// The peer that the proof is measured beside: the same one-unit system as constrained Horn clauses, one for each row of the table, with the
// invariant unknown, given to Z3's Spacer as it is.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/moves.h"

namespace ringfence::bench {

/// SMT-LIB (logic HORN): `sat` when an invariant exists that keeps the policy's attribution fences. For policies without modes.
std::string horn_system(const Moves&);
/// Spacer's answer to `text`: "sat", "unsat" or "unknown"; "no answer" when so many milliseconds were not enough.
std::string ask_spacer(const std::string& text, std::uint32_t timeout_ms);

}  // namespace ringfence::bench
