// SPDX-License-Identifier: Apache-2.0
// The pairs of buckets that the two patterns of a rule or a limit stand for: language reference, 4.2 to 4.4. Internal to `check`.
#pragma once

#include <optional>
#include <vector>

#include "compiler/check_parts.h"

namespace ringfence::checking {

/// Sorted by (from, to), no pair twice, never empty; nothing after a diagnostic. `narrow`: an entity that one side does not write is the
/// same (allow); otherwise it may be any (deny, limit). Cost: the number of pairs, which counts toward Limits::moves.
std::optional<std::vector<Pair>> expand_pairs(State&, const PatternAst& from, const PatternAst& to, bool narrow);

}  // namespace ringfence::checking
