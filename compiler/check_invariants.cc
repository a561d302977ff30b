// SPDX-License-Identifier: Apache-2.0
// Invariants: language reference, 3.8. What one claims is typed like a condition, but read where nothing is transferred: its ids are
// those of any members of the entities that it mentions, the same member wherever one entity is mentioned twice.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/check_clauses.h"

namespace ringfence::checking {
namespace {

std::vector<Index> many_entities(const Vocabulary& v) {
  std::vector<Index> many;
  for (Index i = 0; i < v.entities.size(); ++i)
    if (v.entities[i].many) many.push_back(i);
  return many;
}

/// Keys of what is mentioned, but for those that a total sums over.
std::vector<Index> keys_of(const Vocabulary& v, const Scope::Mention& mention) {
  const Reference& reference = mention.quantity.reference;
  if (mention.is_mode) return v.machines[reference.target].subject.keys;
  switch (mention.quantity.kind) {
    case QuantityKind::Fact: return v.facts[reference.target].subject.keys;
    case QuantityKind::AccountTotal: return v.accounts[reference.target].keys;
    case QuantityKind::Balance: case QuantityKind::BucketTotal: break;
    case QuantityKind::Amount: case QuantityKind::TimeOfDay: case QuantityKind::Now: return {};
  }
  std::vector<Index> keys;
  const Bucket& bucket = v.buckets[reference.target];
  for (std::size_t i = 0; i < bucket.keys.size(); ++i)
    if (i >= reference.summed.size() || !reference.summed[i]) keys.push_back(bucket.keys[i]);
  return keys;
}

/// The entities whose members the claim is about. Nothing after a diagnostic.
std::optional<std::vector<Index>> mentioned_entities(State& state, const Scope& scope, SourceRange range) {
  std::vector<Index> keys;
  for (const Scope::Mention& mention : scope.mentions)
    for (const Index key : keys_of(state.policy.vocabulary, mention)) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.size() <= kKeysMax) return keys;
  state.error("E0209", range, fmt::format("an invariant speaks of the members of at most {} entities, this one of {}", kKeysMax, keys.size()), "sum over some with `total(any ...)`");
  return std::nullopt;
}

/// Whether a step could make a difference to it.
bool speaks_of_state(State& state, const Scope& scope, SourceRange range) {
  const auto moves = [](const Scope::Mention& mention) { return mention.is_mode || mention.quantity.kind != QuantityKind::Fact; };
  if (std::any_of(scope.mentions.begin(), scope.mentions.end(), moves)) return true;
  state.error("E0328", range, "this mentions no balance, no total and no mode, so no transfer and no change of mode makes a difference to it",
              "say what a balance, a total or a mode must be");
  return false;
}

std::string words_for(const State& state, const InvariantDecl& decl) {
  std::string text = "invariant " + state.folded(decl.holds.range);
  for (const GuardAst& unless : decl.clauses.unless) text += " unless " + state.folded(unless.range);
  return text;
}

void check_invariant(State& state, const InvariantDecl& decl, SourceRange range) {
  TypedInvariant invariant;
  invariant.where = range;
  invariant.words = words_of(state, decl.clauses, range);
  invariant.words.text = words_for(state, decl);
  refuse_clauses(state, decl.clauses, {.what = "an invariant", .moving = false, .when = false, .required = false, .unless = true});
  if (!decl.clauses.notify.empty()) state.error("E0310", decl.clauses.notify.front().range, "an invariant has no `notify`: it decides nothing", "notify by the rule that keeps it");
  Scope scope;
  scope.kind = Scope::Kind::Invariant;
  scope.subject.keys = many_entities(state.policy.vocabulary);
  const std::size_t errors = state.error_count();
  add_conditions(state, scope, decl.holds, invariant.holds);
  add_unless(state, scope, decl.clauses, invariant.unless);
  resolve_mentions(state, scope);
  if (state.error_count() != errors || invariant.holds.empty() || !speaks_of_state(state, scope, decl.holds.range)) return;
  auto keys = mentioned_entities(state, scope, decl.holds.range);
  if (!keys) return;
  invariant.keys = std::move(*keys);
  state.policy.invariants.push_back(std::move(invariant));
}

}  // namespace

void check_invariants(State& state) {
  for (const StatementNode& node : state.ast.statements)
    if (const auto* decl = std::get_if<InvariantDecl>(&node.statement)) check_invariant(state, *decl, node.range);
}

}  // namespace ringfence::checking
