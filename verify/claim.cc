// SPDX-License-Identifier: Apache-2.0
#include "verify/claim.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ringfence {
namespace {

bool is_money(SlotKind kind) { return kind == SlotKind::Balance || kind == SlotKind::BucketTotal || kind == SlotKind::AccountTotal; }

/// The slots that the formula reads.
std::vector<bool> slots_read(const Guarded& formula, std::size_t count) {
  std::vector<bool> read(count, false);
  for (const Clause& clause : formula.clauses)
    for (const Node& node : clause.nodes)
      for (const Term& term : node.test.terms) read[term.slot] = true;
  return read;
}

/// The floor with only what it reads; nothing when it reads more than its balance and modes.
bool take_floor(const Move& move, const Guarded& floor, const std::vector<Index>& keys, Claim& claim) {
  const std::vector<bool> read = slots_read(floor, move.slots.size());
  std::vector<Index> position(move.slots.size(), kNone);
  for (Index i = 0; i < move.slots.size(); ++i) {
    if (!read[i]) continue;
    if (i != move.from_slot && move.slots[i].kind != SlotKind::Mode) return false;
    position[i] = static_cast<Index>(claim.slots.size());
    claim.slots.push_back(move.slots[i]);
  }
  claim.keys = keys;
  claim.formula = floor;
  for (Clause& clause : claim.formula.clauses)
    for (Node& node : clause.nodes)
      for (Term& term : node.test.terms) term.slot = position[term.slot];
  return true;
}

bool includes(const Moves& moves, const Slot& slot, Index bucket, Index asset) {
  if (!is_money(slot.kind) || slot.asset != asset || moves.vocabulary.buckets[bucket].external) return false;
  return (slot.kind == SlotKind::AccountTotal ? moves.vocabulary.buckets[bucket].account : bucket) == slot.target;
}

}  // namespace

std::vector<Claim> written_claims(const Moves& moves) {
  std::vector<Claim> claims;
  for (const Invariant& invariant : moves.invariants) {
    Claim claim{invariant.keys, invariant.slots, invariant.claim, true, false, false, {}};
    claim.reads_fact = std::any_of(claim.slots.begin(), claim.slots.end(), [](const Slot& slot) { return slot.kind == SlotKind::Fact; });
    claims.push_back(std::move(claim));
  }
  return claims;
}

std::vector<Claim> floor_claims(const Moves& moves) {
  std::vector<Claim> claims;
  std::set<std::pair<Index, Index>> done;
  for (const Move& move : moves.moves)
    for (const Guarded& floor : move.floors) {
      if (!done.insert({floor.statement, move.asset}).second) continue;
      Claim claim;
      if (take_floor(move, floor, moves.vocabulary.buckets[move.from].keys, claim)) claims.push_back(std::move(claim));
    }
  return claims;
}

void Dependence::add(const Moves& moves, const std::vector<Slot>& slots) {
  for (const Slot& slot : slots) {
    if (slot.kind == SlotKind::Mode) machines.insert(slot.target);
    if (slot.kind == SlotKind::Balance || slot.kind == SlotKind::BucketTotal) buckets.insert(slot.target);
    if (slot.kind != SlotKind::AccountTotal) continue;
    for (Index bucket = 0; bucket < moves.vocabulary.buckets.size(); ++bucket)
      if (moves.vocabulary.buckets[bucket].account == slot.target) buckets.insert(bucket);
  }
}

void Dependence::grow(const Moves& moves) {
  for (std::size_t before = 0; before != buckets.size() + machines.size();) {
    before = buckets.size() + machines.size();
    for (const Move& move : moves.moves)
      if (buckets.contains(move.from) || buckets.contains(move.to)) add(moves, move.slots);
    for (const Transition& transition : moves.transitions)
      if (machines.contains(transition.machine)) add(moves, transition.slots);
  }
}

std::vector<Index> unread_keys(const Claim& claim) {
  std::vector<Index> unread;
  for (Index position = 0; position < claim.keys.size(); ++position)
    if (std::none_of(claim.slots.begin(), claim.slots.end(), [&](const Slot& slot) {
          return std::any_of(slot.keys.begin(), slot.keys.end(), [&](const KeySource& key) { return key.from != KeySource::From::Summed && key.position == position; });
        }))
      unread.push_back(position);
  return unread;
}

bool can_change(const Moves& moves, const Move& move, const Claim& claim) {
  return std::any_of(claim.slots.begin(), claim.slots.end(),
                     [&](const Slot& slot) { return includes(moves, slot, move.from, move.asset) || includes(moves, slot, move.to, move.asset); });
}

bool can_change(const Transition& transition, const Claim& claim) {
  return std::any_of(claim.slots.begin(), claim.slots.end(), [&](const Slot& slot) { return slot.kind == SlotKind::Mode && slot.target == transition.machine; });
}

std::vector<Index> floored_rows(const Moves& moves, Index bucket, Index asset) {
  std::vector<Index> rows;
  for (Index i = 0; i < moves.moves.size(); ++i) {
    if (moves.moves[i].from != bucket || moves.moves[i].asset != asset) continue;
    if (moves.moves[i].floors.empty()) return {};
    rows.push_back(i);
  }
  return rows;
}

std::vector<Index> floored_slots(const Moves& moves, const Claim& claim) {
  std::vector<Index> floored;
  for (Index i = 0; i < claim.slots.size(); ++i)
    if (claim.slots[i].kind == SlotKind::Balance && !floored_rows(moves, claim.slots[i].target, claim.slots[i].asset).empty()) floored.push_back(i);
  return floored;
}

}  // namespace ringfence
