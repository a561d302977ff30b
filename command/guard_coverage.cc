// SPDX-License-Identifier: Apache-2.0
// See guard_coverage.h. A guard is read on the row's site as the compiler reads it (lower_guard.h), so an atom means there what it means in the table.
#include "command/guard_coverage.h"

#include <algorithm>

#include "compiler/lower_guard.h"
#include "compiler/lower_moves.h"

namespace ringfence {
namespace {

/// Whether the formula holds when slot i of it has values[i].
bool formula_holds(const Formula& formula, std::span<const Value> values) {
  const auto part_holds = [&](const Formula& part) { return formula_holds(part, values); };
  switch (formula.kind) {
    case Formula::Kind::Constant: return formula.value;
    case Formula::Kind::Leaf: return holds(formula.test, values) == formula.value;
    case Formula::Kind::All: return std::all_of(formula.parts.begin(), formula.parts.end(), part_holds);
    case Formula::Kind::AnyOf: break;
  }
  return std::any_of(formula.parts.begin(), formula.parts.end(), part_holds);
}

/// A decision that found no row, or on it a value that can't be used, looked at no guard.
bool looked_at_guards(const Decision& decision) {
  switch (decision.reason) {
    case Reason::ValueMissing: case Reason::ValueStale: case Reason::ValueOutOfRange: return false;
    default: return decision.move != kNone || decision.reason == Reason::Batch;
  }
}

}  // namespace

/// Where guards are read, and what the slots of the row held.
struct GuardCoverage::Site {
  const Vocabulary& vocabulary;
  ringfence::Site place;
  const std::vector<Slot>& slots;
  std::span<const Value> values;

  bool holds(const Guard& guard) const {
    GuardReader reader(vocabulary, place);
    const Formula formula = reader.read(guard);
    std::vector<Value> read;
    for (const Slot& slot : reader.slots()) read.push_back(values[find_slot(slots, slot)]);
    return formula_holds(formula, read);
  }
};

GuardCoverage::GuardCoverage(const LoadedPolicy& policy) : policy_(policy) {
  const TypedPolicy& typed = *policy.typed;
  Index statement = 0;
  for (const TypedRule& rule : typed.rules) add_atoms(statement++, rule.conditions);
  for (const TypedFloor& floor : typed.floors) add_atoms(statement++, floor.unless);
  for (const TypedLimit& limit : typed.limits) add_atoms(statement++, limit.unless);
  for (const TypedTransition& transition : typed.transitions) add_atoms(statement++, transition.conditions);
}

void GuardCoverage::add_atoms(Index statement, const std::vector<Condition>& conditions) {
  for (const Condition& condition : conditions) add_atoms(statement, condition.guard);
}

void GuardCoverage::add_atoms(Index statement, const Guard& guard) {
  if (guard.text.empty()) {
    for (const Guard& part : guard.parts) add_atoms(statement, part);
    return;
  }
  position_.emplace(&guard, atoms_.size());
  atoms_.push_back({statement, guard.line, guard.text});
}

bool GuardCoverage::look(const Site& site, const Guard& guard) {
  if (const auto atom = position_.find(&guard); atom != position_.end()) {
    const bool is_true = site.holds(guard);
    (is_true ? atoms_[atom->second].seen_true : atoms_[atom->second].seen_false) = true;
    return is_true;
  }
  const auto part_holds = [&](const Guard& part) { return look(site, part); };
  switch (guard.kind) {
    case GuardKind::All: return std::all_of(guard.parts.begin(), guard.parts.end(), part_holds);
    case GuardKind::AnyOf: return std::any_of(guard.parts.begin(), guard.parts.end(), part_holds);
    default: return !look(site, guard.parts.front());   // Not: every other kind is an atom
  }
}

bool GuardCoverage::all_hold(const Site& site, const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) { return look(site, condition.guard); });
}

void GuardCoverage::see_transfer(Index row, std::span<const Value> values, const Decision& decision, bool in_batch) {
  if (!looked_at_guards(decision)) return;
  const TypedPolicy& typed = *policy_.typed;
  const StatementOrder order(typed);
  const Move& move = policy_.moves.moves[row];
  const Vocabulary& vocabulary = policy_.moves.vocabulary;
  const Site site{vocabulary, move_site(vocabulary, move.from, move.to, move.relation, move.asset), move.slots, values};
  const auto rule_holds = [&](const Guarded& guarded) { return all_hold(site, typed.rules[guarded.statement].conditions); };
  if (std::any_of(move.denies.begin(), move.denies.end(), rule_holds)) return;
  if (std::none_of(move.allows.begin(), move.allows.end(), rule_holds)) return;
  if (decision.reason == Reason::Funds || decision.reason == Reason::Overflow) return;
  const auto refused_by = [&](Reason reason, const Guarded& guarded) { return decision.reason == reason && decision.statement == guarded.statement; };
  const Site source{vocabulary, floor_site(vocabulary, move.from, move.asset), move.slots, values};
  for (const Guarded& floor : in_batch ? std::vector<Guarded>{} : move.floors) {
    all_hold(source, typed.floors[floor.statement - order.floors].unless);
    if (refused_by(Reason::Floor, floor)) return;
  }
  for (const Guarded& limit : move.limits) {
    all_hold(site, typed.limits[limit.statement - order.limits].unless);
    if (refused_by(Reason::Limit, limit)) return;
  }
}

void GuardCoverage::see_change(Index row, std::span<const Value> values, const Decision& decision) {
  if (!looked_at_guards(decision)) return;
  const TypedPolicy& typed = *policy_.typed;
  const ringfence::Transition& row_read = policy_.moves.transitions[row - policy_.moves.moves.size()];
  const TypedTransition& transition = typed.transitions[row_read.guard.statement - StatementOrder(typed).transitions];
  const Vocabulary& vocabulary = policy_.moves.vocabulary;
  all_hold({vocabulary, transition_site(vocabulary.machines[transition.machine].subject), row_read.slots, values}, transition.conditions);
}

}  // namespace ringfence
