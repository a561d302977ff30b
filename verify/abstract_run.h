// SPDX-License-Identifier: Apache-2.0
// A path of the search with concrete members: each class becomes one member from when it is first mentioned, and a subject that comes
// into sight in a later mode is first led there by changes of mode.
#pragma once

#include <vector>

#include "verify/explore.h"

namespace ringfence {

/// Ids in these spots are members, numbered from 0 per entity over the whole run.
struct RunStep {
  Index move = kNone, transition = kNone;  ///< one of the two
  Index allow = kNone;                     ///< position in Move::allows
  std::uint8_t taken = 0;
  Spot from, to;                           ///< from: of a transition, its subject's ids
  std::vector<Coin> coins_before, coins_after;
};
struct Run {
  std::vector<Coin> start;
  std::vector<RunStep> steps;
};

Run run_to(const Arena&, const Reach&, Index state);

}  // namespace ringfence
