// SPDX-License-Identifier: Apache-2.0
// The one question that the search asks a solver: could any transfer, with any amount, balances, facts, approvals, evidence and
// time, take this move while the followed units of money are where they are? Floors are left out (a batch judges them only at its
// end) and windows hold anything (time can always pass): both only make more possible. No Z3 type appears here.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "verify/budget.h"
#include "verify/coin_state.h"
#include "verify/proof_memory.h"

namespace ringfence {

/// What is known of the slots of one move or transition.
struct SlotKnowledge {
  std::vector<std::uint8_t> coins;     ///< by slot: followed units that this balance or total holds at least
  std::vector<std::uint8_t> beyond;    ///< by slot, for a total: those of them that no balance slot of the move already holds
  std::vector<std::int16_t> mode;      ///< by slot: the mode where it is known, else -1
  std::uint8_t taken = 0;              ///< followed units that the move takes
  std::uint8_t left_at_source = 0;     ///< followed units at the source instance that it leaves
  std::uint8_t beyond_balance = 0;     ///< followed units that it can only take by paying at least so much more than the source's balance
};

/// Positions in Move::allows of a rule that can let the move through, keeping and passing title; kNone where none can.
struct Ways {
  Index keep = kNone, pass = kNone;
  bool unknown = false;                ///< the solver did not answer: the search must stop
};

class Feasibility {
 public:
  /// `memory` may be null. The solver is made when it is first asked.
  Feasibility(const Arena&, std::vector<Mask> modes_possible, const Budget&, ProofMemory* memory = nullptr);
  ~Feasibility();
  Ways move(Index move, const SlotKnowledge&);
  /// 1 possible, 0 not, -1 no answer.
  int transition(Index transition, const SlotKnowledge&);
  std::size_t queries() const noexcept;   ///< put to the solver so far

 private:
  struct Solver;
  std::unique_ptr<Solver> solver_;
};

/// For each machine, the modes that any of its subjects can ever be in, whatever the money does: the least set that holds the first
/// mode and is closed under transitions whose guards can hold. False when the solver did not answer.
bool modes_possible(const Arena&, const Budget&, std::vector<Mask>& possible, ProofMemory* memory = nullptr);

}  // namespace ringfence
