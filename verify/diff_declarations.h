// SPDX-License-Identifier: Apache-2.0
// What two policies declare differently: names, ranges, freshness, accounts, overdrafts, modes and fences, in words. Descriptions, citations
// and the order of declarations are no difference.
#pragma once

#include <vector>

#include "verify/diff.h"

namespace ringfence {

std::vector<DeclarationChange> compare_declarations(const Vocabulary& older, const Vocabulary& newer);
/// By what they keep apart, not by how they are written. Joint numbering.
std::vector<DeclarationChange> compare_fences(const Joint&);
/// By mode: how long it may last, and what it falls into.
std::vector<DeclarationChange> compare_deadlines(const Moves& older, const Moves& newer);
/// By transfer: the changes of mode that come with it. Where several rules let it through, which of them decides counts, too: rules of other words are a change there.
std::vector<DeclarationChange> compare_brought_modes(const Moves& older, const Moves& newer);

}  // namespace ringfence
