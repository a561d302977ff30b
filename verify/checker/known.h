// SPDX-License-Identifier: Apache-2.0
// What a state says, before a step, of the values that the guards of a row or a transition read: which balances and totals hold followed units, which
// modes its subjects are in, and which balances are those that the invariant speaks of. soundness.md, 4 and 5.
#pragma once

#include "balances.h"
#include "guard.h"

namespace checker {

/// A step: the states before and after it, and the ids of its source, or of the subject of a mode, and of its destination.
class Step {
 public:
  using Ids = std::array<std::uint8_t, 4>;
  Step(const Frame& frame, const State& before, const State& after, const Ids& from, const Ids& to)
      : frame_(frame), table_(frame.table), before_(before), after_(after), from_(from), to_(to) {}

  /// nothing: ranges and possible modes (Guards::nothing_known).
  Known known(const std::vector<Slot>&, Known nothing) const;
  /// Of a transfer over the row, from the place with the ids of the source, that takes these units (bits).
  Known known_of_move(const Row&, unsigned taken, Known nothing) const;
  /// By slot: a balance in sight, or a sum of some.
  std::vector<std::optional<Sum>> made_of(const std::vector<Slot>&, const Balances&) const;

 private:
  std::uint8_t id_of(const Slot&, std::size_t key) const;
  std::vector<Instance> instances_of(const Slot&) const;
  bool counts(const Slot&, unsigned unit) const;
  bool includes(const Slot& total, const Slot& balance) const;
  bool same_instance(const Slot&, const Slot&) const;
  Mask mode_of(const Slot&) const;
  bool overdraws_alone(Index bucket) const;
  bool is_balance_of_source(const std::vector<Slot>&, Index slot, const Row&) const;

  const Frame& frame_;
  const Table& table_;
  const State &before_, &after_;
  const Ids from_, to_;
};

}  // namespace checker
