// SPDX-License-Identifier: Apache-2.0
// See opening.h. The members in sight are all that there are, so a total is the sum of its parts, and the integers that are found are a state.
#include "opening.h"

#include <algorithm>
#include <utility>

#include "fence.h"
#include "scene.h"

namespace checker {
namespace {

State at_home(const Quantity& one, const Quantity& other) {
  State state;
  const auto put = [&](unsigned unit, const Quantity& balance) {
    state.assets[unit] = balance.asset;
    Place& place = state.spots[2 * unit];
    place.bucket = balance.target;
    std::copy(balance.ids.begin(), balance.ids.end(), place.ids.begin());
    state.spots[2 * unit + 1] = place;
  };
  put(0, one);
  put(1, other);
  return state;
}

/// Of two balances that a custody fence keeps apart, one is empty. What is not read is empty, too.
void assume_custody(const Table& table, Scene& scene) {
  const Frame frame{table, {}, 2, {}, {}};
  Formulas& formulas = scene.formulas();
  for (const auto& [one, first] : scene.read())
    for (const auto& [other, second] : scene.read()) {
      if (one.kind != SlotKind::Balance || other.kind != SlotKind::Balance || !(one < other)) continue;
      const State state = at_home(one, other);
      const auto breaks = [&](const Fence& fence) { return fence.in_custody && breaks_custody(frame, fence, state); };
      if (std::any_of(table.fences.begin(), table.fences.end(), breaks)) formulas.assume(formulas.any({formulas.is_zero(first), formulas.is_zero(second)}));
    }
}

}  // namespace

void check_start_exists(const Table& table, const Definitions& definitions) {
  const Ids two(table.entities.size(), 2);
  Scene scene(table, definitions, two);
  scene.nobody_else();
  for (const WrittenInvariant& written : table.invariants)
    each_choice(written.entities, two, [&](const Ids& members) { scene.formulas().assume(scene.truth(claim_of(written), members)); });
  std::set<std::pair<Index, Index>> floored;
  for (const Row& row : table.rows)
    if (!table.bodies[row.body].floors.empty()) floored.emplace(row.from, row.asset);
  for (const auto& [bucket, asset] : floored)
    each_choice(table.buckets[bucket].keys, two, [&, what = Quantity{SlotKind::Balance, bucket, asset, {}}](const Ids& ids) mutable {
      what.ids = ids;
      scene.assume_all_floors(what);
    });
  assume_custody(table, scene);
  scene.assume_start();
  if (scene.possible() != Solvable::Maybe)
    throw TooLarge{"no start between two members of each entity was found that satisfies all invariants, floors and custody fences: the invariant would be said of no run"};
}

}  // namespace checker
