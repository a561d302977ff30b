// SPDX-License-Identifier: Apache-2.0
// What of one policy is what of another: declarations that are declared alike, and what was submitted in the numbers of one, in those of the other. For a
// gate that goes over to another policy (gate_change.cc) and ids that were used before it did (gate.cc). kNone: the other has no such thing.
#pragma once

#include <span>
#include <vector>

#include "runtime/gate.h"

namespace ringfence {

// The index in `to` of what `from` declares under this index.
Index same_asset(const RuleTable& from, Index asset, const RuleTable& to);       ///< name, decimals
Index same_bucket(const RuleTable& from, Index bucket, const RuleTable& to);     ///< name, keys, and neither is outside
Index same_fact(const RuleTable& from, Index fact, const RuleTable& to);         ///< name, subject, keys, type, asset
Index same_machine(const RuleTable& from, Index machine, const RuleTable& to);   ///< subject, keys
Index same_mode(const RuleTable& from, Index machine, Index mode, const RuleTable& to, Index to_machine);   ///< name
/// For each limit of `to`, the one of `from` whose windows it takes over: of those in the same asset, per the same and in the same duration, the one that
/// counts the most moves (purpose, from, to) of those that either counts; kNone where none counts any of them. So a changed bound, text or rule keeps
/// what was used. Linear in the rows of both.
std::vector<Index> limits_taken_over(const RuleTable& from, const RuleTable& to);

// What was submitted in the numbers of `from`, in those of `to`: by name, as who submitted it would have had it looked up there. An index that
// is of no declaration stays as it is.
GateTransfer in_numbers_of(const RuleTable& to, const RuleTable& from, GateTransfer);
GateModeChange in_numbers_of(const RuleTable& to, const RuleTable& from, GateModeChange);
std::vector<GateTransfer> in_numbers_of(const RuleTable& to, const RuleTable& from, std::span<const GateTransfer> legs);

}  // namespace ringfence
