// SPDX-License-Identifier: Apache-2.0
// What is asked of every policy besides its fences, each proved of the decoded table or refuted with what stands against it. Throws
// nothing; a solver that does not answer gives UNKNOWN. What PROVED establishes, property by property, is soundness.md.
#pragma once

#include <vector>

#include "verify/explore.h"
#include "verify/verify.h"

namespace ringfence {

struct StandingInput {
  const RuleTable& table;
  const Arena& arena;                        ///< of the decoded table
  const std::vector<Mask>* modes_possible;   ///< null: the solver did not say in time
  const VerifyOptions& options;
  const Reach* one_unit = nullptr;           ///< where one followed unit can be, if it has been searched
};

/// One verdict for each kind that is asked of single rows and fences, in the order of property.def: all that every policy is asked but the way
/// home. Reads nothing of the search.
std::vector<PropertyVerdict> standing_properties(const StandingInput&);

// Each by itself: for tables that no compiler would make, and that a loader might refuse. Linear in the rows unless said.

/// The balances that a row judges and changes are those of its own source and destination, in its asset.
PropertyVerdict prove_conservation(const Moves&);
/// Allowed implies that the source, or the account of one that may overdraw, has the amount.
PropertyVerdict prove_funds(const Arena&, const Budget&);
/// What one row out of a bucket carries as a floor, in an asset, every row out of it keeps.
PropertyVerdict prove_floors(const Arena&, const Budget&);
/// Sums of guards stay within +-(2^127-1), balances within +-(2^96-1), for all values in range.
PropertyVerdict prove_no_overflow(const Arena&, const Budget&);
/// No transfer has two rows.
PropertyVerdict prove_one_decision(const Moves&);
/// Each statement decides for some values; where one never does, the details name what stands before it. A question to the solver for each
/// statement that a few tried values do not make decide.
PropertyVerdict prove_rules_fire(const Arena&, const std::vector<Mask>& modes_possible, const Budget&, ProofMemory* memory = nullptr);
/// Each fence has money that moves, and a place on the other side that money is moved to.
PropertyVerdict prove_fences_bite(const Moves&);
/// A path back to an external of its owner from every state of the search; where there is none, the trap and a replayed run into it.
PropertyVerdict prove_owners_home(const StandingInput&);

}  // namespace ringfence
