// SPDX-License-Identifier: Apache-2.0
// The invariant as a set of states. In: a certificate's `inv`, whose parameters say by their names what they are (README.md). Out: all states that
// satisfy it, and, where it speaks of balances, what it asks of them in one state, as a formula.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "formula.h"
#include "smt.h"
#include "state.h"

namespace checker {

/// By key of a state: whether it is in the set for all balances. A state that is in it for none is not there.
using StateSet = std::unordered_map<std::string, bool>;

class Invariant {
 public:
  /// Throws Unusable when there is no `inv` or a parameter is none of those.
  Invariant(const Definitions&, const Table&, std::vector<Mask> modes_possible);

  const Frame& frame() const { return frame_; }
  /// Every state that satisfies `inv` with modes and, for some balances, that are possible, each once, and all of them as a set. Throws TooLarge.
  States states(StateSet&, std::size_t states_max) const;
  /// That a state is in it. balances: by view of the frame; -1 where the state does not tell one.
  Index holds(Formulas&, const State&, const std::vector<Sum>& balances) const;
  /// Whether some balances are outside of it, in a state. Throws TooLarge where that is not decided.
  bool leaves_out(const State&) const;

 private:
  class Enumeration;
  bool name_parameter(const std::string& name, Index position);
  bool name_balance(const std::string& name, Index position);

  const Definitions& definitions_;
  Index inv_;
  Frame frame_;
  std::vector<Index> asset_, bucket_, mode_, balance_;   ///< positions of parameters by unit, spot, view; kNone where there is none
  std::array<std::vector<Index>, 4> id_;         ///< by spot, by entity
};

}  // namespace checker
