// SPDX-License-Identifier: Apache-2.0
// The rows of two tables side by side: what either says of one kind of request. Where the rows are equal as data, in whatever order their
// rules stand, the decisions are equal, and no solver is asked.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "verify/diff.h"

namespace ringfence {

/// One kind of request on which the two may differ.
struct Cell {
  RequestKind kind;
  std::array<std::vector<Index>, 2> rows;         ///< by policy: its row in Moves::moves, or the candidates in Moves::transitions; may be empty
  std::array<std::vector<Index>, 2> statements;   ///< by policy: those that the other has no equal of here, sorted
  std::vector<std::string> declarations;          ///< what these rows read that is declared differently
};
struct Cells { std::vector<Cell> differing; std::size_t equal = 0; };

Cells pair_rows(const Joint&);
/// The slots that rows of one policy read, sorted by nothing in particular, none twice.
std::vector<Slot> slots_of(const Joint&, const Cell&, unsigned policy);

}  // namespace ringfence
