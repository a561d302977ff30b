// SPDX-License-Identifier: Apache-2.0
// Everything that a question about the values of a row or a change of mode depends on, as one text: two of equal content ask the same
// question, in one table or in two. Buckets, facts, roles and statements stand there for what is declared of them, not by their numbers.
#pragma once

#include <string>
#include <vector>

#include "verify/coin_state.h"

namespace ringfence {

/// The kind and range of each value, who may approve, and which balances a total includes.
std::string slots_content(const Arena&, const std::vector<Mask>& modes_possible, const std::vector<Slot>&);
/// The conditions of each, over positions of slots, and whether it passes title; in which order their statements stand is left out.
std::string guards_content(const std::vector<Guarded>&);
/// Of a row: its slots, its four groups of guards, and where it takes from and gives to.
std::string row_content(const Arena&, const std::vector<Mask>& modes_possible, const Move&);

}  // namespace ringfence
