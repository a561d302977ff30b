// SPDX-License-Identifier: Apache-2.0
// Why a condition holds or not on given values, and which change of a single value would turn it. Every change named has been tried:
// the condition was evaluated again with it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "command/values.h"

namespace ringfence {

/// Whether all values that the clause reads are there and within what they are declared to be, so that it can be evaluated.
bool can_evaluate(const RuleTable&, const Clause&, std::span<const SlotView>, std::span<const Value>);

/// How a slot is called.
using SlotName = std::function<std::string(Index)>;

/// "amount at most 10 USDC", one for each value whose change alone makes the clause hold when `wanted`, or else not hold; in the order
/// in which the clause reads them. Call it only when the clause can be evaluated.
std::vector<std::string> single_changes(const LoadedPolicy&, const ValueWords&, const SlotName&, const Asked&, const Clause&,
                                        std::span<const SlotView>, std::span<const Value>, bool wanted);

}  // namespace ringfence
