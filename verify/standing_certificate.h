// SPDX-License-Identifier: Apache-2.0
// The certificates of what is proved of single rows: that no transfer takes more than there is, breaks a floor, or leaves the integers that are
// counted in. Each obligation is about the rows that it names; rows that ask for the same question share it. Solvers check the obligations;
// `ringfence-checker` judges the rows of the table by itself.
#pragma once

#include <string>

#include "verify/certificate.h"
#include "verify/property.h"

namespace ringfence {

/// What comes before the obligations: declarations.
std::string row_prelude(const Arena&);
/// Each must answer `unsat`. Only for Funds, Floors and NoOverflow; none where there is nothing to show.
Obligations row_obligations(const Arena&, PropertyKind);
/// The whole certificate.
std::string row_certificate(const Arena&, const std::string& table_digest, PropertyKind, const Obligations&);

}  // namespace ringfence
