// SPDX-License-Identifier: Apache-2.0
// Trees of the grammar to nodes of the syntax tree. What the grammar can't tell is reported here: escapes, lengths, a condition
// where a value is needed or the other way round.
#pragma once

#include <optional>

#include "compiler/ast.h"
#include "compiler/parse_tree.h"

namespace ringfence {

class Builder {
 public:
  Builder(std::string_view source, const Limits& limits, DiagnosticSink& sink) : source_(source), limits_(limits), sink_(sink) {}

  void policy(Grammar::PolicyContext*, PolicyAst&);
  StatementAst statement(Grammar::StatementContext*);
  ScenarioDecl scenario(Grammar::ScenarioNameContext*);
  StepAst step(Grammar::StepContext*);

 private:
  // words
  NameAst name(antlr4::ParserRuleContext*);
  NameAst id_name(antlr4::tree::TerminalNode*);
  TextAst id(antlr4::tree::TerminalNode*);
  TextAst text(antlr4::tree::TerminalNode*);
  TextAst verbatim(antlr4::tree::TerminalNode*);
  std::optional<TextAst> optional_text(antlr4::tree::TerminalNode*);
  NamesAst names(Grammar::NameListContext*);
  NamesAst whatever(Grammar::WhateverContext*);
  NamesAst whoever(Grammar::WhoeverContext*);
  NumberAst number(antlr4::tree::TerminalNode*, bool percent = false);
  AmountAst literal(Grammar::LiteralContext*);
  AmountAst bound(Grammar::BoundContext*);
  DurationAst duration(Grammar::DurationContext*);
  // places
  PatternAst place(Grammar::PlaceContext*);
  PatternAst subject_place(Grammar::SubjectContext*);
  ReferenceAst subject(Grammar::SubjectContext*);
  PatternAst pattern(Grammar::PatternContext*);
  KeyAst key(Grammar::KeyContext*);
  std::vector<PatternAst> side(Grammar::SideContext*);
  ReferenceAst reference(Grammar::ReferenceContext*);
  // guards and values
  GuardAst guard(Grammar::GuardContext*);
  GuardAst both(Grammar::BothContext*);
  GuardAst negation(Grammar::NegationContext*);
  GuardAst test(Grammar::TestContext*);
  GuardAst mode_test(Grammar::TestContext*);
  GuardAst comparison(Grammar::TestContext*);
  GuardAst bare(Grammar::SumContext*);
  ExprAst sum(Grammar::SumContext*);
  ExprAst product(Grammar::ProductContext*);
  ExprAst factor(Grammar::FactorContext*);
  ExprAst primary(Grammar::PrimaryContext*);
  ExprAst balance_or_total(Grammar::PrimaryContext*);
  ExprAst group_value(Grammar::GroupContext*);
  // statements
  AssetDecl asset(Grammar::AssetContext*);
  BucketDecl bucket(Grammar::BucketContext*);
  FactDecl fact(Grammar::FactContext*);
  ModeDecl machine(Grammar::MachineContext*);
  TransitionAst transition(Grammar::TransitionContext*);
  DeadlineAst deadline(Grammar::DeadlineContext*);
  CalendarDecl calendar(Grammar::CalendarContext*);
  FenceDecl fence(Grammar::FenceContext*);
  RuleDecl allow(Grammar::AllowContext*);
  RuleDecl deny(Grammar::DenyContext*);
  FloorDecl floor(Grammar::FloorRuleContext*);
  LimitDecl limit(Grammar::LimitRuleContext*);
  ClausesAst clauses(const std::vector<Grammar::ClauseContext*>&);
  ClausesAst::BringsAst brings(Grammar::ClauseContext*);
  void clause(Grammar::ClauseContext*, ClausesAst&);
  // scenarios
  StepAst transfer(Grammar::TransferContext*);
  InstanceAst instance(Grammar::InstanceContext*);
  void ids(Grammar::IdsContext*, InstanceAst&);
  void starter(Grammar::StarterContext*, StepAst&);
  void expectation(Grammar::ExpectationContext*, StepAst&);

  std::string_view source_;
  const Limits& limits_;
  DiagnosticSink& sink_;
};

}  // namespace ringfence
