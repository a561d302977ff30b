// SPDX-License-Identifier: Apache-2.0
#include "verify/row_values.h"

#include <algorithm>
#include <bit>

#include "verify/times.h"

namespace ringfence {
namespace {

bool is_total(const Slot& slot) { return slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal; }

std::optional<bool> holds(const Test& test, const std::vector<Int128>& values) {
  if (test.kind == TestKind::InSet) return (test.set >> static_cast<unsigned>(values[test.terms[0].slot]) & 1) != 0;
  Int128 sum = test.constant;
  for (const Term& term : test.terms) {
    Int128 product = 0;
    if (__builtin_mul_overflow(Int128{term.coefficient}, values[term.slot], &product) || __builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return test.kind == TestKind::AtLeastZero ? sum >= 0 : sum == 0;
}

/// 8.6, 8.7.
bool money_fits(const Move& move, const std::vector<Int128>& values, Int128 amount) {
  return (move.funds_slot == kNone || values[move.funds_slot] >= amount) && (move.account_slot == kNone || values[move.account_slot] >= amount) &&
         (move.from_slot == kNone || values[move.from_slot] - amount >= -kAmountMax) && (move.to_slot == kNone || values[move.to_slot] + amount <= kAmountMax);
}

/// Position of the first that does (or does not) hold, or kNone; nothing when a sum leaves 128 bits.
std::optional<Index> first_that(const std::vector<Guarded>& all, const std::vector<Int128>& values, bool wanted) {
  for (Index i = 0; i < all.size(); ++i) {
    const auto held = holds(all[i], values);
    if (!held) return std::nullopt;
    if (*held == wanted) return i;
  }
  return kNone;
}

}  // namespace

std::pair<Int128, Int128> slot_range(const Arena& arena, const std::vector<Mask>& possible, const Slot& slot) {
  switch (slot.kind) {
    case SlotKind::Amount: return {1, kAmountMax};
    case SlotKind::TimeOfDay: return {0, 86'399};
    case SlotKind::Now: return {kInstantMin, kInstantMax};
    case SlotKind::Approvals: return {0, static_cast<Int128>(kApprovalsMax)};
    case SlotKind::Evidence: return {0, 1};
    case SlotKind::Balance: case SlotKind::BucketTotal: case SlotKind::AccountTotal: return {may_be_below_zero(arena, slot) ? -kAmountMax : Int128{0}, kAmountMax};
    case SlotKind::Used: return {0, kAmountMax};
    case SlotKind::Fact: return {arena.moves.vocabulary.facts[slot.target].min, arena.moves.vocabulary.facts[slot.target].max};
    case SlotKind::Mode: break;
  }
  return {std::countr_zero(possible[slot.target]), std::bit_width(possible[slot.target]) - 1};
}

std::optional<bool> holds(const Guarded& guarded, const std::vector<Int128>& values) {
  for (const Clause& clause : guarded.clauses) {
    Index at = clause.nodes.empty() ? kTrue : 0;
    while (at != kTrue && at != kFalse) {
      const auto held = holds(clause.nodes[at].test, values);
      if (!held) return std::nullopt;
      at = *held ? clause.nodes[at].if_true : clause.nodes[at].if_false;
    }
    if (at == kFalse) return false;
  }
  return true;
}

std::vector<Index> deciding(const Move& move, const std::vector<Int128>& values) {
  Int128 amount = 1;
  for (std::size_t i = 0; i < move.slots.size(); ++i)
    if (move.slots[i].kind == SlotKind::Amount) amount = values[i];
  if (!money_fits(move, values, amount)) return {};
  std::vector<Int128> after = values;
  if (move.from_slot != kNone) after[move.from_slot] -= amount;
  const auto allow = first_that(move.allows, values, true), deny = first_that(move.denies, values, true), floor = first_that(move.floors, after, false),
             limit = first_that(move.limits, values, false);
  if (!allow || *allow == kNone || !deny || !floor || !limit) return {};
  std::vector<Index> found;
  if (*deny != kNone) {
    if (*limit == kNone) found.push_back(move.denies[*deny].statement);
    return found;
  }
  if (*limit != kNone) return {move.limits[*limit].statement};
  for (const Guarded& each : move.allows)
    if (holds(each, values).value_or(false)) found.push_back(each.statement);
  if (*floor != kNone) found.push_back(move.floors[*floor].statement);
  return found;
}

ValueGuess::ValueGuess(const Arena& arena, const std::vector<Mask>& possible, const std::vector<Slot>& slots, const std::vector<const Guarded*>& guards)
    : arena_(arena), slots_(slots), candidates_(slots.size()) {
  for (Index i = 0; i < slots.size(); ++i) {
    ranges_.push_back(slot_range(arena, possible, slots[i]));
    const auto [low, high] = ranges_[i];
    candidates_[i] = {low, low, high, high, std::min(high, low + 1'000'000)};
    if (slots[i].kind != SlotKind::Mode) continue;
    candidates_[i].clear();
    for (unsigned mode = 0; mode < kModesMax; ++mode)
      if (possible[slots[i].target] >> mode & 1) candidates_[i].push_back(mode);
  }
  for (const Guarded* guarded : guards)
    for (const Clause& clause : guarded->clauses)
      for (const Node& node : clause.nodes) {
        if (node.test.kind == TestKind::InSet || node.test.terms.size() != 1) continue;
        const Term& term = node.test.terms[0];
        const Int128 edge = -node.test.constant / term.coefficient;
        for (const Int128 value : {edge - 1, edge, edge + 1})
          if (value >= ranges_[term.slot].first && value <= ranges_[term.slot].second) candidates_[term.slot].push_back(value);
      }
}

Int128 ValueGuess::pick(Index slot) { return candidates_[slot][random_() / 7 % candidates_[slot].size()]; }

std::optional<std::vector<Int128>> ValueGuess::next() {
  std::vector<Int128> values(slots_.size());
  std::optional<Int128> persons;   // who approves holds every role: so many meet each set of roles
  for (Index i = 0; i < slots_.size(); ++i) {
    if (is_total(slots_[i])) continue;
    values[i] = pick(i);
    if (slots_[i].kind != SlotKind::Approvals) continue;
    if (!persons) persons = values[i];
    values[i] = *persons;
  }
  if (const auto times = times_of(slots_)) values[times->of_day] = second_of_day(values[times->now]);
  for (Index i = 0; i < slots_.size(); ++i) {
    if (!is_total(slots_[i])) continue;
    values[i] = pick(i);
    if (may_be_below_zero(arena_, slots_[i])) continue;
    Int128 sum = 0;
    for (const Index balance : included_balances(arena_, slots_, i)) sum += values[balance];
    values[i] = std::max(values[i], sum);
    if (values[i] > kAmountMax) return std::nullopt;
  }
  return values;
}

}  // namespace ringfence
