// SPDX-License-Identifier: Apache-2.0
// Balances as they stand, judged by a new policy that would take them over: what it has no place for, what it would keep apart but finds
// together, what already breaks a floor or is below zero. Nothing is known of titles but what the old policy lets happen.
#pragma once

#include <string>
#include <vector>

#include "verify/diff.h"

namespace ringfence {

struct LiveBalance { std::string bucket; std::vector<std::string> ids; std::string asset; Int128 balance = 0; };
struct LiveValue { Index target = kNone; std::vector<std::string> ids; Int128 number = 0; };   ///< fact, or machine with its mode, of the new policy
struct LiveState { std::vector<LiveBalance> balances; std::vector<LiveValue> facts, modes; };

/// `kind`: "gone" (no such bucket, or keyed otherwise, or asset), "mixed_in_custody" (two balances in one account that a custody fence keeps
/// apart), "may_be_mixed" (money may be in it that a fence keeps out of it: the old policy lets it come there), "below_floor", "floor_unknown"
/// (a fact that the floor reads is not known), "below_zero".
struct StateFinding { std::string kind, words; };

/// In the order of the kinds above, then of the balances. `unknown`: why what the old policy lets happen is not known; then "may_be_mixed" is
/// not judged.
std::vector<StateFinding> judge_state(const RuleTable& older, const RuleTable& newer, const LiveState&, const DiffOptions&, std::string& unknown);

}  // namespace ringfence
