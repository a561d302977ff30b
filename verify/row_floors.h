// SPDX-License-Identifier: Apache-2.0
// What single rows are held against: which balance must cover the amount, and which floors a bucket has, in each form in which a row out of it
// carries one. Made from the decoded rows and the declarations alone.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "verify/coin_state.h"

namespace ringfence {

/// What must cover the amount: the balance of the source; of one that may overdraw, its account's total. The source is no external.
Slot payer(const Arena&, const Move&);

/// Whether the total of the source's account must cover it too: pays_from_overdrawn, without a look at every bucket for each row.
bool account_pays(const Arena&, const Move&);

/// A floor as one row carries it, with its slots, which any row out of the bucket can have: their ids are the source's.
struct CarriedFloor {
  Guarded floor;
  std::vector<Slot> slots;   ///< what its terms index
  bool operator==(const CarriedFloor&) const = default;
};
/// By bucket and asset: each floor that some row out of it carries, in each form in which one does.
using FloorsOf = std::map<std::pair<Index, Index>, std::vector<CarriedFloor>>;
FloorsOf floors_of(const Moves&);
/// The row itself carries just this floor, and judges it on `source`, its source's balance: then it can't break it.
bool carries(const Move&, const CarriedFloor&, const Slot& source);
/// The floor, its terms indexing `slots`, which has all of the floor's.
Guarded renumbered(const CarriedFloor&, const std::vector<Slot>& slots);

}  // namespace ringfence
