// SPDX-License-Identifier: Apache-2.0
// Each list is written after its length and each number in all its bytes, so that no two contents have the same text.
#include "verify/row_content.h"

#include "verify/row_values.h"

namespace ringfence {
namespace {

template <class T>
void put(std::string& text, const T& value) { text.append(reinterpret_cast<const char*>(&value), sizeof value); }

void put(std::string& text, const Node& node) {
  put(text, node.test.kind);
  put(text, node.test.constant);
  put(text, node.test.set);
  put(text, node.if_true);
  put(text, node.if_false);
  put(text, node.test.terms.size());
  for (const Term& term : node.test.terms) {
    put(text, term.coefficient);
    put(text, term.slot);
  }
}

}  // namespace

std::string slots_content(const Arena& arena, const std::vector<Mask>& possible, const std::vector<Slot>& slots) {
  std::string text;
  put(text, slots.size());
  for (Index i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    put(text, slot.kind);
    if (slot.kind == SlotKind::Mode) {
      put(text, possible[slot.target]);
      continue;
    }
    const auto [low, high] = slot_range(arena, possible, slot);
    put(text, low);
    put(text, high);
    if (slot.kind == SlotKind::Approvals) put(text, slot.roles);
    if (slot.kind != SlotKind::BucketTotal && slot.kind != SlotKind::AccountTotal) continue;
    const std::vector<Index> included = included_balances(arena, slots, i);
    put(text, included.size());
    for (const Index balance : included) put(text, balance);
  }
  return text;
}

std::string guards_content(const std::vector<Guarded>& guards) {
  std::string text;
  put(text, guards.size());
  for (const Guarded& guarded : guards) {
    put(text, guarded.passing_title);
    put(text, guarded.clauses.size());
    for (const Clause& clause : guarded.clauses) {
      put(text, clause.nodes.size());
      for (const Node& node : clause.nodes) put(text, node);
    }
  }
  return text;
}

std::string row_content(const Arena& arena, const std::vector<Mask>& possible, const Move& move) {
  std::string text = slots_content(arena, possible, move.slots);
  for (const auto* group : {&move.allows, &move.denies, &move.floors, &move.limits}) text += guards_content(*group);
  put(text, move.funds_slot);
  put(text, move.account_slot);
  put(text, move.from_slot);
  put(text, move.to_slot);
  return text;
}

}  // namespace ringfence
