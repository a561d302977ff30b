// SPDX-License-Identifier: Apache-2.0
// Scenarios: trees of the grammar to steps. Language reference, section 11.
#include "compiler/parse_build.h"

namespace ringfence {

ScenarioDecl Builder::scenario(Grammar::ScenarioNameContext* context) { return {text(context->TEXT()), {}, context->APART() != nullptr}; }

StepAst Builder::step(Grammar::StepContext* context) {
  StepAst read;
  if (context->transfer().size() == 1 && context->TOGETHER() == nullptr) read = transfer(context->transfer(0));
  read.range = range_of(context);
  if (context->GIVEN() != nullptr) {
    read.kind = context->MODE() != nullptr ? StepKind::SetMode : StepKind::Holds;
    read.instance = instance(context->instance());
    if (context->name() != nullptr) read.name = name(context->name());
    if (context->bound() != nullptr) read.amount = bound(context->bound());
  } else if (context->WITH() != nullptr) {
    read.kind = StepKind::SetFact;
    read.name = name(context->name());
    if (context->ids() != nullptr) ids(context->ids(), read.instance);
    read.is_flag = context->bound() == nullptr;
    read.flag_value = context->TRUE_WORD() != nullptr;
    if (!read.is_flag) read.amount = bound(context->bound());
  } else if (context->AT() != nullptr) {
    read.kind = StepKind::SetTime;
    read.time = verbatim(context->INSTANT());
  } else if (context->CHANGE() != nullptr) {
    read.kind = StepKind::Transition;
    read.instance = instance(context->instance());
    read.name = name(context->name());
    starter(context->starter(), read);
  } else if (context->TOGETHER() != nullptr) {
    read.kind = StepKind::Together;
    for (auto* one : context->transfer()) read.legs.push_back(transfer(one));
  }
  if (context->expectation() != nullptr) expectation(context->expectation(), read);
  return read;
}

StepAst Builder::transfer(Grammar::TransferContext* context) {
  StepAst read;
  read.kind = StepKind::Transfer;
  read.range = range_of(context);
  read.name = name(context->name());
  read.amount = bound(context->bound());
  read.from = instance(context->instance(0));
  read.to = instance(context->instance(1));
  starter(context->starter(), read);
  return read;
}

InstanceAst Builder::instance(Grammar::InstanceContext* context) {
  InstanceAst read{subject_place(context->subject()), {}, range_of(context)};
  if (context->ids() != nullptr) ids(context->ids(), read);
  read.range = range_of(context);
  return read;
}

void Builder::ids(Grammar::IdsContext* context, InstanceAst& read) {
  read.range = range_of(context);
  for (auto* one : context->ID()) read.ids.push_back(id(one));
}

void Builder::starter(Grammar::StarterContext* context, StepAst& read) {
  if (context->name() != nullptr) {
    read.person = id(context->ID());
    read.role = name(context->name());
  } else {
    read.role = id_name(context->ID());
  }
  for (auto* one : context->approval()) {
    ApprovalAst approval{id_name(one->ID()), {}};
    for (auto* role : one->name()) approval.roles.names.push_back(name(role));
    approval.roles.range = {approval.roles.names.front().range.begin, approval.roles.names.back().range.end};
    read.approvals.push_back(std::move(approval));
  }
  for (auto* list : context->nameList()) {
    const NamesAst shown = names(list);
    if (read.evidence.names.empty()) read.evidence.range.begin = shown.range.begin;
    read.evidence.range.end = shown.range.end;
    read.evidence.names.insert(read.evidence.names.end(), shown.names.begin(), shown.names.end());
  }
}

void Builder::expectation(Grammar::ExpectationContext* context, StepAst& read) {
  read.has_expectation = true;
  read.expect_allowed = context->ALLOWED() != nullptr;
  if (context->ID() != nullptr) read.reason = id_name(context->ID());
}

}  // namespace ringfence
