// SPDX-License-Identifier: Apache-2.0
// What one kind of move means - from where to where, which shared ids agree, which purpose, asset and role - as statements whose
// conditions are decision diagrams. The policy's text is read into it (policy_meaning.h), and so is a row of the rule table
// (table_meaning.h), over the same values: what the two are compared in, and what a transfer is decided by here.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/decision.h"
#include "verify/guard_diagram.h"

namespace ringfence::equivalence {

/// Where statements are read: two buckets under one relation; for a floor the source alone (5.1); for a transition its subject, which
/// stands at the source (2.11). Borrows keys from a vocabulary.
struct Setting {
  Index from = kNone, to = kNone;          ///< buckets; kNone where there is none
  std::span<const Index> from_keys, to_keys;
  Mask agrees = 0;                         ///< bit i: key i of the destination has the same id as that entity's key of the source
  Index asset = kNone;                     ///< of the transfer; kNone for a transition
};
Setting setting_of_move(const Vocabulary&, Index from, Index to, Relation, Index asset);
Setting setting_of_source(const Setting&);
Setting setting_of_subject(const Subject&);

/// The id of key `position` of the destination: named from the source where the two agree, so that one id has one name.
KeySource destination_id(const Setting&, std::size_t position);

struct ConditionMeaning { std::string_view text; Diagram holds = kNever; };
/// 4.8: the value that is the mode of whose change it is, and to which mode.
struct BringsMeaning { bool before = false; Index value = kNone, mode = kNone; bool operator==(const BringsMeaning&) const = default; };
struct StatementMeaning {
  Index statement = kNone;                 ///< Moves::statements
  bool passing_title = false;
  std::vector<ConditionMeaning> conditions;
  std::vector<Index> reads;                ///< values
  std::optional<BringsMeaning> brings{};
};

struct MoveMeaning {
  std::vector<StatementMeaning> allows, denies, floors, limits;   ///< each in text order
  std::vector<Index> reads;                ///< values of the statements and the balances, ascending, none twice
  Index amount = kNone;                    ///< this value
  Index funds = kNone, account = kNone, from_balance = kNone, to_balance = kNone;  ///< values, or kNone
};

/// The answer to a transfer whose values are all there: 8.4 to 8.10.
struct Judgement {
  Reason reason = Reason::NoRule;
  Index statement = kNone, condition = kNone;   ///< condition: only of Reason::Condition, Floor and Limit
  auto operator<=>(const Judgement&) const = default;
};
/// For these values, one a number; the balance at the end is that after this move alone. Nothing when a sum leaves 128 bits.
std::optional<Judgement> judge_at(const GuardDiagrams&, const MoveMeaning&, std::vector<Int128> values);

/// Each judgement that can be, and when it is: exactly one holds. Floors read balance_at_end(); see `is_single`.
struct PossibleJudgement { Judgement judgement; Diagram holds; };
std::vector<PossibleJudgement> judgements_of(GuardDiagrams&, const MoveMeaning&);
/// Holds where the balance at the end is the one before less the amount: the transfer is no leg of a longer batch.
Diagram is_single(GuardDiagrams&, const MoveMeaning&);

/// All conditions at once.
Diagram holds_entirely(GuardDiagrams&, const StatementMeaning&);

}  // namespace ringfence::equivalence
