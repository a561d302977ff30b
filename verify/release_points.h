// SPDX-License-Identifier: Apache-2.0
// The declared exceptions of a fence: every place in the table where an allow rule passes title from one side of it to the other.
#pragma once

#include <vector>

#include "verify/verify.h"

namespace ringfence {

/// Between: from a bucket of one side to a bucket of the other. Each: from a bucket keyed by the entity to one that is not, or to another
/// member's. Sorted by (statement, from, to, relation).
std::vector<ReleasePoint> release_points(const Moves&, const Fence&);

}  // namespace ringfence
