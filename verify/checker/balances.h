// SPDX-License-Identifier: Apache-2.0
// The balances that an invariant speaks of, in one state: which instances they are, which of them are one, what every state says of them, and how
// a step changes them. An instance that no place of the state names has no balance here: it can be any (soundness.md, 10).
#pragma once

#include <optional>

#include "guard.h"
#include "state.h"

namespace checker {

/// A bucket instance, in one asset.
struct Instance { Index bucket = 0, asset = 0; std::array<std::uint8_t, 4> ids{}; bool operator==(const Instance&) const = default; };
/// Nothing where a spot of the view has no such id.
std::optional<Instance> instance_at(const Frame&, const State&, const BalanceView&);

/// Whether the condition can hold in the state. Throws TooLarge where that is not decided.
bool has_balances(const Frame&, const State&, const Condition&);

/// What a transfer does to balances: the amount leaves one place and is added to another.
struct Transfer { Index asset = 0; Place from, to; };

/// The balances of one state, and those that a step from it brings into sight.
class Told {
 public:
  Told(const Frame&, const State& before);
  void sees(const State&);
  /// A slot reads what these instances hold together: it is their sum, if all are in sight.
  void reads(std::size_t slot, const std::vector<Instance>&, std::size_t slot_count);
  bool has(const Place&, Index asset) const;
  /// The condition holds of the balances as they are seen in the state, after the transfer if there is one.
  void claim(const Condition&, const State&, const Transfer*);
  const Beside& beside() const { return beside_; }

 private:
  Index find(const Instance&) const;

  const Frame& frame_;
  const State& before_;
  std::vector<Instance> instances_;
  Beside beside_;
};

}  // namespace checker
