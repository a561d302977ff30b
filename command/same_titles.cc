// SPDX-License-Identifier: Apache-2.0
// See same_titles.h.
#include "command/same_titles.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "verify/explore.h"

namespace ringfence {
namespace {

bool breaks_no_fence(const Arena& arena, const Coin& coin) {
  const auto& fences = arena.moves.vocabulary.fences;
  return std::none_of(fences.begin(), fences.end(), [&](const Fence& fence) { return breaks_attribution(arena, fence, coin); });
}

/// Outside, and no fence minds. It is gone, or titled to where it is and no other than what comes in from there.
bool is_outside(const Arena& arena, const Coin& coin) { return arena.bucket(coin.at.bucket).external && breaks_no_fence(arena, coin); }

/// A unit of it is outside, and nothing becomes of it any more.
bool is_over(const Arena& arena, const CoinState& state) {
  return std::any_of(state.coins.begin(), state.coins.end(), [&](const Coin& coin) { return is_outside(arena, coin) && !(coin.title == titled_to(arena, coin.at)); });
}

/// The same two units, the other one first.
CoinState swapped(const Arena& arena, const CoinState& state) {
  CoinState other{{state.coins[1], state.coins[0]}, {}};
  const auto subjects = tracked_subjects(arena, state.coins);
  for (const ModeSubject& subject : tracked_subjects(arena, other.coins))
    other.modes.push_back(state.modes[static_cast<std::size_t>(std::find(subjects.begin(), subjects.end(), subject) - subjects.begin())]);
  other.coins = canonical(arena, std::move(other.coins));
  return other;
}

/// Of two units it does not matter which is the first, and the search starts with one order only.
std::string unordered_key(const Arena& arena, const CoinState& state) {
  return state.coins.size() == 1 ? state_key(state) : std::min(state_key(state), state_key(swapped(arena, state)));
}

bool leads_outside(const Arena& arena, const Origin& step, const CoinState& to) {
  for (std::size_t i = 0; i < to.coins.size(); ++i)
    if ((step.taken >> i & 1) != 0 && is_outside(arena, to.coins[i])) return true;
  return false;
}

}  // namespace

std::optional<TitleSteps> title_steps(const Moves& moves, const Budget& budget) {
  const Arena arena(moves);
  std::vector<Mask> modes;
  if (!modes_possible(arena, budget, modes)) return std::nullopt;
  Feasibility feasible(arena, modes, budget);
  ExploreOptions how;
  how.budget = budget;
  how.keeps_edges = true;
  how.starts_in_any_mode = true;   // money comes in at any time: what left and is titled to where it is must be among the starts
  const auto& fences = moves.vocabulary.fences;
  const bool in_custody = std::any_of(fences.begin(), fences.end(), [](const Fence& fence) { return fence.in_custody; });
  TitleSteps steps;
  for (const unsigned coins : in_custody ? std::vector<unsigned>{1, 2} : std::vector<unsigned>{1}) {
    const Reach reach = explore(arena, feasible, modes, coins, how);
    if (!reach.complete) return std::nullopt;
    for (const CoinState& state : reach.states)
      if (!is_over(arena, state)) steps.insert(unordered_key(arena, state));
    for (const Reach::Edge& edge : reach.edges) {
      const CoinState& before = reach.states[edge.origin.before];
      const CoinState& after = reach.states[edge.to];
      const bool outside = leads_outside(arena, edge.origin, after);
      if (is_over(arena, before) || (outside && coins == 2)) continue;   // a pair of which one is outside is none any more
      steps.insert(fmt::format("{}|{}|{}|{}", unordered_key(arena, before), edge.origin.move, edge.origin.transition, outside ? "outside" : unordered_key(arena, after)));
    }
  }
  return steps;
}

}  // namespace ringfence
