// SPDX-License-Identifier: Apache-2.0
// Warnings: what compiles, but is probably not what was meant. Only for a policy without errors, so that nothing here is a consequence
// of something reported already.
#include <fmt/core.h>

#include "compiler/check_parts.h"

namespace ringfence::checking {
namespace {

/// W0501: declared and never used.
template <class Named>
void unused_names(State& state, Kind kind, const std::vector<Named>& declared) {
  for (const Named& item : declared) {
    const Symbol* symbol = state.lookup(kind, item.name);
    if (!symbol->used) state.warn("W0501", symbol->range, fmt::format("the {} `{}` is never used", noun(kind), item.name), "remove it, or use it in a rule");
  }
}

/// W0501 for assets: a rule without `of` is of every asset, which uses none of them in particular.
void unmoved_assets(State& state) {
  const Vocabulary& v = state.policy.vocabulary;
  std::vector<bool> moved(v.assets.size(), false);
  for (const TypedRule& rule : state.policy.rules)
    if (rule.effect == Effect::Allow) for (const Index asset : rule.assets) moved[asset] = true;
  for (Index i = 0; i < v.assets.size(); ++i)
    if (!moved[i]) state.warn("W0501", state.lookup(Kind::Asset, v.assets[i].name)->range, fmt::format("no allow rule moves the asset `{}`", v.assets[i].name), "remove it, or write a rule for it");
}

/// W0502: a mode that nothing leads to.
void unreached_modes(State& state) {
  std::vector<Mask> reached(state.policy.vocabulary.machines.size(), 1);
  for (const TypedTransition& transition : state.policy.transitions) reached[transition.machine] |= Mask{1} << transition.to_mode;
  std::size_t declaration = 0;
  for (const StatementNode& node : state.ast.statements) {
    const auto* decl = std::get_if<ModeDecl>(&node.statement);
    if (decl == nullptr) continue;
    const Mask known = reached[state.machine_of_declaration[declaration++]];
    for (std::size_t i = 0; i < decl->modes.names.size(); ++i) {
      if ((known >> i & 1) != 0) continue;
      state.warn("W0502", decl->modes.names[i].range, fmt::format("no transition leads to the mode `{}`", decl->modes.names[i].text), "write a transition to it, or remove it");
    }
  }
}

/// W0503: a `many` entity whose members hold money that no fence speaks of.
void unfenced_entities(State& state) {
  const Vocabulary& v = state.policy.vocabulary;
  std::vector<bool> holds(v.entities.size(), false), fenced(v.entities.size(), false);
  for (const Bucket& bucket : v.buckets)
    if (!bucket.external) for (const Index key : bucket.keys) holds[key] = true;
  for (const Fence& fence : v.fences) {
    if (fence.kind == FenceKind::Each) fenced[fence.entity] = true;
    for (const std::vector<Index>* side : {&fence.left, &fence.right})
      for (const Index bucket : *side) for (const Index key : v.buckets[bucket].keys) fenced[key] = true;
  }
  for (Index i = 0; i < v.entities.size(); ++i) {
    if (!holds[i] || fenced[i]) continue;
    const Symbol* symbol = state.lookup(Kind::Entity, v.entities[i].name);
    state.warn("W0503", symbol->range, fmt::format("no fence speaks of `{}`, so nothing is proved about its buckets", v.entities[i].name), fmt::format("write `segregate each {}`", v.entities[i].name));
  }
}

/// W0504: a bucket that no allow rule moves money into or out of, and no bucket of its account takes money from by overdrawing.
void idle_buckets(State& state) {
  const Vocabulary& v = state.policy.vocabulary;
  std::vector<bool> moved(v.buckets.size(), false);
  for (const TypedRule& rule : state.policy.rules) {
    if (rule.effect != Effect::Allow) continue;
    for (const Pair& pair : rule.pairs) {
      moved[pair.from] = moved[pair.to] = true;
      if (!v.buckets[pair.from].may_overdraw) continue;
      for (Index i = 0; i < v.buckets.size(); ++i)
        if (v.buckets[i].account == v.buckets[pair.from].account) moved[i] = true;
    }
  }
  for (Index i = 0; i < v.buckets.size(); ++i) {
    if (moved[i]) continue;
    state.warn("W0504", state.lookup(Kind::Place, v.buckets[i].name)->range, fmt::format("no allow rule moves money to or from `{}`", v.buckets[i].name), "remove it, or write a rule for it");
  }
}

}  // namespace

void lint(State& state) {
  const Vocabulary& v = state.policy.vocabulary;
  unused_names(state, Kind::Role, v.roles);
  unused_names(state, Kind::Purpose, v.purposes);
  unused_names(state, Kind::Evidence, v.evidence);
  unused_names(state, Kind::Account, v.accounts);
  unused_names(state, Kind::Fact, v.facts);
  unused_names(state, Kind::Calendar, state.calendars);
  unmoved_assets(state);
  unreached_modes(state);
  unfenced_entities(state);
  idle_buckets(state);
}

}  // namespace ringfence::checking
