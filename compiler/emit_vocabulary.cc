// SPDX-License-Identifier: Apache-2.0
// The part of `emit` that writes declarations, fences, statements and limits: one record each, in their order, so that an index
// means the same in the moves and in the table.
#include "compiler/emit_parts.h"

namespace ringfence {
namespace {

using namespace format;

template <class Enum>
std::uint32_t number_of(Enum value) { return static_cast<std::uint32_t>(value); }
std::uint8_t flag_of(bool value) { return value ? 1 : 0; }

SubjectRecord subject_record(const Subject& subject, Pools& pools) { return {number_of(subject.kind), subject.index, pools.list_ref(subject.keys)}; }

void emit_places(const Vocabulary& vocabulary, Draft& draft, Pools& pools) {
  for (const Account& account : vocabulary.accounts)
    draft.accounts.push_back({pools.text_ref(account.name), pools.text_ref(account.text), account.owner, pools.list_ref(account.keys)});
  for (const Bucket& bucket : vocabulary.buckets)
    draft.buckets.push_back({pools.text_ref(bucket.name), pools.text_ref(bucket.text), bucket.owner, pools.list_ref(bucket.keys), bucket.account,
                             flag_of(bucket.external), flag_of(bucket.may_overdraw), 0});
}

void emit_facts_and_modes(const Vocabulary& vocabulary, Draft& draft, Pools& pools) {
  for (const Fact& fact : vocabulary.facts)
    draft.facts.push_back({fact.min, fact.max, fact.fresh_within_ms, pools.text_ref(fact.name), pools.text_ref(fact.text),
                           subject_record(fact.subject, pools), number_of(fact.type), fact.asset});
  for (const ModeMachine& machine : vocabulary.machines) {
    draft.machines.push_back({subject_record(machine.subject, pools), static_cast<std::uint32_t>(draft.modes.size()), static_cast<std::uint32_t>(machine.modes.size())});
    for (const std::string& mode : machine.modes) draft.modes.push_back({pools.text_ref(mode)});
  }
}

void emit_schedules(const Vocabulary& vocabulary, Draft& draft, Pools& pools) {
  for (const Schedule& schedule : vocabulary.schedules) {
    draft.schedules.push_back({schedule.first_ms, pools.text_ref(schedule.name), static_cast<std::uint32_t>(draft.business_days.size()), static_cast<std::uint32_t>(schedule.days.size())});
    for (const BusinessDay& day : schedule.days) draft.business_days.push_back({day.start_ms, day.cut_off_ms});
  }
}

void emit_statements(const Moves& moves, Draft& draft, Pools& pools) {
  for (const Statement& statement : moves.statements) {
    const RuleText& words = statement.words;
    draft.statements.push_back({words.notify, pools.text_ref(words.text), pools.text_ref(words.cite), pools.text_ref(words.because),
                                number_of(statement.kind), words.line});
  }
  for (const LimitWindow& limit : moves.limits) draft.limits.push_back({limit.window_ms, limit.statement, limit.asset, pools.list_ref(limit.per)});
}

}  // namespace

void emit_vocabulary(const Moves& moves, Draft& draft, Pools& pools) {
  const Vocabulary& vocabulary = moves.vocabulary;
  for (const Asset& asset : vocabulary.assets) draft.assets.push_back({pools.text_ref(asset.name), pools.text_ref(asset.text), asset.decimals});
  for (const Role& role : vocabulary.roles) draft.roles.push_back({pools.text_ref(role.name)});
  for (const Purpose& purpose : vocabulary.purposes) draft.purposes.push_back({pools.text_ref(purpose.name)});
  for (const Evidence& evidence : vocabulary.evidence) draft.evidence.push_back({pools.text_ref(evidence.name)});
  for (const Entity& entity : vocabulary.entities) draft.entities.push_back({pools.text_ref(entity.name), flag_of(entity.many)});
  emit_places(vocabulary, draft, pools);
  emit_facts_and_modes(vocabulary, draft, pools);
  emit_schedules(vocabulary, draft, pools);
  for (const Fence& fence : vocabulary.fences)
    draft.fences.push_back({pools.text_ref(fence.text), pools.text_ref(fence.cite), pools.list_ref(fence.left), pools.list_ref(fence.right),
                            pools.list_ref(fence.within), number_of(fence.kind), fence.entity, flag_of(fence.in_custody), fence.line});
  emit_statements(moves, draft, pools);
}

}  // namespace ringfence
