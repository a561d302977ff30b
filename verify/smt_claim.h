// SPDX-License-Identifier: Apache-2.0
// Obligations about claims as SMT-LIB 2 text: a state is functions of ids (what a bucket holds, what it holds over all ids of some
// keys, a fact, a mode), ids are integers, and a step changes the functions at its own ids. Solvers then decide which ids coincide.
// Each obligation says in words what it is, declares what it needs, stands by itself between push and pop, and must answer unsat.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "verify/claim.h"
#include "verify/coin_state.h"

namespace ringfence {

/// What may be assumed of the state before a step, besides what holds by the rules of the gate (language reference, 8).
using Assumed = std::vector<const Claim*>;

/// Every clean start satisfies the claim.
std::string start_obligation(const Arena&, const Claim&);
/// One transfer over the row keeps the claim. Of a claim at the end only: one that takes from none of its buckets under a floor.
std::string transfer_obligation(const Arena&, const Move&, const Claim&, const Assumed&);
/// The transition keeps the claim.
std::string transition_obligation(const Arena&, const Transition&, const Claim&, const Assumed&);
/// At the end of a batch that has taken from just these buckets of the claim (`taken`: positions in floored_slots), their floors imply it.
std::string end_obligation(const Arena&, const Claim&, unsigned taken, const Assumed&);

/// Where all claims hold, as they do at the end of each batch, this one does.
std::string follows_obligation(const Arena&, const Claim&, const Assumed&);

/// Every one that shows that the claims in `assumed` keep `claim`, until `visit` says false. False then.
bool each_obligation(const Arena&, const Claim&, const Assumed&, const std::function<bool(std::string)>& visit);

}  // namespace ringfence
