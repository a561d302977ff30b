// SPDX-License-Identifier: Apache-2.0
// The syntax tree: what the text says, in its own words and order, every node with the range of bytes that it was read from.
// Nothing is resolved: a name is a string. Only `parse` makes one. The comment beside each node shows its text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostic.h"
#include "compiler/typed_policy.h"   // Match, Comparator, Effect: enumerations that mean the same here

namespace ringfence {

struct NameAst   { std::string text; SourceRange range; };                   // wallet
struct TextAst   { std::string text; SourceRange range; };                   // "excess margin only", without quotes, unescaped
struct NumberAst { std::string text; bool percent = false; SourceRange range; };  // 1_000.5   25% (text without the %)
/// 2.5 USDC   0   25%   30 d   2026-01-05T09:30:00Z (then `instant`, and number.text is all of it)
struct AmountAst { NumberAst number; std::optional<NameAst> unit; bool negative = false; SourceRange range; bool instant = false; };
struct DurationAst { NumberAst number; std::string unit; SourceRange range; };    // 10 s
struct NamesAst  { bool all = false; std::vector<NameAst> names; SourceRange range; };  // a, b   anyone   any purpose

// ---- patterns and references

struct KeyAst { Match match = Match::Same; NameAst entity; bool summed = false; };   // Position   other Position   any Position
/// Client.margin[other Position]   other Client.*   *   Client
struct PatternAst {
  bool everything = false;                    // *
  Match match = Match::Same;                  // of the owner
  std::optional<NameAst> owner;
  bool all_of_owner = false;                  // Client.*
  std::optional<NameAst> bucket;              // absent for a bare entity
  bool brackets = false;
  std::vector<KeyAst> keys;
  SourceRange range;
};
/// What a quantity, fact or mode is of: from, to, system, a pattern, or nothing.
struct ReferenceAst {
  enum class Kind : std::uint8_t { None, From, To, System, Pattern } kind = Kind::None;
  PatternAst pattern;                         // `any` keys mean "summed over"
  SourceRange range;
};

// ---- expressions and guards

struct ExprAst;
struct ExprAst {
  enum class Kind : std::uint8_t {
    Literal,        // 100 USDC   3   25%   30 d   2026-01-05T09:30:00Z
    Amount,         // amount
    Now,            // now
    Balance,        // balance(from)   balance after(Client.wallet in USDC)
    Total,          // total(any Client.wallet)
    Fact,           // maintenance   maintenance(from)
    Negate, Add, Subtract, Multiply,   // Multiply also for `25% of x`
  } kind = Kind::Literal;
  AmountAst literal;
  bool after = false;
  ReferenceAst reference;                     // Balance, Total, Fact
  NameAst fact;
  std::optional<NameAst> asset;               // in USDC
  std::vector<ExprAst> operands;
  SourceRange range;
};
struct GuardAst {
  enum class Kind : std::uint8_t { And, Or, Not, Compare, Flag, Mode, Approved, Evidence, Time } kind = Kind::And;
  std::vector<GuardAst> parts;
  ExprAst left, right;
  Comparator comparator = Comparator::LessEqual;
  NameAst flag;
  ReferenceAst reference;                     // Flag, Mode
  NamesAst names;                             // Mode: modes; Approved: roles; Evidence: kinds
  bool negated = false;                       // mode is not m
  std::optional<NumberAst> count;             // Approved
  TextAst start, end;                         // Time: "08:00"
  SourceRange range;
};

/// What may follow a rule, floor, limit or transition, in any order.
struct ClausesAst {
  bool passing_title = false;
  SourceRange passing_title_range;
  /// `when`; `requires evidence` as an Evidence guard; `entering` as a Mode guard
  struct ConditionAst { bool requires_evidence = false; GuardAst guard; bool entering = false; };
  std::vector<ConditionAst> conditions;       // in written order; a `when A and B` is still one here
  std::vector<GuardAst> unless;
  struct BringsAst { bool before = false; ReferenceAst reference; NameAst mode; SourceRange range; };
  std::vector<BringsAst> brings;              // entering lent of Client (before; among the conditions, too)   then clear of Client
  std::vector<TextAst> cite, because;         // more than one of each is an error that check reports
  std::vector<NamesAst> notify;
};

// ---- statements

struct AssetDecl    { NameAst name; NumberAst decimals; std::optional<TextAst> text; };
struct NamesDecl    { enum class Kind : std::uint8_t { Role, Purpose, Evidence } kind; NamesAst names; };
struct EntityDecl   { NameAst name; bool many = false; };
struct BucketDecl   { enum class Kind : std::uint8_t { Bucket, External, Account } kind; PatternAst place; std::optional<PatternAst> account;
                      bool may_overdraw = false; std::optional<TextAst> text; };
struct FactDecl     { NameAst name; ReferenceAst subject; FactType type; std::optional<NameAst> asset; std::optional<AmountAst> min, max;
                      std::optional<DurationAst> fresh_within; std::optional<TextAst> text; };
struct TransitionAst{ bool from_any = false; std::optional<NameAst> from; NameAst to; NamesAst roles; ClausesAst clauses; SourceRange range; };
/// by 18:00 on the same business day of NewYork: business_day 0; on the next: 1; on business day 3: that number
struct CutOffAst    { TextAst time; std::optional<NumberAst> business_day; bool next = false; NameAst calendar; SourceRange range; };
/// called must end within 24 h, else defaulted; or by a cut-off
struct DeadlineAst  { NameAst mode; std::variant<DurationAst, CutOffAst> when; NameAst otherwise; ClausesAst clauses; SourceRange range; };
/// calendar NewYork in "America/New_York" closed saturday, sunday holidays "us.txt" from 2026 to 2030
struct CalendarDecl { NameAst name; TextAst zone; NamesAst closed; std::optional<TextAst> holidays; NumberAst first_year, last_year; };
using ModeStepAst = std::variant<TransitionAst, DeadlineAst>;
struct ModeDecl     { ReferenceAst subject; NamesAst modes; std::vector<ModeStepAst> steps; /* in text order */ };
struct FenceDecl    { bool each = false; NameAst entity; std::vector<PatternAst> left, right; bool in_custody = false; std::vector<TextAst> cite; };
                      // each: `left` is what `in` names, empty when it is not written
struct RuleDecl     { Effect effect; NamesAst purposes; PatternAst from, to; std::optional<NamesAst> assets; std::optional<NamesAst> roles; ClausesAst clauses; };
struct FloorDecl    { PatternAst bucket; ExprAst minimum; std::optional<NamesAst> assets; ClausesAst clauses; };
struct LimitDecl    { NamesAst purposes; std::optional<PatternAst> from, to; std::vector<NameAst> per; ExprAst cap;
                      std::optional<DurationAst> window; /* absent: per day */ ClausesAst clauses; };

struct InvariantDecl{ GuardAst holds; ClausesAst clauses; };

struct InstanceAst  { PatternAst place; std::vector<TextAst> ids; SourceRange range; };   // Client.margin of alice, p1   system
struct ApprovalAst  { NameAst person; NamesAst roles; };
struct StepAst {
  StepKind kind = StepKind::Transfer;
  NameAst name;                               // Transfer: purpose; SetFact: fact; SetMode, Transition: mode
  InstanceAst instance;                       // Holds, SetMode, Transition; SetFact: ids only
  InstanceAst from, to;
  AmountAst amount; bool flag_value = false; bool is_flag = false;   // SetFact: `= true`
  TextAst time;
  std::optional<TextAst> person; NameAst role;
  std::vector<ApprovalAst> approvals;
  NamesAst evidence;
  std::vector<StepAst> legs;
  bool expect_allowed = false; bool has_expectation = false; std::optional<NameAst> reason;
  SourceRange range;
};
struct ScenarioDecl { TextAst name; std::vector<StepAst> steps; bool apart = false; };

using StatementAst = std::variant<AssetDecl, NamesDecl, EntityDecl, BucketDecl, FactDecl, ModeDecl, CalendarDecl, FenceDecl, RuleDecl, FloorDecl, LimitDecl, InvariantDecl, ScenarioDecl>;
struct StatementNode { StatementAst statement; SourceRange range; };

struct PolicyAst {
  TextAst name, version; std::optional<TextAst> cite; SourceRange range;
  std::vector<StatementNode> statements;      // in text order
};

/// Text dump, one node a line, indented by depth, deterministic.
std::string dump(const PolicyAst&);

}  // namespace ringfence
