// SPDX-License-Identifier: Apache-2.0
// Explicit-state search of the full semantics in a small world: real balances, every unit of money with its title and place, modes of all
// subjects; every move that the reference interpreter allows, with every choice of the adversary. It knows nothing of the verifier's
// abstraction. A violation that it finds is real; that it finds none speaks only of its own world.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/typed_policy.h"

namespace ringfence::reference {

struct World {
  std::uint64_t ids = 2;               ///< members of each `many` entity
  unsigned units = 2;                  ///< most units of money inside at any time
  unsigned amount_max = 2;
  std::size_t states_max = 20'000;
  std::size_t choices_max = 600;       ///< of one transfer
};

struct Explored {
  bool complete = false;               ///< the fixpoint was reached
  std::string stopped;                 ///< why not
  std::size_t states = 0;
  std::vector<bool> broken;            ///< by fence: some run breaks it
};

/// From every clean start: any placement of at most `units` units, each titled to its bucket; every mode the first; no custody fence
/// broken. One asset, no floors and no limits: floors and limits only ever refuse moves.
Explored explore(const TypedPolicy&, const World&);

/// Some rule speaks of different ids: then a chain of two such moves can need a third member.
bool crosses_ids(const TypedPolicy&);

}  // namespace ringfence::reference
