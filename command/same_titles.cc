// SPDX-License-Identifier: Apache-2.0
// See same_titles.h.
#include "command/same_titles.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/explore.h"

namespace ringfence {

std::optional<TitleSteps> title_steps(const Moves& moves, const Budget& budget) {
  const Arena arena(moves);
  std::vector<Mask> modes;
  if (!modes_possible(arena, budget, modes)) return std::nullopt;
  Feasibility feasible(arena, modes, budget);
  ExploreOptions how;
  how.budget = budget;
  how.keeps_edges = true;
  const auto& fences = moves.vocabulary.fences;
  const bool in_custody = std::any_of(fences.begin(), fences.end(), [](const Fence& fence) { return fence.in_custody; });
  TitleSteps steps;
  for (const unsigned coins : in_custody ? std::vector<unsigned>{1, 2} : std::vector<unsigned>{1}) {
    const Reach reach = explore(arena, feasible, modes, coins, how);
    if (!reach.complete) return std::nullopt;
    for (const CoinState& state : reach.states) steps.insert(state_key(state));
    for (const Reach::Edge& edge : reach.edges)
      steps.insert(fmt::format("{}|{}|{}|{}", state_key(reach.states[edge.origin.before]), edge.origin.move, edge.origin.transition, state_key(reach.states[edge.to])));
  }
  return steps;
}

}  // namespace ringfence
