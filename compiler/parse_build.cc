// SPDX-License-Identifier: Apache-2.0
// Statements: trees of the grammar to declarations, fences, rules, floors, limits, invariants. Language reference, sections 2 to 5. One function
// for one rule of the grammar; nothing is judged here.
#include "compiler/parse_build.h"

namespace ringfence {

void Builder::policy(Grammar::PolicyContext* context, PolicyAst& policy) {
  policy.range = range_of(context);
  policy.name = text(context->TEXT(0));
  policy.version = text(context->TEXT(1));
  policy.cite = optional_text(context->TEXT(2));
}

StatementAst Builder::statement(Grammar::StatementContext* context) {
  if (auto* it = context->asset()) return asset(it);
  if (auto* it = context->roles()) return NamesDecl{NamesDecl::Kind::Role, names(it->nameList())};
  if (auto* it = context->purposes()) return NamesDecl{NamesDecl::Kind::Purpose, names(it->nameList())};
  if (auto* it = context->evidences()) return NamesDecl{NamesDecl::Kind::Evidence, names(it->nameList())};
  if (auto* it = context->entity()) return EntityDecl{name(it->name()), it->MANY() != nullptr};
  if (auto* it = context->external()) return BucketDecl{BucketDecl::Kind::External, place(it->place()), {}, false, optional_text(it->TEXT())};
  if (auto* it = context->account()) return BucketDecl{BucketDecl::Kind::Account, place(it->place()), {}, false, optional_text(it->TEXT())};
  if (auto* it = context->bucket()) return bucket(it);
  if (auto* it = context->fact()) return fact(it);
  if (auto* it = context->machine()) return machine(it);
  if (auto* it = context->calendar()) return calendar(it);
  if (auto* it = context->fence()) return fence(it);
  if (auto* it = context->allow()) return allow(it);
  if (auto* it = context->deny()) return deny(it);
  if (auto* it = context->floorRule()) return floor(it);
  if (auto* it = context->limitRule()) return limit(it);
  return InvariantDecl{guard(context->invariant()->guard()), clauses(context->invariant()->clause())};
}

AssetDecl Builder::asset(Grammar::AssetContext* context) {
  return {name(context->name()), number(context->NUMBER()), optional_text(context->TEXT())};
}

BucketDecl Builder::bucket(Grammar::BucketContext* context) {
  BucketDecl read{BucketDecl::Kind::Bucket, place(context->place(0)), {}, context->OVERDRAW() != nullptr, optional_text(context->TEXT())};
  if (context->IN() != nullptr) read.account = place(context->place(1));
  return read;
}

FactDecl Builder::fact(Grammar::FactContext* context) {
  FactDecl read{name(context->name()), {}, FactType::Number, {}, {}, {}, {}, optional_text(context->TEXT())};
  if (context->subject() != nullptr) read.subject = subject(context->subject());
  auto* type = context->factType();
  if (type->AMOUNT() != nullptr) read.type = FactType::Amount, read.asset = name(type->name());
  if (type->RATIO() != nullptr) read.type = FactType::Ratio;
  if (type->FLAG() != nullptr) read.type = FactType::Flag;
  if (type->INSTANT_WORD() != nullptr) read.type = FactType::Instant;
  if (type->DURATION() != nullptr) read.type = FactType::Duration;
  if (context->FROM() != nullptr) read.min = bound(context->bound(0)), read.max = bound(context->bound(1));
  if (context->duration() != nullptr) read.fresh_within = duration(context->duration());
  return read;
}

ModeDecl Builder::machine(Grammar::MachineContext* context) {
  ModeDecl read{subject(context->subject()), names(context->nameList()), {}};
  for (antlr4::tree::ParseTree* child : context->children) {
    if (auto* one = dynamic_cast<Grammar::TransitionContext*>(child)) read.steps.push_back(transition(one));
    if (auto* one = dynamic_cast<Grammar::DeadlineContext*>(child)) read.steps.push_back(deadline(one));
  }
  return read;
}

DeadlineAst Builder::deadline(Grammar::DeadlineContext* context) {
  if (context->duration() != nullptr) return {name(context->name(0)), duration(context->duration()), name(context->name(1)), clauses(context->clause()), range_of(context)};
  CutOffAst cut_off{verbatim(context->TIME_OF_DAY()), {}, context->businessDay()->NEXT() != nullptr, name(context->name(1)), range_of(context->businessDay())};
  if (context->businessDay()->NUMBER() != nullptr) cut_off.business_day = number(context->businessDay()->NUMBER());
  return {name(context->name(0)), std::move(cut_off), name(context->name(2)), clauses(context->clause()), range_of(context)};
}

CalendarDecl Builder::calendar(Grammar::CalendarContext* context) {
  CalendarDecl read{name(context->name()), text(context->TEXT(0)), {}, {}, number(context->NUMBER(0)), number(context->NUMBER(1))};
  if (context->nameList() != nullptr) read.closed = names(context->nameList());
  if (context->HOLIDAYS() != nullptr) read.holidays = text(context->TEXT(1));
  return read;
}

TransitionAst Builder::transition(Grammar::TransitionContext* context) {
  TransitionAst read;
  read.range = range_of(context);
  read.from_any = context->ANY() != nullptr;
  if (!read.from_any) read.from = name(context->name(0));
  read.to = name(context->name(read.from_any ? 0 : 1));
  read.roles = whoever(context->whoever());
  read.clauses = clauses(context->clause());
  return read;
}

FenceDecl Builder::fence(Grammar::FenceContext* context) {
  FenceDecl read;
  read.each = context->EACH() != nullptr;
  read.in_custody = context->CUSTODY() != nullptr;
  if (read.each) read.entity = name(context->name());
  if (!context->side().empty()) read.left = side(context->side(0));
  if (!read.each) read.right = side(context->side(1));
  for (auto* one : context->TEXT()) read.cite.push_back(text(one));
  return read;
}

RuleDecl Builder::allow(Grammar::AllowContext* context) {
  RuleDecl read{Effect::Allow, whatever(context->whatever()), pattern(context->pattern(0)), pattern(context->pattern(1)), {}, {}, {}};
  if (context->nameList() != nullptr) read.assets = names(context->nameList());
  read.roles = whoever(context->whoever());
  read.clauses = clauses(context->clause());
  return read;
}

RuleDecl Builder::deny(Grammar::DenyContext* context) {
  RuleDecl read{Effect::Deny, whatever(context->whatever()), pattern(context->pattern(0)), pattern(context->pattern(1)), {}, {}, {}};
  if (context->nameList() != nullptr) read.assets = names(context->nameList());
  if (context->whoever() != nullptr) read.roles = whoever(context->whoever());
  read.clauses = clauses(context->clause());
  return read;
}

FloorDecl Builder::floor(Grammar::FloorRuleContext* context) {
  FloorDecl read{pattern(context->pattern()), sum(context->sum()), {}, {}};
  if (context->nameList() != nullptr) read.assets = names(context->nameList());
  read.clauses = clauses(context->clause());
  return read;
}

LimitDecl Builder::limit(Grammar::LimitRuleContext* context) {
  LimitDecl read{whatever(context->whatever()), {}, {}, {}, sum(context->sum()), {}, {}};
  if (!context->pattern().empty()) read.from = pattern(context->pattern(0)), read.to = pattern(context->pattern(1));
  if (context->nameList() != nullptr) read.per = names(context->nameList()).names;
  if (context->duration() != nullptr) read.window = duration(context->duration());
  read.clauses = clauses(context->clause());
  return read;
}

ClausesAst Builder::clauses(const std::vector<Grammar::ClauseContext*>& contexts) {
  ClausesAst read;
  for (auto* one : contexts) clause(one, read);
  return read;
}

ClausesAst::BringsAst Builder::brings(Grammar::ClauseContext* context) {
  ClausesAst::BringsAst read{context->ENTERING() != nullptr, {}, name(context->name()), range_of(context)};
  if (context->reference() != nullptr) read.reference = reference(context->reference());
  return read;
}

void Builder::clause(Grammar::ClauseContext* context, ClausesAst& read) {
  switch (context->start->getType()) {
    case Grammar::PASSING:
      read.passing_title = true;
      read.passing_title_range = range_of(context);
      break;
    case Grammar::WHEN: read.conditions.push_back({false, guard(context->guard()), false}); break;
    case Grammar::UNLESS: read.unless.push_back(guard(context->guard())); break;
    case Grammar::REQUIRES: {
      GuardAst evidence;
      evidence.kind = GuardAst::Kind::Evidence;
      evidence.names = names(context->nameList());
      evidence.range = {range_of(context->EVIDENCE()).begin, evidence.names.range.end};
      read.conditions.push_back({true, std::move(evidence), false});
      break;
    }
    case Grammar::ENTERING: {
      read.brings.push_back(brings(context));
      GuardAst condition;
      condition.kind = GuardAst::Kind::Mode;
      condition.reference = read.brings.back().reference;
      condition.names = {false, {read.brings.back().mode}, read.brings.back().mode.range};
      condition.range = range_of(context);
      read.conditions.push_back({false, std::move(condition), true});
      break;
    }
    case Grammar::THEN: read.brings.push_back(brings(context)); break;
    case Grammar::CITE: read.cite.push_back(text(context->TEXT())); break;
    case Grammar::BECAUSE: read.because.push_back(text(context->TEXT())); break;
    default: read.notify.push_back(names(context->nameList())); break;
  }
}

}  // namespace ringfence
