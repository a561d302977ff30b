// SPDX-License-Identifier: Apache-2.0
// Titles and fences on concrete instances: language reference, 3.1 to 3.4, straight from the typed policy.
#pragma once

#include "compiler/typed_policy.h"
#include "runtime/transfer.h"

namespace ringfence::reference {

/// 3.4: a move out of `from` that passes title makes this unit the destination's.
bool may_pass(const Vocabulary&, const Instance& title, const Instance& from);
/// 3.1, 3.2: a unit with this title must not be there. Never for a fence in custody.
bool breaks_attribution(const Vocabulary&, const Fence&, const Instance& title, const Instance& at);
/// 3.3: two units with these titles must not be there at the same time. Only for a fence in custody.
bool breaks_custody(const Vocabulary&, const Fence&, const Instance& title_a, const Instance& at_a, const Instance& title_b, const Instance& at_b);
/// Two bucket instances (no externals) are in the same account instance; a bucket in no account is its own.
bool same_account(const Vocabulary&, const Instance& a, const Instance& b);

}  // namespace ringfence::reference
