// SPDX-License-Identifier: Apache-2.0
// Where a fault is planted: the n-th row, statement, condition, node or slot of decoded moves that fits, and how rows and slots are put in the order that `load`
// demands afterwards. Each `nth_` is false where there are not so many.
#pragma once

#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>
#include <vector>

#include "compiler/moves.h"
#include "verify/row_slots.h"

namespace ringfence::test {

/// Calls `change` on the n-th of `all` for which `fits` holds.
template <class All, class Fits, class Change>
bool at_nth(All& all, std::size_t& n, const Fits& fits, const Change& change) {
  for (auto& one : all) {
    if (!fits(one)) continue;
    if (n-- == 0) {
      change(one);
      return true;
    }
  }
  return false;
}

inline constexpr std::vector<Guarded> Move::* kGroups[] = {&Move::allows, &Move::denies, &Move::floors, &Move::limits};

template <class Fits, class Change>
bool nth_row(Moves& moves, std::size_t n, const Fits& fits, const Change& change) { return at_nth(moves.moves, n, fits, change); }
template <class Change>
bool nth_row(Moves& moves, std::size_t n, const Change& change) { return nth_row(moves, n, [](const Move&) { return true; }, change); }

/// Every guarded statement of rows and transitions.
template <class Fits, class Change>
bool nth_guarded(Moves& moves, std::size_t n, const Fits& fits, const Change& change) {
  for (Move& move : moves.moves)
    for (const auto group : kGroups)
      if (at_nth(move.*group, n, fits, change)) return true;
  for (Transition& transition : moves.transitions)
    if (fits(transition.guard) && n-- == 0) {
      change(transition.guard);
      return true;
    }
  return false;
}

template <class Fits, class Change>
bool nth_clause(Moves& moves, std::size_t n, const Fits& fits, const Change& change) {
  for (Move& move : moves.moves)
    for (const auto group : kGroups)
      for (Guarded& guarded : move.*group)
        if (at_nth(guarded.clauses, n, fits, change)) return true;
  for (Transition& transition : moves.transitions)
    if (at_nth(transition.guard.clauses, n, fits, change)) return true;
  return false;
}

template <class Fits, class Change>
bool nth_node(Moves& moves, std::size_t n, const Fits& fits, const Change& change) {
  bool done = false;
  nth_clause(moves, 0, [&](Clause& clause) { return !done && (done = at_nth(clause.nodes, n, fits, change)); }, [](Clause&) {});
  return done;
}

inline bool is_sum(const Node& node) { return node.test.kind != TestKind::InSet && !node.test.terms.empty(); }
inline bool is_bound(const Node& node) { return node.test.kind == TestKind::AtLeastZero && !node.test.terms.empty(); }
inline bool is_set(const Node& node) { return node.test.kind == TestKind::InSet; }

// ---- keeping what load demands: rows in order, slots in order

inline void sort_rows(Moves& moves) {
  std::sort(moves.moves.begin(), moves.moves.end(), [](const Move& a, const Move& b) {
    const auto key = [](const Move& move) { return std::tuple(move.from, move.to, move.relation, move.purpose, move.asset, std::countr_zero(move.roles)); };
    return key(a) < key(b);
  });
}

inline bool before(const Slot& a, const Slot& b) {
  const auto key = [](const Slot& slot) {
    std::vector<unsigned> keys;
    for (const KeySource& source : slot.keys) keys.push_back(static_cast<unsigned>(source.from) * 8 + source.position);
    keys.resize(kKeysMax);
    return std::tuple(slot.kind, slot.target, slot.asset, slot.roles, keys);
  };
  return key(a) < key(b);
}

/// Sorts the slots, and everything that numbers them with them. False when two are the same.
template <class Renumber>
bool sort_slots(std::vector<Slot>& slots, const Renumber& renumber) {
  std::vector<Index> order(slots.size()), position(slots.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return before(slots[a], slots[b]); });
  std::vector<Slot> sorted;
  for (Index i = 0; i < order.size(); ++i) {
    position[order[i]] = i;
    sorted.push_back(slots[order[i]]);
  }
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i - 1] == sorted[i]) return false;
  slots = std::move(sorted);
  renumber(position);
  return true;
}

inline void renumber(Guarded& guarded, const std::vector<Index>& position) {
  for (Clause& clause : guarded.clauses)
    for (Node& node : clause.nodes) {
      for (Term& term : node.test.terms) term.slot = position[term.slot];
      std::sort(node.test.terms.begin(), node.test.terms.end(), [](const Term& a, const Term& b) { return a.slot < b.slot; });
    }
  if (guarded.brings) guarded.brings->slot = position[guarded.brings->slot];
}

inline bool sort_slots(Move& move) {
  return sort_slots(move.slots, [&](const std::vector<Index>& position) {
    for (const auto group : kGroups)
      for (Guarded& guarded : move.*group) renumber(guarded, position);
    for (Index* slot : {&move.funds_slot, &move.account_slot, &move.from_slot, &move.to_slot})
      if (*slot != kNone) *slot = position[*slot];
  });
}

/// As load demands: the total of the source's account covers the amount where a bucket in it may overdraw (8.6).
inline void judge_funds_as_declared(const Vocabulary& vocabulary, Move& move) {
  const Bucket& from = vocabulary.buckets[move.from];
  const bool pays_with_others = pays_from_overdrawn(vocabulary, move.from, move.to, move.relation);
  if (!from.may_overdraw && !pays_with_others) return;
  const Slot total = source_account_total(vocabulary, move);
  if (slot_position(move.slots, total) == kNone) {
    move.slots.push_back(total);
    sort_slots(move);
  }
  (from.may_overdraw ? move.funds_slot : move.account_slot) = slot_position(move.slots, total);
}

/// Changes the n-th slot that fits, in a row where that makes no slot twice; the balances of the ends stay as they are.
template <class Change>
bool nth_slot(Moves& moves, std::size_t n, const Change& change) {
  for (Move& move : moves.moves)
    for (Index i = 0; i < move.slots.size(); ++i) {
      if (i == move.funds_slot || i == move.account_slot || i == move.from_slot || i == move.to_slot) continue;
      Move changed = move;
      if (!change(moves, changed, changed.slots[i]) || !sort_slots(changed) || n-- != 0) continue;
      move = std::move(changed);
      return true;
    }
  return false;
}

}  // namespace ringfence::test
