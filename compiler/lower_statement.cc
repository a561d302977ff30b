// SPDX-License-Identifier: Apache-2.0
// In: a typed statement and the site where it applies. Out: a clause per condition of a rule or transition; one clause for a floor
// or a limit, in which `unless` comes first and lets everything through. Language reference, sections 4.6, 5 and 2.11.
#include "compiler/lower_statement.h"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "compiler/lower_guard.h"

namespace ringfence {
namespace {

void report_problem(GuardReader& reader, SourceRange where, Report& report) {
  if (const std::optional<Problem> problem = reader.take_problem()) report.add(*problem, where);
}

std::vector<Clause> lower_conditions(GuardReader& reader, const std::vector<Condition>& conditions, Report& report) {
  std::vector<Clause> clauses;
  for (const Condition& condition : conditions) {
    clauses.push_back({condition.text, lay_out(reader.read(condition.guard))});
    report_problem(reader, condition.where, report);
  }
  return clauses;
}

/// Holds where all of `unless` holds, otherwise where `bound` does. Without any `unless`, `bound` always applies.
Formula lower_unless(GuardReader& reader, const std::vector<Condition>& unless, Formula bound, Report& report) {
  if (unless.empty()) return bound;
  std::vector<Formula> conditions;
  for (const Condition& condition : unless) {
    conditions.push_back(reader.read(condition.guard));
    report_problem(reader, condition.where, report);
  }
  std::vector<Formula> either;
  either.push_back(all_of(std::move(conditions)));
  either.push_back(std::move(bound));
  return any_of(std::move(either));
}

auto canonical(const Slot& slot) { return std::tie(slot.kind, slot.target, slot.asset, slot.roles); }

bool before(const Slot& a, const Slot& b) {
  if (canonical(a) != canonical(b)) return canonical(a) < canonical(b);
  return std::lexicographical_compare(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(), [](const KeySource& x, const KeySource& y) {
    return std::tie(x.from, x.position) < std::tie(y.from, y.position);
  });
}

}  // namespace

void Report::add(const Problem& problem, SourceRange where) {
  failed_ = true;
  if (diagnostics_.size() >= max_ || !seen_.insert({problem.code, {where.begin, where.end}}).second) return;
  diagnostics_.push_back({problem.code, Severity::Error, where, problem.message, problem.help});
}

Lowered lower_rule(const Vocabulary& vocabulary, const Site& site, const TypedRule& rule, Index statement, Report& report) {
  GuardReader reader(vocabulary, site);
  Guarded guarded{statement, rule.passing_title, lower_conditions(reader, rule.conditions, report)};
  if (rule.brings) {
    guarded.brings = Brings{rule.brings->before, reader.mode_slot(rule.brings->reference), rule.brings->mode};
    report_problem(reader, rule.brings->where, report);
  }
  return {std::move(guarded), reader.slots()};
}

Lowered lower_floor(const Vocabulary& vocabulary, const Site& site, const TypedFloor& floor, Index statement, Report& report) {
  GuardReader reader(vocabulary, site);
  Formula bound = reader.read_floor(floor.minimum);
  report_problem(reader, floor.where, report);
  const Formula whole = lower_unless(reader, floor.unless, std::move(bound), report);
  return {{statement, false, {{floor.words.text, lay_out(whole)}}}, reader.slots()};
}

Lowered lower_limit(const Vocabulary& vocabulary, const Site& site, const TypedLimit& limit, Index statement, Index index, Report& report) {
  GuardReader reader(vocabulary, site);
  Formula bound = reader.read_limit(limit.cap, resolve_used(site, index, limit.asset, limit.per));
  report_problem(reader, limit.where, report);
  const Formula whole = lower_unless(reader, limit.unless, std::move(bound), report);
  return {{statement, false, {{limit.words.text, lay_out(whole)}}}, reader.slots()};
}

Lowered lower_transition(const Vocabulary& vocabulary, const Site& site, const TypedTransition& transition, Index statement, Report& report) {
  GuardReader reader(vocabulary, site);
  Guarded guarded{statement, false, lower_conditions(reader, transition.conditions, report)};
  return {std::move(guarded), reader.slots()};
}

Lowered lower_invariant(const Vocabulary& vocabulary, const Site& site, const TypedInvariant& invariant, Index statement, Report& report) {
  GuardReader reader(vocabulary, site);
  if (invariant.unless.empty()) {
    Guarded guarded{statement, false, lower_conditions(reader, invariant.holds, report)};
    return {std::move(guarded), reader.slots()};
  }
  std::vector<Formula> conditions;
  for (const Condition& condition : invariant.holds) {
    conditions.push_back(reader.read(condition.guard));
    report_problem(reader, condition.where, report);
  }
  const Formula whole = lower_unless(reader, invariant.unless, all_of(std::move(conditions)), report);
  return {{statement, false, {{invariant.words.text, lay_out(whole)}}}, reader.slots()};
}

void sort_slots(std::vector<Slot>& slots) {
  std::sort(slots.begin(), slots.end(), before);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
}

Index find_slot(const std::vector<Slot>& sorted, const Slot& slot) {
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), slot, before);
  assert(found != sorted.end() && *found == slot);
  return static_cast<Index>(found - sorted.begin());
}

Guarded renumber(const Lowered& lowered, const std::vector<Slot>& sorted) {
  std::vector<Index> position;
  for (const Slot& slot : lowered.slots) position.push_back(find_slot(sorted, slot));
  Guarded guarded = lowered.guarded;
  for (Clause& clause : guarded.clauses)
    for (Node& node : clause.nodes) {
      for (Term& term : node.test.terms) term.slot = position[term.slot];
      std::sort(node.test.terms.begin(), node.test.terms.end(), [](const Term& a, const Term& b) { return a.slot < b.slot; });
    }
  if (guarded.brings) guarded.brings->slot = position[guarded.brings->slot];
  return guarded;
}

}  // namespace ringfence
