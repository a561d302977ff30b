// SPDX-License-Identifier: Apache-2.0
// The certificate of an invariant: what it is about, in words; the claims that keep each other, each a function whose parameters say by
// their names what of a state it reads; and the obligations that call them. Any SMT-LIB 2 solver checks that the claims are kept;
// `ringfence-checker` reads the claims, and derives from the table what must be shown of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/certificate.h"
#include "verify/claim.h"

namespace ringfence {

/// What comes before the claims of a certificate.
inline constexpr const char* kClaimPrelude = "(set-logic QF_UFLIA)\n";

/// Names them "claim0", "claim1_at_end" and so on, by position, and the invariant where it is none of them "invariant" or "invariant_at_end".
void name_claims(std::vector<Claim>&, std::optional<Claim>& invariant);
/// `(define-fun claim0 ((b2_0_k0 Int)) Bool ...)`, with a line above it that says where it comes from.
std::string claim_definition(const Moves&, const Claim&);
/// The whole certificate of the statement. `claims` are named, and among them is what it says, the last one where it is assumed of nothing else;
/// `obligations` call them.
std::string claim_certificate(const Moves&, const std::string& table_digest, Index statement, const std::vector<const Claim*>& claims, const Obligations&);

}  // namespace ringfence
