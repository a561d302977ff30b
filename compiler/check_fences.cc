// SPDX-License-Identifier: Apache-2.0
// Fences: the buckets of each side, and whether the fence speaks of anything. Language reference, section 3.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/check_parts.h"

namespace ringfence::checking {
namespace {

/// Adds the buckets of one item of a side. False after a diagnostic. `key`: when not kNone, each must be keyed by it; of a wildcard only
/// those that are count.
bool add_side(State& state, const PatternAst& pattern, Index key, std::vector<Index>& out) {
  const Vocabulary& v = state.policy.vocabulary;
  if (pattern.everything) {
    state.error("E0220", pattern.range, "a side of a fence names entities or buckets; `*` would be everything", "write the entity");
    return false;
  }
  if (pattern.bucket) {
    const auto bucket = one_bucket(state, pattern, "a fence");
    if (!bucket) return false;
    if (key != kNone && key_position(v.buckets[*bucket].keys, key) == kNone) {
      state.error("E0218", pattern.range, fmt::format("`{}` is not keyed by `{}`, so it can't tell one from another", v.buckets[*bucket].name, v.entities[key].name));
      return false;
    }
    out.push_back(*bucket);
    return true;
  }
  if (!no_words(state, pattern, "a fence")) return false;
  const auto entity = state.find(Kind::Entity, *pattern.owner);
  if (!entity) return false;
  for (const Index bucket : state.owned[*entity])
    if (key == kNone || key_position(v.buckets[bucket].keys, key) != kNone) out.push_back(bucket);
  if (!state.owned[*entity].empty()) return true;
  state.error("E0218", pattern.range, fmt::format("`{}` owns no bucket and no external, so this fence speaks of nothing", v.entities[*entity].name),
              "name the entity or the buckets that hold the money");
  return false;
}

bool add_sides(State& state, const std::vector<PatternAst>& patterns, Index key, std::vector<Index>& out) {
  bool good = true;
  for (const PatternAst& pattern : patterns) good = add_side(state, pattern, key, out) && good;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return good;
}

bool check_between(State& state, const FenceDecl& decl, SourceRange range, Fence& fence) {
  const bool left = add_sides(state, decl.left, kNone, fence.left), right = add_sides(state, decl.right, kNone, fence.right);
  if (!left || !right) return false;
  std::vector<Index> both;
  std::set_intersection(fence.left.begin(), fence.left.end(), fence.right.begin(), fence.right.end(), std::back_inserter(both));
  if (both.empty()) return true;
  state.error("E0217", range, fmt::format("`{}` is on both sides of this fence", state.policy.vocabulary.buckets[both.front()].name), "a bucket can't be kept apart from itself: leave it out on one side");
  return false;
}

/// Vocabulary, Fence::within: without `in`, all that have the key; in custody all buckets whatever their keys.
void default_within(const Vocabulary& v, Fence& fence) {
  for (Index i = 0; i < v.buckets.size(); ++i) {
    const bool keyed = key_position(v.buckets[i].keys, fence.entity) != kNone;
    if (fence.in_custody ? !v.buckets[i].external : keyed) fence.within.push_back(i);
  }
}

bool check_each(State& state, const FenceDecl& decl, SourceRange range, Fence& fence) {
  const Vocabulary& v = state.policy.vocabulary;
  const auto entity = state.find(Kind::Entity, decl.entity);
  if (!entity) return false;
  fence.entity = *entity;
  if (!v.entities[*entity].many) {
    state.error("E0219", decl.entity.range, fmt::format("there is only one `{}`, so there is nothing to keep apart", decl.entity.text),
                fmt::format("write `segregate {} from ...`, or declare it `entity {} many`", decl.entity.text, decl.entity.text));
    return false;
  }
  if (decl.left.empty()) default_within(v, fence);
  // In custody a pooled bucket mixes members whatever its own keys are, so a side may name it.
  else if (!add_sides(state, decl.left, decl.in_custody ? kNone : *entity, fence.within)) return false;
  const bool keyed = std::any_of(v.buckets.begin(), v.buckets.end(), [&](const Bucket& b) { return key_position(b.keys, *entity) != kNone; });
  const bool inside = std::any_of(fence.within.begin(), fence.within.end(), [&](Index i) { return !fence.in_custody || !v.buckets[i].external; });
  if (keyed && inside) return true;
  state.error("E0218", range, fmt::format("this fence speaks of nothing: no bucket {}is keyed by `{}`", decl.left.empty() ? "" : "there ", decl.entity.text),
              "name the entity whose members have buckets of their own");
  return false;
}

/// The statement up to its citation, on one line.
std::string text_of(const State& state, const FenceDecl& decl, SourceRange range) {
  if (decl.cite.empty()) return state.folded(range);
  std::string text = state.folded({range.begin, decl.cite.front().range.begin});
  const std::string word = " cite";
  if (text.size() > word.size() && text.compare(text.size() - word.size(), word.size(), word) == 0) text.resize(text.size() - word.size());
  return text;
}

void check_fence(State& state, const FenceDecl& decl, SourceRange range) {
  Fence fence;
  fence.kind = decl.each ? FenceKind::Each : FenceKind::Between;
  fence.in_custody = decl.in_custody;
  fence.line = state.line_of(range.begin);
  fence.text = text_of(state, decl, range);
  if (decl.cite.size() > 1) state.error("E0309", decl.cite[1].range, "`cite` stands here twice", "join the two texts");
  if (!decl.cite.empty()) fence.cite = decl.cite.front().text;
  const bool good = decl.each ? check_each(state, decl, range, fence) : check_between(state, decl, range, fence);
  if (good) state.policy.vocabulary.fences.push_back(std::move(fence));
}

}  // namespace

void check_fences(State& state) {
  for (const StatementNode& node : state.ast.statements)
    if (const auto* decl = std::get_if<FenceDecl>(&node.statement)) check_fence(state, *decl, node.range);
}

}  // namespace ringfence::checking
