// SPDX-License-Identifier: Apache-2.0
// Two policies that decide everything alike but for what becomes of title: whether any fence could ever tell. All states of followed money that the proof of a
// policy's fences goes through, and every step between them, are compared with those of the other, titles of one class (coin_state.h: same owner, same keys,
// same sides of all fences) being one, and so is all money that left for an external where no fence minds it. Where states and steps are the same, every run has
// the same states under both as far as a fence can see: it reads a title's class and where the money is, and nothing else (soundness.md, 7).
#pragma once

#include <optional>
#include <set>
#include <string>

#include "compiler/moves.h"
#include "verify/budget.h"

namespace ringfence {

/// Each state that can be reached, by its key (coin_state.h), and each step between two, or from one to outside, with its move or transition: of one followed
/// unit, and of two where a fence is in custody.
using TitleSteps = std::set<std::string>;

/// Nothing: the search did not end. Comparable where the vocabularies are equal, and so are the moves but for title.
std::optional<TitleSteps> title_steps(const Moves&, const Budget&);

}  // namespace ringfence
