// SPDX-License-Identifier: Apache-2.0
// A path of the search with concrete members: each class becomes one member from when it is first mentioned, and a subject that comes
// into sight in a later mode is first led there by changes of mode. A bucket that pays with its neighbours' money is first made short.
#pragma once

#include <optional>
#include <vector>

#include "verify/explore.h"

namespace ringfence {

/// Ids in these spots are members, numbered from 0 per entity over the whole run.
struct RunStep {
  Index move = kNone, transition = kNone;  ///< one of the two
  Index allow = kNone;                     ///< position in Move::allows
  std::uint8_t taken = 0;
  Spot from, to;                           ///< from: of a transition, its subject's ids
  std::optional<Spot> lender;              ///< an overdraft that takes no followed unit: where what the source lacks comes from
  std::vector<Coin> coins_before, coins_after;
};
const std::vector<Slot>& slots_of(const Moves&, const RunStep&);
struct Run {
  std::vector<Coin> start;
  std::vector<RunStep> steps;
};

/// The runs to `state` that are worth trying, shortest first. Where a followed unit is taken by a source that may not overdraw and does
/// not hold it, the source must be short: one run for each overdraft that can make it so, just before or earlier.
std::vector<Run> runs_to(const Arena&, const Reach&, Index state);

/// The same run with something else put in, at each place where it changes what the guards of the step after it read: a transfer of other
/// money, by each allow rule (what a guard wants to be empty at first and filled later), also one that overdraws; a change of mode; or a change of
/// mode and a transfer that needs it. At most `most`.
std::vector<Run> with_detour(const Arena&, const Run&, std::size_t most);

}  // namespace ringfence
