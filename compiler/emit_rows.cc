// SPDX-License-Identifier: Apache-2.0
// The part of `emit` that writes rows, transitions and invariants with their slots and guard programs. Rows that read the same slots under the
// same statements share one body; bodies share statements, clauses, nodes and terms.
#include <algorithm>

#include "compiler/emit_parts.h"

namespace ringfence {
namespace {

using namespace format;

template <class Record>
std::uint32_t count_of(const std::vector<Record>& records) { return static_cast<std::uint32_t>(records.size()); }

std::uint8_t key_byte(const KeySource& key) {
  switch (key.from) {
    case KeySource::From::Source: return key.position;
    case KeySource::From::Destination: return static_cast<std::uint8_t>(kDestinationKey + key.position);
    case KeySource::From::Summed: break;
  }
  return kSummedKey;
}

std::uint32_t place_slots(const std::vector<Slot>& slots, Pools& pools) {
  assert(slots.size() <= kSlotsMax);
  std::vector<std::uint32_t> places;
  for (const Slot& slot : slots) {
    assert(slot.keys.size() <= kKeysMax);
    SlotRecord record{slot.roles, slot.target, slot.asset, static_cast<std::uint8_t>(slot.kind), static_cast<std::uint8_t>(slot.keys.size()), {}, 0};
    std::transform(slot.keys.begin(), slot.keys.end(), record.keys.begin(), key_byte);
    places.push_back(pools.slots.place(std::span(&record, 1)));
  }
  return pools.slot_lists.place(places);
}

NodeRecord node_record(const Node& node, Pools& pools) {
  assert(node.test.terms.size() <= kTermsMax);
  std::vector<TermRecord> terms;
  for (const Term& term : node.test.terms) terms.push_back({term.coefficient, term.slot, 0});
  const Int128 constant = node.test.kind == TestKind::InSet ? static_cast<Int128>(node.test.set) : node.test.constant;
  return {constant, pools.terms.place(terms), node.if_true, node.if_false, static_cast<std::uint8_t>(terms.size()), static_cast<std::uint8_t>(node.test.kind), 0};
}

ClauseRecord clause_record(const Clause& clause, Pools& pools) {
  std::vector<NodeRecord> nodes;
  for (const Node& node : clause.nodes) nodes.push_back(node_record(node, pools));
  return {pools.text_ref(clause.text), pools.nodes.place(nodes), count_of(nodes)};
}

GuardedRecord guarded_record(const Guarded& guarded, Pools& pools) {
  std::vector<ClauseRecord> clauses;
  for (const Clause& clause : guarded.clauses) clauses.push_back(clause_record(clause, pools));
  GuardedRecord record{guarded.statement, pools.clauses.place(clauses), count_of(clauses), std::uint8_t{guarded.passing_title}, 0, 0, 0};
  if (const auto& brings = guarded.brings) {
    record.brings = static_cast<std::uint8_t>(brings->before ? Brought::Before : Brought::After);
    record.brings_slot = static_cast<std::uint8_t>(brings->slot);
    record.brings_mode = static_cast<std::uint8_t>(brings->mode);
  }
  return record;
}

std::uint8_t slot_byte(Index slot) { return slot == kNone ? kNoSlot : static_cast<std::uint8_t>(slot); }

std::uint32_t place_body(const Move& move, Pools& pools) {
  std::vector<GuardedRecord> guarded;
  for (const auto* group : {&move.allows, &move.denies, &move.floors, &move.limits}) {
    for (const Guarded& one : *group) guarded.push_back(guarded_record(one, pools));
  }
  const BodyRecord body{place_slots(move.slots, pools), static_cast<std::uint8_t>(move.slots.size()), slot_byte(move.funds_slot), slot_byte(move.from_slot),
                        slot_byte(move.to_slot), slot_byte(move.account_slot), {}, pools.guarded.place(guarded), count_of(move.allows), count_of(move.denies),
                        count_of(move.floors), count_of(move.limits)};
  return pools.bodies.place(std::span(&body, 1));
}

}  // namespace

void emit_rows(const Moves& moves, Draft& draft, Pools& pools) {
  for (const Move& move : moves.moves)
    draft.rows.push_back({move.roles, place_body(move, pools), static_cast<std::uint16_t>(move.from), static_cast<std::uint16_t>(move.to), move.relation,
                          static_cast<std::uint8_t>(move.purpose), static_cast<std::uint8_t>(move.asset), 0, 0});
  for (const Transition& transition : moves.transitions) {
    const GuardedRecord guarded = guarded_record(transition.guard, pools);
    draft.transitions.push_back({transition.from_modes, transition.roles, transition.deadline ? transition.deadline->within_ms : 0, transition.machine, transition.to_mode,
                                 place_slots(transition.slots, pools), count_of(transition.slots), pools.guarded.place(std::span(&guarded, 1)),
                                 transition.deadline ? transition.deadline->schedule : kNone, transition.deadline ? transition.deadline->business_day : 0, 0});
  }
  for (const Invariant& invariant : moves.invariants) {
    const GuardedRecord guarded = guarded_record(invariant.claim, pools);
    draft.invariants.push_back({pools.list_ref(invariant.keys), place_slots(invariant.slots, pools), count_of(invariant.slots), pools.guarded.place(std::span(&guarded, 1)), 0});
  }
}

}  // namespace ringfence
