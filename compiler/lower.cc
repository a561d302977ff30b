// SPDX-License-Identifier: Apache-2.0
// In: a typed policy. Out: moves, with nothing left to expand or resolve (moves.h), or diagnostics E0401 to E0405: a comparison that
// could overflow, or a policy that is too large. Language reference, sections 4 to 8.
#include "compiler/lower_moves.h"
#include "compiler/lower_statement.h"
#include "compiler/passes.h"

namespace ringfence {
namespace {

std::vector<Statement> list_statements(const TypedPolicy& policy) {
  std::vector<Statement> statements;
  for (const TypedRule& rule : policy.rules)
    statements.push_back({rule.effect == Effect::Allow ? StatementKind::Allow : StatementKind::Deny, rule.words});
  for (const TypedFloor& floor : policy.floors) statements.push_back({StatementKind::Floor, floor.words});
  for (const TypedLimit& limit : policy.limits) statements.push_back({StatementKind::Limit, limit.words});
  for (const TypedTransition& transition : policy.transitions) statements.push_back({StatementKind::Transition, transition.words});
  for (const TypedInvariant& invariant : policy.invariants) statements.push_back({StatementKind::Invariant, invariant.words});
  return statements;
}

std::vector<LimitWindow> list_limits(const TypedPolicy& policy) {
  std::vector<LimitWindow> limits;
  const StatementOrder order(policy);
  for (Index i = 0; i < policy.limits.size(); ++i) {
    const TypedLimit& limit = policy.limits[i];
    limits.push_back({order.limits + i, limit.asset, limit.per, limit.window_ms});
  }
  return limits;
}

std::vector<Transition> lower_transitions(const TypedPolicy& policy, Report& report) {
  std::vector<Transition> transitions;
  const StatementOrder order(policy);
  for (Index i = 0; i < policy.transitions.size(); ++i) {
    const TypedTransition& typed = policy.transitions[i];
    const Site site = transition_site(policy.vocabulary.machines[typed.machine].subject);
    const Lowered lowered = lower_transition(policy.vocabulary, site, typed, order.transitions + i, report);
    if (report.failed()) continue;
    Transition transition{typed.machine, typed.from_modes, typed.to_mode, typed.roles, lowered.slots, {}, typed.deadline};
    sort_slots(transition.slots);
    transition.guard = renumber(lowered, transition.slots);
    transitions.push_back(std::move(transition));
  }
  return transitions;
}

/// The ids of an invariant stand for those of any members, as a transition's do for those of its subject.
std::vector<Invariant> lower_invariants(const TypedPolicy& policy, Report& report) {
  std::vector<Invariant> invariants;
  const StatementOrder order(policy);
  for (Index i = 0; i < policy.invariants.size(); ++i) {
    const TypedInvariant& typed = policy.invariants[i];
    const Subject members{SubjectKind::System, kNone, typed.keys};
    const Lowered lowered = lower_invariant(policy.vocabulary, transition_site(members), typed, order.invariants + i, report);
    if (report.failed()) continue;
    Invariant invariant{typed.keys, lowered.slots, {}};
    sort_slots(invariant.slots);
    invariant.claim = renumber(lowered, invariant.slots);
    invariants.push_back(std::move(invariant));
  }
  return invariants;
}

}  // namespace

Passed<Moves> lower(const TypedPolicy& policy, const Limits& limits) {
  Report report(limits.diagnostics);
  Moves moves{policy.vocabulary, list_statements(policy), list_limits(policy), lower_moves(policy, limits, report), lower_transitions(policy, report),
              lower_invariants(policy, report), policy.source_digest};
  if (report.failed()) return {std::nullopt, report.take()};
  return {std::move(moves), {}};
}

}  // namespace ringfence
