// SPDX-License-Identifier: Apache-2.0
// Language reference, sections 3.8, 4.3, 4.4, 4.6, 5 and 8.3: which statements speak of a move, and what they need to know.
#include "verify/policy_meaning.h"

#include <algorithm>

#include "verify/policy_guard.h"

namespace ringfence::equivalence {
namespace {

bool contains(const std::vector<Index>& list, Index index) { return std::find(list.begin(), list.end(), index) != list.end(); }

void add_conditions(PolicyGuardReader& reader, const std::vector<Condition>& conditions, StatementMeaning& meaning) {
  for (const Condition& condition : conditions) meaning.conditions.push_back({condition.text, reader.read(condition.guard)});
  meaning.reads = reader.take_reads();
}

/// A floor or limit holds where all of `unless` does (if anything is written there), and otherwise where its bound does.
Diagram unless_or(GuardDiagrams& diagrams, PolicyGuardReader& reader, const std::vector<Condition>& unless, Diagram bound) {
  return unless.empty() ? bound : diagrams.either(reader.read(unless), bound);
}

}  // namespace

StatementPlaces::StatementPlaces(const TypedPolicy& policy)
    : floors(static_cast<Index>(policy.rules.size())), limits(floors + static_cast<Index>(policy.floors.size())),
      transitions(limits + static_cast<Index>(policy.limits.size())),
      invariants(transitions + static_cast<Index>(policy.transitions.size())), end(invariants + static_cast<Index>(policy.invariants.size())) {}

unsigned shared_key_count(const Vocabulary& vocabulary, Index from, Index to) {
  unsigned count = 0;
  for (const Index entity : vocabulary.buckets[from].keys) count += contains(vocabulary.buckets[to].keys, entity) ? 1u : 0u;
  return count;
}

bool speaks_of_relation(const Pair& pair, Relation relation) {
  if (pair.from == pair.to && relation == 0) return false;
  for (std::size_t i = 0; i < pair.matches.size(); ++i) {
    const bool differs = (unsigned{relation} >> i & 1u) != 0;
    if ((pair.matches[i] == Match::Same && differs) || (pair.matches[i] == Match::Other && !differs)) return false;
  }
  return true;
}

StatementMeaning PolicyReader::read_rule(const Setting& setting, Index statement) {
  const TypedRule& rule = policy_.rules[statement];
  PolicyGuardReader reader(policy_.vocabulary, setting, diagrams_);
  StatementMeaning meaning{statement, rule.effect == Effect::Allow && rule.passing_title, {}, {}};
  std::optional<Index> mode;
  if (rule.brings) mode = reader.mode_value(rule.brings->reference);
  add_conditions(reader, rule.conditions, meaning);
  if (mode) meaning.brings = BringsMeaning{rule.brings->before, *mode, rule.brings->mode};
  return meaning;
}

StatementMeaning PolicyReader::read_floor(const Setting& setting, Index statement) {
  const TypedFloor& floor = policy_.floors[statement - places_.floors];
  const Setting source = setting_of_source(setting);
  PolicyGuardReader reader(policy_.vocabulary, source, diagrams_, true);
  const Diagram bound = reader.read_floor(floor.minimum);
  return {statement, false, {{floor.words.text, unless_or(diagrams_, reader, floor.unless, bound)}}, reader.take_reads()};
}

StatementMeaning PolicyReader::read_limit(const Setting& setting, Index statement) {
  const TypedLimit& limit = policy_.limits[statement - places_.limits];
  PolicyGuardReader reader(policy_.vocabulary, setting, diagrams_);
  const Diagram bound = reader.read_limit(statement - places_.limits, limit);
  return {statement, false, {{limit.words.text, unless_or(diagrams_, reader, limit.unless, bound)}}, reader.take_reads()};
}

StatementMeaning PolicyReader::transition(const Setting& setting, Index index) {
  PolicyGuardReader reader(policy_.vocabulary, setting, diagrams_);
  StatementMeaning meaning{places_.transitions + index, false, {}, {}};
  add_conditions(reader, policy_.transitions[index].conditions, meaning);
  return meaning;
}

/// 3.8: each of its conditions; with an `unless`, all of them or all of it.
StatementMeaning PolicyReader::invariant(const Setting& setting, Index index) {
  const TypedInvariant& invariant = policy_.invariants[index];
  PolicyGuardReader reader(policy_.vocabulary, setting, diagrams_);
  StatementMeaning meaning{places_.invariants + index, false, {}, {}};
  if (invariant.unless.empty()) {
    add_conditions(reader, invariant.holds, meaning);
    return meaning;
  }
  const Diagram holds = reader.read(invariant.holds);
  meaning.conditions = {{invariant.words.text, unless_or(diagrams_, reader, invariant.unless, holds)}};
  meaning.reads = reader.take_reads();
  return meaning;
}

const StatementMeaning& PolicyReader::statement(const Setting& setting, Index statement) {
  const auto [known, is_new] = known_.try_emplace({statement, setting.asset});
  if (is_new)
    known->second = statement < places_.floors   ? read_rule(setting, statement)
                    : statement < places_.limits ? read_floor(setting, statement)
                                                 : read_limit(setting, statement);
  return known->second;
}

/// 8.6: another bucket than the source may overdraw its account instance, and the money leaves that.
bool PolicyReader::leaves_overdrawn_account(const Setting& setting) const {
  const std::vector<Bucket>& buckets = policy_.vocabulary.buckets;
  const Bucket &from = buckets[setting.from], &to = buckets[setting.to];
  const auto overdraws = [&](const Bucket& each) { return each.may_overdraw && each.account == from.account; };
  if (from.account == kNone || from.may_overdraw || std::none_of(buckets.begin(), buckets.end(), overdraws)) return false;
  const auto is_same = [&](Index key) { return (setting.agrees >> key_position(to.keys, key) & 1) != 0; };
  const std::vector<Index>& keys = policy_.vocabulary.accounts[from.account].keys;
  return to.account != from.account || !std::all_of(keys.begin(), keys.end(), is_same);
}

/// 8.3: always needed, externals excepted; 8.6: what funds are judged on.
void PolicyReader::add_balances(const Setting& setting, MoveMeaning& move) {
  const PolicyGuardReader reader(policy_.vocabulary, setting, diagrams_);
  const Bucket& from = policy_.vocabulary.buckets[setting.from];
  move.amount = diagrams_.value({SlotKind::Amount, kNone, kNone, 0, {}});
  if (!from.external) {
    move.from_balance = diagrams_.value(reader.balance_of(Side::From));
    move.funds = from.may_overdraw ? diagrams_.value(reader.account_total_of_source()) : move.from_balance;
    move.reads.insert(move.reads.end(), {move.from_balance, move.funds});
    if (leaves_overdrawn_account(setting)) move.reads.push_back(move.account = diagrams_.value(reader.account_total_of_source()));
  }
  if (!policy_.vocabulary.buckets[setting.to].external) {
    move.to_balance = diagrams_.value(reader.balance_of(Side::To));
    move.reads.push_back(move.to_balance);
  }
}

MoveMeaning PolicyReader::move(const Setting& setting, std::span<const Index> rules, std::span<const Index> limits) {
  MoveMeaning move;
  add_balances(setting, move);
  const auto add = [&](std::vector<StatementMeaning>& group, Index index) {
    group.push_back(statement(setting, index));
    move.reads.insert(move.reads.end(), group.back().reads.begin(), group.back().reads.end());
  };
  for (const Index rule : rules) add(policy_.rules[rule].effect == Effect::Allow ? move.allows : move.denies, rule);
  for (Index i = 0; i < policy_.floors.size(); ++i)
    if (policy_.floors[i].bucket == setting.from && contains(policy_.floors[i].assets, setting.asset)) add(move.floors, places_.floors + i);
  for (const Index limit : limits) add(move.limits, places_.limits + limit);
  std::sort(move.reads.begin(), move.reads.end());
  move.reads.erase(std::unique(move.reads.begin(), move.reads.end()), move.reads.end());
  return move;
}

}  // namespace ringfence::equivalence
