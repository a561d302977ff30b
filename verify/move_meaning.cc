// SPDX-License-Identifier: Apache-2.0
// Language reference, 4.3 for settings, 8.4 to 8.10 for judgements, in its order.
#include "verify/move_meaning.h"

#include <algorithm>

namespace ringfence::equivalence {
namespace {

std::size_t position_in(std::span<const Index> keys, Index entity) {
  return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), entity) - keys.begin());
}

/// Splits what is still undecided into judgements.
class Judgements {
 public:
  explicit Judgements(GuardDiagrams& diagrams) : diagrams_(diagrams) {}

  void take(Judgement judgement, Diagram when) {
    const Diagram now = diagrams_.both(undecided_, when);
    if (now == kNever) return;
    undecided_ = diagrams_.both(undecided_, diagrams_.negation(when));
    const auto known = std::find_if(made_.begin(), made_.end(), [&](const PossibleJudgement& possible) { return possible.judgement == judgement; });
    if (known == made_.end()) made_.push_back({judgement, now});
    else known->holds = diagrams_.either(known->holds, now);
  }
  void take_first_failing(Reason reason, const StatementMeaning& statement) {
    for (Index i = 0; i < statement.conditions.size(); ++i)
      take({reason, statement.statement, i}, diagrams_.negation(statement.conditions[i].holds));
  }
  Diagram exchange(Diagram undecided) { return std::exchange(undecided_, undecided); }
  std::vector<PossibleJudgement> made() && { return std::move(made_); }

 private:
  GuardDiagrams& diagrams_;
  Diagram undecided_ = kAlways;
  std::vector<PossibleJudgement> made_;
};

/// 8.6 and 8.7: when each refuses.
std::vector<std::pair<Reason, WeightedSum>> money_sums(const MoveMeaning& move) {
  std::vector<std::pair<Reason, WeightedSum>> sums;   // refused when below zero
  if (move.funds != kNone) sums.push_back({Reason::Funds, {{{move.funds, 1}, {move.amount, -1}}, 0}});
  if (move.account != kNone) sums.push_back({Reason::Funds, {{{move.account, 1}, {move.amount, -1}}, 0}});
  if (move.from_balance != kNone) sums.push_back({Reason::Overflow, {{{move.from_balance, 1}, {move.amount, -1}}, kAmountMax}});
  if (move.to_balance != kNone) sums.push_back({Reason::Overflow, {{{move.to_balance, -1}, {move.amount, -1}}, kAmountMax}});
  return sums;
}

/// The first condition that fails, the number of conditions when none does, or nothing when a sum leaves 128 bits.
std::optional<Index> first_failing(const GuardDiagrams& diagrams, const StatementMeaning& statement, const std::vector<Int128>& values) {
  Index i = 0;
  for (; i < statement.conditions.size(); ++i) {
    const std::optional<bool> holds = diagrams.holds(statement.conditions[i].holds, values);
    if (!holds) return std::nullopt;
    if (!*holds) break;
  }
  return i;
}

}  // namespace

Setting setting_of_move(const Vocabulary& vocabulary, Index from, Index to, Relation relation, Index asset) {
  Setting setting{from, to, vocabulary.buckets[from].keys, vocabulary.buckets[to].keys, 0, asset};
  unsigned shared = 0;
  for (const Index entity : setting.from_keys) {
    const std::size_t there = position_in(setting.to_keys, entity);
    if (there != setting.to_keys.size() && (unsigned{relation} >> shared++ & 1u) == 0) setting.agrees |= Mask{1} << there;
  }
  return setting;
}

Setting setting_of_source(const Setting& setting) { return {setting.from, kNone, setting.from_keys, {}, 0, setting.asset}; }

Setting setting_of_subject(const Subject& subject) {
  return {subject.kind == SubjectKind::Bucket ? subject.index : kNone, kNone, subject.keys, {}, 0, kNone};
}

KeySource destination_id(const Setting& setting, std::size_t position) {
  if ((setting.agrees >> position & 1) != 0)
    return {KeySource::From::Source, static_cast<std::uint8_t>(position_in(setting.from_keys, setting.to_keys[position]))};
  return {KeySource::From::Destination, static_cast<std::uint8_t>(position)};
}

Diagram holds_entirely(GuardDiagrams& diagrams, const StatementMeaning& statement) {
  Diagram all = kAlways;
  for (std::size_t i = statement.conditions.size(); i-- > 0;) all = diagrams.both(statement.conditions[i].holds, all);
  return all;
}

Diagram is_single(GuardDiagrams& diagrams, const MoveMeaning& move) {
  if (move.from_balance == kNone) return kAlways;
  return diagrams.is_zero({{{diagrams.balance_at_end(), 1}, {move.from_balance, -1}, {move.amount, 1}}, 0});
}

std::vector<PossibleJudgement> judgements_of(GuardDiagrams& diagrams, const MoveMeaning& move) {
  Judgements judgements(diagrams);
  for (const StatementMeaning& deny : move.denies) judgements.take({Reason::DenyRule, deny.statement, kNone}, holds_entirely(diagrams, deny));
  Diagram some_allow = kNever;
  for (const StatementMeaning& allow : move.allows) some_allow = diagrams.either(some_allow, holds_entirely(diagrams, allow));
  const Diagram not_denied = judgements.exchange(kNever);
  judgements.exchange(diagrams.both(not_denied, diagrams.negation(some_allow)));
  if (!move.allows.empty()) judgements.take_first_failing(Reason::Condition, move.allows.front());
  judgements.exchange(diagrams.both(not_denied, some_allow));
  for (auto& [reason, sum] : money_sums(move)) judgements.take({reason, kNone, kNone}, diagrams.negation(diagrams.at_least_zero(sum)));
  for (const StatementMeaning& floor : move.floors) judgements.take_first_failing(Reason::Floor, floor);
  for (const StatementMeaning& limit : move.limits) judgements.take_first_failing(Reason::Limit, limit);
  for (const StatementMeaning& allow : move.allows) judgements.take({Reason::Allowed, allow.statement, kNone}, holds_entirely(diagrams, allow));
  return std::move(judgements).made();
}

std::optional<Judgement> judge_at(const GuardDiagrams& diagrams, const MoveMeaning& move, std::vector<Int128> values) {
  for (Index value = 0; value < values.size(); ++value)
    if (diagrams.is_at_end(value) && move.from_balance != kNone) values[value] = values[move.from_balance] - values[move.amount];
  Judgement answer;
  for (const StatementMeaning& deny : move.denies) {
    const auto failing = first_failing(diagrams, deny, values);
    if (!failing) return std::nullopt;
    if (*failing == deny.conditions.size()) return Judgement{Reason::DenyRule, deny.statement, kNone};
  }
  for (const StatementMeaning& allow : move.allows) {
    const auto failing = first_failing(diagrams, allow, values);
    if (!failing) return std::nullopt;
    if (*failing == allow.conditions.size() && answer.reason != Reason::Allowed) answer = {Reason::Allowed, allow.statement, kNone};
    else if (answer.reason == Reason::NoRule) answer = {Reason::Condition, allow.statement, *failing};
  }
  if (answer.reason != Reason::Allowed) return answer;
  for (const auto& [reason, sum] : money_sums(move)) {
    Int128 total = sum.constant;
    for (const auto& [value, coefficient] : sum.terms) total += coefficient * values[value];
    if (total < 0) return Judgement{reason, kNone, kNone};
  }
  for (const auto& [bounds, reason] : {std::pair(&move.floors, Reason::Floor), std::pair(&move.limits, Reason::Limit)})
    for (const StatementMeaning& bound : *bounds) {
      const auto failing = first_failing(diagrams, bound, values);
      if (!failing) return std::nullopt;
      if (*failing != bound.conditions.size()) return Judgement{reason, bound.statement, *failing};
    }
  return answer;
}

}  // namespace ringfence::equivalence
