// SPDX-License-Identifier: Apache-2.0
// In: a row of the table (or a transition), which rules let it through, and what is known of the values that its guards read. Out: whether
// any transfer can pass. Language reference, section 8: no deny holds, some allow does, funds and limits suffice. Floors are not judged,
// because a batch judges them only at its end. Everything else that is not known is open, within the range of its kind.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "residual.h"
#include "table.h"

namespace checker {

/// Beside the slots of a row or transition.
struct Known {
  std::vector<std::uint8_t> units;               ///< a balance or total is at least this: the followed units in it
  std::vector<std::uint8_t> beyond;              ///< of a total: those of its units that are in none of the `included` balances
  std::vector<std::vector<Index>> included;      ///< of a total: the balances that are parts of it
  std::vector<Mask> modes;                       ///< of a mode: which it may be
  std::uint8_t taken = 0, left = 0;              ///< followed units that a move takes, and leaves in the balance that pays for it
  std::uint8_t beyond_balance = 0;               ///< it pays at least so much more than the source's balance
};

/// Values beside the slots: variables of their own, and conditions on them.
struct Beside {
  /// A variable of a condition: a variable here, or none, and a multiple of the amount, and a number.
  struct Reading { Index variable = kNone; Wide amount = 0, constant = 0; };
  struct Claim { Condition condition; std::vector<Reading> readings; };
  std::vector<Wide> low;                         ///< by variable: its least value; the greatest is that of money
  std::vector<std::vector<Index>> sums;          ///< by slot: the variables that it is the sum of; none: it has a value of its own
  std::vector<Claim> claims;                     ///< all hold
};

class Guards {
 public:
  explicit Guards(const Table&);

  /// By machine: the modes that any subject can ever be in: the first, and what transitions that can pass lead to.
  const std::vector<Mask>& modes_possible() const { return possible_; }
  /// Nothing but ranges and the possible modes.
  Known nothing_known(const std::vector<Slot>&) const;

  /// Whether some transfer passes by an allow rule that passes title, or by one that does not.
  Solvable can_move(const Row&, bool passing_title, const Known&, const Beside& = {});
  Solvable can_change(Index transition, const Known&, const Beside& = {});

 private:
  Solvable can_move_by(const Row&, bool passing_title, const Known&, const Beside&) const;
  const Table& table_;
  std::vector<Mask> possible_;
  std::unordered_map<std::string, Solvable> answers_;
};

/// Whether the values beside can be so, whatever moves.
Solvable can_be(const Table&, const Beside&);

}  // namespace checker
