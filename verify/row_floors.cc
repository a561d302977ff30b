// SPDX-License-Identifier: Apache-2.0
// See row_floors.h.
#include "verify/row_floors.h"

#include <algorithm>

#include "verify/row_slots.h"

namespace ringfence {
namespace {

CarriedFloor carried(const Move& move, const Guarded& floor) {
  CarriedFloor result{floor, {}};
  for (Clause& clause : result.floor.clauses)
    for (Node& node : clause.nodes)
      for (Term& term : node.test.terms) {
        const Slot& slot = move.slots.at(term.slot);
        Index position = slot_position(result.slots, slot);
        if (position == kNone) {
          position = static_cast<Index>(result.slots.size());
          result.slots.push_back(slot);
        }
        term.slot = position;
      }
  return result;
}

}  // namespace

Slot payer(const Arena& arena, const Move& move) {
  return arena.bucket(move.from).may_overdraw ? source_account_total(arena.moves.vocabulary, move) : source_balance(arena.moves.vocabulary, move);
}

bool account_pays(const Arena& arena, const Move& move) {
  const Index account = arena.bucket(move.from).account;
  return account != kNone && arena.account_overdraws[account] && pays_from_overdrawn(arena.moves.vocabulary, move.from, move.to, move.relation);
}

FloorsOf floors_of(const Moves& moves) {
  FloorsOf floors;
  for (const Move& move : moves.moves)
    for (const Guarded& floor : move.floors) {
      std::vector<CarriedFloor>& known = floors[{move.from, move.asset}];
      CarriedFloor form = carried(move, floor);
      if (std::find(known.begin(), known.end(), form) == known.end()) known.push_back(std::move(form));
    }
  return floors;
}

bool carries(const Move& move, const CarriedFloor& floor, const Slot& source) {
  return move.from_slot != kNone && move.from_slot == slot_position(move.slots, source) &&
         std::any_of(move.floors.begin(), move.floors.end(), [&](const Guarded& own) { return carried(move, own) == floor; });
}

Guarded renumbered(const CarriedFloor& floor, const std::vector<Slot>& slots) {
  Guarded result = floor.floor;
  for (Clause& clause : result.clauses)
    for (Node& node : clause.nodes)
      for (Term& term : node.test.terms) term.slot = slot_position(slots, floor.slots.at(term.slot));
  return result;
}

}  // namespace ringfence
