// SPDX-License-Identifier: Apache-2.0
// A policy whose every name is resolved, every unit agrees and every guard is linear. Only `check` makes one. It still has the
// shape of the text: patterns are not expanded, guards are trees over exact rationals. The reference interpreter runs on it;
// `lower` turns it into moves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostic.h"
#include "compiler/vocabulary.h"

namespace ringfence {

/// How a key on one side of an arrow relates to the same entity's key on the other side. Language reference, section 4.
enum class Match : std::uint8_t { Same, Other, Any };

/// One concrete pair that a rule's pattern stands for, before relations: per entity that both key, how the ids must relate.
struct Pair {
  Index from = kNone, to = kNone;   ///< buckets
  std::vector<Match> matches;       ///< one for each of shared_keys(from, to)
  bool operator==(const Pair&) const = default;
};

enum class Side : std::uint8_t { From, To, Either };  ///< Either: the text names no side; the key must be unambiguous

enum class QuantityKind : std::uint8_t {
  Amount,         ///< `amount`: of this transfer
  TimeOfDay,      ///< seconds since midnight UTC, 0..86399
  Now,            ///< `now`: of this transfer, in milliseconds since 1970
  Balance,        ///< `balance(from)`, `balance(to)`, `balance(Client.wallet)`; `after` adds this transfer's effect
  BucketTotal,    ///< `total(any Client.wallet)`: over all ids of the keys marked `any`
  AccountTotal,   ///< `total(Bank.client_money)`: over all buckets in that account instance
  Fact,           ///< `maintenance`, `maintenance(from)`
};

/// Which instance a quantity or mode speaks of. For a transition, every key comes from its own subject, as if from the source.
struct Reference {
  bool endpoint = false;             ///< `from` or `to` itself: `target` is then kNone and `side` says which
  Index target = kNone;              ///< bucket, account, fact or machine
  Side side = Side::Either;
  std::vector<bool> summed;          ///< BucketTotal: for each key of the bucket, whether it is summed over
  bool operator==(const Reference&) const = default;
};

struct Quantity {
  QuantityKind kind = QuantityKind::Amount;
  Reference reference;
  Index asset = kNone;               ///< of a balance or total: kNone is the transfer's own asset
  bool after = false;
  bool operator==(const Quantity&) const = default;
};

/// An exact fraction in lowest terms, denominator > 0. `check` keeps both parts within 2^62.
struct Rational {
  std::int64_t numerator = 0, denominator = 1;
  bool operator==(const Rational&) const = default;
};

/// sum(coefficient * quantity) + constant. Money is in minor units of one asset, a ratio in millionths, an instant
/// in milliseconds since 1970, a duration in milliseconds, before coefficients.
struct LinearTerm { Rational coefficient; Quantity quantity; bool operator==(const LinearTerm&) const = default; };
struct LinearSum {
  std::vector<LinearTerm> terms;
  Int128 constant_numerator = 0;     ///< constant = numerator / denominator
  std::int64_t constant_denominator = 1;
  bool operator==(const LinearSum&) const = default;
};

enum class Comparator : std::uint8_t { Less, LessEqual, Equal, NotEqual, GreaterEqual, Greater };

enum class GuardKind : std::uint8_t {
  All, AnyOf, Not,      ///< and, or, not
  Compare,              ///< left comparator right
  Flag,                 ///< a flag fact is true
  ModeIs,               ///< the machine's mode is in `modes`
  Approved,             ///< at least `count` different persons, none the initiator, each holding a role in `roles`
  HasEvidence,          ///< all of `evidence` was given
  TimeBetween,          ///< start <= time of day < end, or wrapping midnight when start > end
};

struct Guard {
  GuardKind kind = GuardKind::All;
  std::vector<Guard> parts;          ///< All, AnyOf: one or more; Not: one
  LinearSum left, right;             ///< Compare
  Comparator comparator = Comparator::LessEqual;
  Reference reference;               ///< Flag (target: fact), ModeIs (target: machine)
  Mask modes = 0;
  Mask roles = 0;
  std::uint32_t count = 0;
  Mask evidence = 0;
  std::uint32_t start_second = 0, end_second = 0;
  std::uint32_t line = 0;            ///< an *atom* (a leaf, or a `not` that is written into one, as in `mode is not m`): where it is written
  std::string text;                  ///< of an atom: its words, with white space folded; empty for what joins or negates others
  bool operator==(const Guard&) const = default;
};

/// One condition of a rule: the conjuncts of `when`, and each `requires`. The unit in which a denial says what failed.
struct Condition { Guard guard; std::string text; SourceRange where; bool operator==(const Condition&) const = default; };

/// What a decision quotes of a statement. `text` is the statement's first line as written, with white space folded.
struct RuleText {
  std::uint32_t line = 0;
  std::string text, cite, because;
  Mask notify = 0;                   ///< roles to tell when this statement decides
  bool operator==(const RuleText&) const = default;
};

/// A change of mode that a transfer brings with it, 4.8. Before: `entering`, which is a condition of the rule, too. After: `then`.
struct TypedBrings {
  bool before = false;
  Reference reference;               ///< target: the machine
  Index mode = kNone;
  SourceRange where;
  bool operator==(const TypedBrings&) const = default;
};

enum class Effect : std::uint8_t { Allow, Deny };
struct TypedRule {
  Effect effect = Effect::Deny;
  RuleText words;
  SourceRange where;                 ///< the whole statement
  std::vector<Index> purposes;       ///< sorted; all of them for `any purpose`
  std::vector<Pair> pairs;           ///< every pair that the two patterns stand for, sorted by (from, to), no pair twice
  std::vector<Index> assets;         ///< sorted; all of them when no `of` is written
  Mask roles = 0;                    ///< all of them for `by anyone`
  bool passing_title = false;
  std::vector<Condition> conditions; ///< all must hold; empty holds always
  std::optional<TypedBrings> brings;
  bool operator==(const TypedRule&) const = default;
};

/// A transfer out of the bucket must leave `minimum` there, unless `unless` holds. Keys of facts come from the source.
struct TypedFloor {
  RuleText words;
  SourceRange where;
  Index bucket = kNone;
  std::vector<Index> assets;
  LinearSum minimum;                 ///< over facts of the bucket or of its keys, and constants
  std::vector<Condition> unless;     ///< the floor does not apply when all hold; empty: it always applies
  bool operator==(const TypedFloor&) const = default;
};

struct TypedLimit {
  RuleText words;
  SourceRange where;
  std::vector<Index> purposes;
  std::vector<Pair> pairs;           ///< all Match::Any where the text names no relation
  Index asset = kNone;
  std::vector<Index> per;            ///< many-entities whose ids key the sum; from the source where it has the key, else the destination
  LinearSum cap;
  std::int64_t window_ms = 0;        ///< rolling window, (time - window, time]; 0: the calendar day in UTC
  std::vector<Condition> unless;     ///< the cap does not apply when all hold; what moves is counted all the same
  bool operator==(const TypedLimit&) const = default;
};

/// A change of mode that one of `roles` asks for; or, where there is a deadline, one that comes by the clock: nobody may ask for it.
struct TypedTransition {
  RuleText words;
  SourceRange where;
  Index machine = kNone;
  Mask from_modes = 0;               ///< by the clock: one
  Index to_mode = kNone;
  Mask roles = 0;                    ///< by the clock: none
  std::vector<Condition> conditions; ///< by the clock: none
  std::optional<Deadline> deadline;  ///< of the mode that it leads out of
  bool operator==(const TypedTransition&) const = default;
};

/// A claim about every state: for all ids of `keys`, all of `holds` or all of `unless` (language reference, 3.8). A reference's keys are
/// found in `keys`, as a transition's are in its subject.
struct TypedInvariant {
  RuleText words;
  SourceRange where;
  std::vector<Index> keys;           ///< many-entities that it mentions, ascending, at most kKeysMax
  std::vector<Condition> holds;      ///< one or more
  std::vector<Condition> unless;     ///< empty: it claims `holds` always
  bool operator==(const TypedInvariant&) const = default;
};

/// A bucket, external, account, fact subject or mode subject with ids filled in, as people write it: "Client.margin of alice, p1".
struct NamedInstance { Index target = kNone; std::vector<std::string> ids; bool operator==(const NamedInstance&) const = default; };
struct NamedApproval { std::string person; Mask roles = 0; bool operator==(const NamedApproval&) const = default; };

struct ScenarioTransfer {
  Index purpose = kNone, asset = kNone;
  Int128 amount = 0;
  NamedInstance from, to;
};
enum class StepKind : std::uint8_t { Holds, SetMode, SetFact, SetTime, Transfer, Transition, Together };
struct ScenarioStep {
  StepKind kind = StepKind::Transfer;
  std::uint32_t line = 0;
  NamedInstance instance;            ///< Holds: bucket; SetMode, Transition: machine; SetFact: fact
  Index asset = kNone; Int128 value = 0;   ///< Holds, SetFact
  Index mode = kNone;                ///< SetMode, Transition
  std::int64_t time_ms = 0;          ///< SetTime
  ScenarioTransfer transfer;         ///< Transfer
  std::string person; Index role = kNone;  ///< Transfer, Transition: who starts it
  std::vector<NamedApproval> approvals;
  Mask evidence = 0;
  std::vector<ScenarioStep> legs;    ///< Together: transfers linked in one batch; `expected` is the batch's
  bool expect_allowed = false;
  std::string expect_reason;         ///< a word of runtime/reasons.def, or empty for any denial
};
struct Scenario { std::string name; std::uint32_t line = 0; std::vector<ScenarioStep> steps; bool apart = false; };   ///< apart: no change of mode comes with a transfer (11.1)

struct TypedPolicy {
  Vocabulary vocabulary;
  std::vector<TypedRule> rules;      ///< in text order
  std::vector<TypedFloor> floors;
  std::vector<TypedLimit> limits;
  std::vector<TypedTransition> transitions;
  std::vector<TypedInvariant> invariants;
  std::vector<Scenario> scenarios;
  std::string source_digest;         ///< SHA-256 of the policy text, and a NUL and the text of each file that it names, 64 hex digits
};

/// Text dump, one statement a line, deterministic.
std::string dump(const TypedPolicy&);

}  // namespace ringfence
