// SPDX-License-Identifier: Apache-2.0
// What a policy permits, with nothing left to expand or resolve: one row per (from, to, relation, purpose, asset) and set of
// roles, with the guards that apply there as integer programs over numbered slots. `lower` makes it from a typed policy,
// `emit` lays it out as a rule table, `decode` makes it again from a table: decode(emit(moves)) == moves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/typed_policy.h"
#include "compiler/vocabulary.h"

namespace ringfence {

/// Bit i is set when the ids on the i-th of shared_keys(from, to) differ, clear when they are equal.
using Relation = std::uint8_t;

/// Where one id of a slot's instance comes from: key i of the source, key i of the destination, or all ids (a sum).
struct KeySource {
  enum class From : std::uint8_t { Source, Destination, Summed } from = From::Source;
  std::uint8_t position = 0;
  bool operator==(const KeySource&) const = default;
};

/// One value that the guards of a move read. Canonical: where the relation makes two ids equal, the source's is named; a total
/// with no summed key is a balance; so two different slots of one move are two different values. Those that are not
/// is_supplied() are known from the transfer alone; the rest the embedder or the gate supplies.
struct Slot {
  SlotKind kind = SlotKind::Amount;
  Index target = kNone;            ///< bucket, account, fact, machine, limit or evidence; kNone otherwise
  Index asset = kNone;             ///< Balance, BucketTotal, AccountTotal: never kNone. Used: the limit's asset
  Mask roles = 0;                  ///< Approvals
  std::vector<KeySource> keys;     ///< one per key of the target (Used: one per `per` entity)
  bool operator==(const Slot&) const = default;
};

struct Term { std::int64_t coefficient = 0; Index slot = kNone; bool operator==(const Term&) const = default; };

struct Test {
  TestKind kind = TestKind::AtLeastZero;
  std::vector<Term> terms;         ///< by slot, no slot twice, no zero coefficient
  Int128 constant = 0;
  Mask set = 0;
  bool operator==(const Test&) const = default;
};

/// A guard program: start at nodes[0]; each node tests and goes on to a later node or to an end. Cost: at most one visit a node.
inline constexpr Index kTrue = 0xFFFF'FFFEu, kFalse = 0xFFFF'FFFFu;
struct Node { Test test; Index if_true = kTrue, if_false = kFalse; bool operator==(const Node&) const = default; };
struct Clause {
  std::string text;                ///< the condition as written
  std::vector<Node> nodes;         ///< empty: true
  bool operator==(const Clause&) const = default;
};

/// A change of mode that the transfer brings with it (4.8): to `mode`, of the subject whose mode `slot` is. Before: `entering`. After: `then`.
struct Brings {
  bool before = false;
  Index slot = kNone;              ///< a Mode slot of the move
  Index mode = kNone;
  bool operator==(const Brings&) const = default;
};

/// One statement at work on one move: it holds when all of its clauses do. `statement` indexes Moves::statements.
struct Guarded {
  Index statement = kNone;
  bool passing_title = false;      ///< only for an allow
  std::vector<Clause> clauses;
  std::optional<Brings> brings{};  ///< only for an allow
  bool operator==(const Guarded&) const = default;
};

struct Move {
  Index from = kNone, to = kNone;
  Relation relation = 0;
  Index purpose = kNone, asset = kNone;
  Mask roles = 0;                  ///< never empty; two moves that agree on the five fields above have disjoint roles
  std::vector<Slot> slots;         ///< what the guards read, canonical order (by kind, target, asset, roles, keys), no slot twice
  std::vector<Guarded> allows;     ///< in text order; never empty
  std::vector<Guarded> denies;     ///< in text order
  std::vector<Guarded> floors;     ///< each must hold. Reads `balance(from)` as the balance after the move (of a batch: at its end), not before
  std::vector<Guarded> limits;     ///< each must hold; after an allowed move each one's window grows by the amount
  Index funds_slot = kNone;        ///< what must be >= amount: balance of the source, or its account's total when it may overdraw; kNone for an external
  Index account_slot = kNone;      ///< what must be >= amount too: the account's total, where pays_from_overdrawn; else kNone
  Index from_slot = kNone;         ///< balance of the source; kNone for an external
  Index to_slot = kNone;           ///< balance of the destination; kNone for an external
  bool operator==(const Move&) const = default;
};

/// Whether money leaves an account instance that another bucket than its source may overdraw, so that the account may hold less than the source says (8.6).
bool pays_from_overdrawn(const Vocabulary&, Index from, Index to, Relation);

/// A change of mode. One by the clock has a deadline, one mode that it leads out of, no roles, and reads nothing.
struct Transition {
  Index machine = kNone;
  Mask from_modes = 0;
  Index to_mode = kNone;
  Mask roles = 0;
  std::vector<Slot> slots;         ///< keys are all KeySource::Source: positions in the machine's subject keys
  Guarded guard;
  std::optional<Deadline> deadline;
  bool operator==(const Transition&) const = default;
};

/// A claim about every state, for all ids of its keys (language reference, 3.8). Printed: "invariant for each [Client,Position] ...".
struct Invariant {
  std::vector<Index> keys;         ///< many-entities, none twice
  std::vector<Slot> slots;         ///< Balance, BucketTotal, AccountTotal, Fact, Mode; keys are positions in `keys`, all KeySource::Source, or summed
  Guarded claim;
  bool operator==(const Invariant&) const = default;
};

struct Statement {
  StatementKind kind = StatementKind::Allow;
  RuleText words;
  bool operator==(const Statement&) const = default;
};

struct LimitWindow {
  Index statement = kNone;
  Index asset = kNone;
  std::vector<Index> per;
  std::int64_t window_ms = 0;      ///< 0: the calendar day in UTC
  bool operator==(const LimitWindow&) const = default;
};

struct Moves {
  Vocabulary vocabulary;
  std::vector<Statement> statements;   ///< rules, floors, limits, transitions, invariants, each group in text order
  std::vector<LimitWindow> limits;     ///< what Slot::target of a Used slot indexes
  std::vector<Move> moves;             ///< sorted by (from, to, relation, purpose, asset, lowest role)
  std::vector<Transition> transitions; ///< in text order
  std::vector<Invariant> invariants;   ///< in text order
  std::string source_digest;           ///< SHA-256 of the policy text, 64 hex digits
  bool operator==(const Moves&) const = default;
};

/// "balance(Client.margin[from.0,to.1]) in USDC", as in the comments above.
std::string print(const Vocabulary&, const Slot&);
/// Text dump, one move a paragraph, deterministic.
std::string dump(const Moves&);

}  // namespace ringfence
