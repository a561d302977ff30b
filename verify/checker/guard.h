// SPDX-License-Identifier: Apache-2.0
// In: a row of the table (or a transition), which rules let it through, and what is known of the values that its guards read. Out: whether
// any transfer can pass. Language reference, section 8: no deny holds, some allow does, funds and limits suffice. Floors are not judged,
// because a batch judges them only at its end. Everything else that is not known is open, within the range of its kind.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "formula.h"
#include "table.h"

namespace checker {

/// What a state says of the slots of a row or transition.
struct Known {
  std::vector<std::uint8_t> units;               ///< a balance or total is at least this: the followed units in it
  std::vector<std::uint8_t> beyond;              ///< of a total: those of its units that are in none of the `included` balances
  std::vector<std::vector<Index>> included;      ///< of a total: the balances that are parts of it
  std::vector<Mask> modes;                       ///< of a mode: which it may be
  std::uint8_t taken = 0, left = 0;              ///< followed units that a move takes, and leaves in the balance that pays for it
  std::uint8_t beyond_balance = 0;               ///< it pays at least so much more than the source's balance
};

/// One transfer or change of mode, and what is assumed of it beside the guards.
struct Asked {
  Formulas formulas;
  Sum amount = formulas.own(1, kAmountMax);
  std::vector<std::optional<Sum>> values;        ///< by slot: what it is made of; may be shorter, then the rest are values of their own
};

class Guards {
 public:
  explicit Guards(const Table&);

  /// By machine: the modes that any subject can ever be in: the first, and what transitions that can pass lead to.
  const std::vector<Mask>& modes_possible() const { return possible_; }
  /// Nothing but ranges and the possible modes.
  Known nothing_known(const std::vector<Slot>&) const;

  /// Whether some transfer passes by an allow rule that passes title, or by one that does not. Remembered.
  Solvable can_move(const Row&, bool passing_title, const Known&);
  Solvable can_change(Index transition, const Known&);
  /// The same, of one about which more is assumed.
  Solvable can_move(const Row&, bool passing_title, const Known&, Asked) const;
  Solvable can_change(Index transition, const Known&, Asked) const;

  /// Whether a transfer passes, by any allow rule and of any state, about which `also` assumes more. It is given the values of the row's slots, and
  /// after them those of `more`.
  using Also = std::function<void(Formulas&, const std::vector<Sum>& values, const Sum& amount)>;
  Solvable can_pass(const Row&, const std::vector<Slot>& more, const Also& also) const;

 private:
  const Table& table_;
  std::vector<Mask> possible_;
  std::unordered_map<std::string, Solvable> answers_;
};

/// Assumes of a row that reads both `now` and the time of day that they are of one time.
void assume_one_time(Formulas&, const std::vector<Slot>&, const std::vector<Sum>& values);
/// Assumes that these allow rules and all else of the row but its floors let a transfer of `amount` through.
void assume_passes(Formulas&, const Body&, const std::vector<Sum>& values, const Sum& amount, const std::vector<const Guarded*>& allows);

}  // namespace checker
