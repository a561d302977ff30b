// SPDX-License-Identifier: Apache-2.0
// Which money can be where: for each bucket that money is held for, the buckets that it can come to, and which of the ids that both have
// can then differ. In a large policy buckets that no rule and no fence tells apart as titles are one (coin_state.h, title_class), and the lowest
// stands for all. From the search of the proof with one followed unit, so that it holds for every run, however long.
#pragma once

#include <string>
#include <vector>

#include "verify/diff_replay.h"

namespace ringfence {

/// What the older table can and the newer can't, and the other way round. A flow that is new is shown by a run replayed through the newer
/// table where one is found. `unknown`: why there is no answer.
std::vector<FlowChange> compare_flows(const Joint&, const Tables&, const DiffOptions&, std::string& unknown);
/// All flows of one table, in joint numbering; nothing when the search did not end.
std::vector<Flow> flows_of(const Joint&, const Tables&, unsigned policy, const DiffOptions&, std::string& unknown);

}  // namespace ringfence
