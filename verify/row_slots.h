// SPDX-License-Identifier: Apache-2.0
// The slots that a row of a table must have by its own ends: made anew from the declarations, so that what the table says can be
// held against it. Canonical as in moves.h.
#pragma once

#include <string>

#include "compiler/moves.h"

namespace ringfence {

/// balance(from) and balance(to) of the row, in its asset; the bucket must not be an external.
Slot source_balance(const Vocabulary&, const Move&);
Slot destination_balance(const Vocabulary&, const Move&);
/// The total of the source's account; the source must be in one.
Slot source_account_total(const Vocabulary&, const Move&);
/// Position of an equal slot among the row's, or kNone.
Index slot_position(const std::vector<Slot>&, const Slot&);

/// "withdraw Client.wallet -> Client.bank of USDC", with the entities whose ids differ.
std::string row_name(const Vocabulary&, const Move&);

}  // namespace ringfence
