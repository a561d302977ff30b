// SPDX-License-Identifier: Apache-2.0
// The search keeps one way to each state, the first. What balances forbid on that way they may allow on another, longer one, which can come by
// a state twice. In: what the search found, with its edges. Out: other ways to the states that break a fence, shortest first.
#pragma once

#include "verify/explore.h"

namespace ringfence {

/// Each way is a Reach of its own: its states one after the other, the last of them one of `ends`. At most `most`, and a few for each sequence
/// of moves; none is more than `longer` steps longer than the shortest.
std::vector<Reach> other_runs(const Reach& with_edges, const std::vector<Index>& ends, std::size_t longer, std::size_t most);

}  // namespace ringfence
