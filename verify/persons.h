// SPDX-License-Identifier: Apache-2.0
// Who could have approved: persons differ, for the guards of one move, only in which of its approval role sets they meet. Counting
// the persons of each such kind is exact, so that "2 of treasurer, cfo" and "1 of cfo" are never thought independent.
#pragma once

#include <vector>

#include "compiler/moves.h"

namespace ringfence {

/// Approvals slots of one move that are modelled exactly; beyond, the counts are left free, which only makes more possible.
inline constexpr std::size_t kApprovalSetsMax = 6;

struct PersonKind {
  std::vector<Index> slots;   ///< positions of the Approvals slots that count such a person
  Mask roles = 0;             ///< the roles that such a person holds
};
/// Every kind that some set of roles makes; empty when there is no Approvals slot, or more than kApprovalSetsMax.
std::vector<PersonKind> person_kinds(const std::vector<Slot>&);

}  // namespace ringfence
