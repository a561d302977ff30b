// SPDX-License-Identifier: Apache-2.0
// The balances that an invariant speaks of, in one state: which instances they are, which of them are one, what every state says of them, and how
// a step changes them. An instance that no place of the state names has no balance here: it can be any (soundness.md, 10).
#pragma once

#include <optional>

#include "formula.h"
#include "state.h"

namespace checker {

/// A bucket instance, in one asset.
struct Instance { Index bucket = 0, asset = 0; std::array<std::uint8_t, 4> ids{}; bool operator==(const Instance&) const = default; };

/// What a transfer does to balances: the amount leaves one place and is added to another.
struct Transfer { Index asset = 0; Place from, to; };

/// The balances of one state, and those that a step from it brings into sight: each a variable before the step.
class Balances {
 public:
  Balances(const Frame&, const State& before, Formulas&);
  void sees(const State&);
  /// nullptr where it is not in sight.
  const Sum* of(const Instance&) const;
  /// By view of the frame, as they are in the state: after the transfer of the amount, if there is one; -1 where a spot of the view has no such id.
  std::vector<Sum> seen(const State&, const Transfer* = nullptr, const Sum& amount = {}) const;

 private:
  const Frame& frame_;
  const State& before_;
  Formulas& formulas_;
  std::vector<Instance> instances_;
  std::vector<Sum> values_;
};

/// Whether what is assumed of the balances of a state can be. Throws TooLarge where that is not decided.
bool can_be(const Frame&, const State&, Formulas&);

}  // namespace checker
