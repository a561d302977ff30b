// SPDX-License-Identifier: Apache-2.0
// The largest that any sum in a guard program can be, from the ranges of what it reads: computed anew from the decoded table, apart from
// the compiler's own bound (lower_compare.cc) and the loader's (load_rows.cc).
#include <algorithm>
#include <bit>

#include "verify/overflow.h"
#include "verify/row_values.h"

namespace ringfence {
namespace {

UInt128 magnitude(Int128 value) { return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value); }

/// Every partial sum is within the sum of the magnitudes, in whatever order it is added up.
bool sum_fits(const std::vector<UInt128>& largest, const Test& test) {
  UInt128 sum = magnitude(test.constant);
  for (const Term& term : test.terms) {
    UInt128 product = 0;
    if (term.slot >= largest.size() || __builtin_mul_overflow(magnitude(term.coefficient), largest[term.slot], &product) || __builtin_add_overflow(sum, product, &sum)) return false;
  }
  return sum <= magnitude(kInt128Max);
}

bool test_fits(const std::vector<Slot>& slots, const std::vector<UInt128>& largest, const Test& test) {
  if (test.kind != TestKind::InSet) return sum_fits(largest, test);
  return test.terms.size() == 1 && test.terms[0].slot < slots.size() && slots[test.terms[0].slot].kind == SlotKind::Mode && largest[test.terms[0].slot] < kModesMax;
}

}  // namespace

std::vector<UInt128> largest_values(const Arena& arena, const std::vector<Slot>& slots) {
  std::vector<Mask> modes;
  for (const ModeMachine& machine : arena.moves.vocabulary.machines) modes.push_back(machine.modes.size() >= kModesMax ? ~Mask{0} : (Mask{1} << machine.modes.size()) - 1);
  std::vector<UInt128> largest;
  for (const Slot& slot : slots) {
    const auto [low, high] = slot_range(arena, modes, slot);
    const bool is_money = slot.kind == SlotKind::Balance || slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal;
    largest.push_back(is_money ? magnitude(kAmountMax) : std::max(magnitude(low), magnitude(high)));   // a floor reads a balance less the amount
  }
  return largest;
}

const Clause* find_overflow(const Arena& arena, const std::vector<Slot>& slots, const std::vector<const Guarded*>& guards) {
  const std::vector<UInt128> largest = largest_values(arena, slots);
  for (const Guarded* guarded : guards)
    for (const Clause& clause : guarded->clauses)
      if (!std::all_of(clause.nodes.begin(), clause.nodes.end(), [&](const Node& node) { return test_fits(slots, largest, node.test); })) return &clause;
  return nullptr;
}

std::vector<const Guarded*> guards_of(const Move& move) {
  std::vector<const Guarded*> guards;
  for (const std::vector<Guarded>* group : {&move.allows, &move.denies, &move.floors, &move.limits})
    for (const Guarded& guarded : *group) guards.push_back(&guarded);
  return guards;
}

}  // namespace ringfence
