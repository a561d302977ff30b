// SPDX-License-Identifier: Apache-2.0
// Rules, floors and limits: language reference, sections 4 and 5. Each is typed by itself; its patterns are expanded to pairs, and every
// reference of its conditions must have a meaning on each of them.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "compiler/check_clauses.h"
#include "compiler/check_patterns.h"

namespace ringfence::checking {
namespace {

std::vector<Index> assets_of(State& state, const std::optional<NamesAst>& written) {
  return state.find_all(Kind::Asset, written ? *written : NamesAst{true, {}, {}});
}

/// A deny without `by` is for anyone. The grammar asks every allow for `by`; a tree without it allows nobody.
Mask roles_of(State& state, const RuleDecl& decl) {
  if (decl.roles) return state.find_mask(Kind::Role, *decl.roles);
  return decl.effect == Effect::Allow ? 0 : state.find_mask(Kind::Role, NamesAst{true, {}, {}});
}

void check_rule(State& state, const RuleDecl& decl, SourceRange range) {
  TypedRule rule;
  rule.effect = decl.effect;
  rule.where = range;
  rule.purposes = state.find_all(Kind::Purpose, decl.purposes);
  rule.assets = assets_of(state, decl.assets);
  rule.roles = roles_of(state, decl);
  rule.passing_title = decl.clauses.passing_title;
  rule.words = words_of(state, decl.clauses, range);
  const bool allow = decl.effect == Effect::Allow;
  refuse_clauses(state, decl.clauses, {.what = allow ? "an allow rule" : "a deny rule", .moving = allow, .when = true, .required = allow, .unless = false});
  auto pairs = expand_pairs(state, decl.from, decl.to, allow);
  if (pairs) rule.pairs = std::move(*pairs);
  Scope scope;
  scope.kind = Scope::Kind::Rule;
  scope.pairs = &rule.pairs;
  scope.assets = rule.assets;
  add_clauses(state, scope, decl.clauses, rule.conditions);
  if (allow) rule.brings = brings_of(state, scope, decl.clauses, rule.conditions);
  if (!rule.assets.empty()) resolve_mentions(state, scope);
  if (pairs) state.policy.rules.push_back(std::move(rule));
}

/// The asset of the unit of a floor or a limit; kNone for a plain 0. Nothing after a diagnostic.
std::optional<Index> asset_of_unit(State& state, const Unit& unit, SourceRange range, const char* what) {
  if (unit.kind == Unit::Kind::Money) return unit.asset;
  if (unit.kind == Unit::Kind::Zero) return kNone;
  state.error("E0301", range, fmt::format("{} is an amount of one asset", what), unit.kind == Unit::Kind::TransferMoney ? "name the asset: `balance(from in USDC)`" : "write the asset, as in `100 USDC`");
  return std::nullopt;
}

/// Whether the amount of a floor fits its `of`; without one, the assets follow from the amount's unit.
bool floor_assets(State& state, const FloorDecl& decl, Index asset, TypedFloor& floor) {
  if (!decl.assets && asset != kNone) floor.assets = {asset};
  if (asset == kNone || floor.assets == std::vector<Index>{asset} || floor.assets.empty()) return true;
  const std::string& name = state.policy.vocabulary.assets[asset].name;
  state.error("E0301", decl.assets->range, fmt::format("the floor is an amount of {}, but it is written for other assets", name), fmt::format("write `of {}`, and a floor for each other asset", name));
  return false;
}

void check_floor(State& state, const FloorDecl& decl, SourceRange range) {
  TypedFloor floor;
  floor.where = range;
  floor.words = words_of(state, decl.clauses, range);
  refuse_clauses(state, decl.clauses, {.what = "a floor", .moving = false, .when = false, .required = false, .unless = true});
  const auto bucket = one_bucket(state, decl.bucket, "a floor");
  if (!bucket) return;
  floor.bucket = *bucket;
  if (state.policy.vocabulary.buckets[*bucket].external) {
    state.error("E0320", decl.bucket.range, fmt::format("`{}` is an external: it has no balance to keep a floor under", state.policy.vocabulary.buckets[*bucket].name), "name a bucket inside");
    return;
  }
  Scope scope;
  scope.kind = Scope::Kind::Floor;
  scope.bucket = *bucket;
  floor.assets = assets_of(state, decl.assets);
  scope.assets = floor.assets;
  auto minimum = measure(state, scope, decl.minimum);
  add_unless(state, scope, decl.clauses, floor.unless);
  resolve_mentions(state, scope);
  const auto asset = minimum ? asset_of_unit(state, minimum->unit, decl.minimum.range, "a floor") : std::nullopt;
  if (!asset || !floor_assets(state, decl, *asset, floor)) return;
  floor.minimum = std::move(minimum->sum);
  state.policy.floors.push_back(std::move(floor));
}

bool contains(const std::vector<Index>& sorted, Index wanted) { return std::binary_search(sorted.begin(), sorted.end(), wanted); }

/// From where to where the allow rules move an asset for a purpose; looked up once for each of the two.
const std::vector<std::pair<Index, Index>>& allowed_ends(State& state, Index purpose, Index asset) {
  const auto [found, is_new] = state.allowed_ends.try_emplace({purpose, asset});
  auto& ends = found->second;
  if (!is_new) return ends;
  for (const TypedRule& rule : state.policy.rules) {
    if (rule.effect != Effect::Allow || !contains(rule.purposes, purpose) || !contains(rule.assets, asset)) continue;
    for (const Pair& pair : rule.pairs) ends.emplace_back(pair.from, pair.to);
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

/// 5.2 without a pattern: every pair that an allow rule with one of the purposes moves the asset over, under any relation.
std::vector<Pair> allowed_pairs(State& state, const TypedLimit& limit) {
  const std::vector<Bucket>& buckets = state.policy.vocabulary.buckets;
  std::set<std::pair<Index, Index>> all;
  for (const Index purpose : limit.purposes) {
    const auto& ends = allowed_ends(state, purpose, limit.asset);
    all.insert(ends.begin(), ends.end());
  }
  std::vector<Pair> pairs;
  for (const auto& [from, to] : all) pairs.push_back({from, to, std::vector<Match>(shared_keys(buckets[from], buckets[to]).size(), Match::Any)});
  return pairs;
}

/// The pairs of a limit. Nothing after a diagnostic.
std::optional<std::vector<Pair>> limit_pairs(State& state, const LimitDecl& decl, const TypedLimit& limit, SourceRange range) {
  if (decl.from && decl.to) return expand_pairs(state, *decl.from, *decl.to, false);
  auto pairs = allowed_pairs(state, limit);
  if (pairs.empty() && limit.asset != kNone) {
    // Where a rule was refused, its pairs are not known.
    if (state.error_count() == 0)
      state.error("E0327", range, fmt::format("no allow rule moves {} for the purposes of this limit, so it limits nothing", state.policy.vocabulary.assets[limit.asset].name), "name the purposes of an allow rule");
    return std::nullopt;
  }
  if (pairs.size() > state.pairs_left) {
    state.error("E0315", range, fmt::format("with this limit the rules stand for more than {} pairs of buckets", state.limits.moves), "write FROM -> TO after the purposes");
    return std::nullopt;
  }
  state.pairs_left -= pairs.size();
  return pairs;
}

/// Each `per` entity must key one end of every pair. False after a diagnostic.
bool per_known(State& state, const LimitDecl& decl, const TypedLimit& limit) {
  const Vocabulary& v = state.policy.vocabulary;
  for (std::size_t i = 0; i < limit.per.size(); ++i) {
    for (const Pair& pair : limit.pairs) {
      if (key_position(v.buckets[pair.from].keys, limit.per[i]) != kNone || key_position(v.buckets[pair.to].keys, limit.per[i]) != kNone) continue;
      state.error("E0321", decl.per[i].range, fmt::format("{} -> {} has no `{}` to count by", v.buckets[pair.from].name, v.buckets[pair.to].name, decl.per[i].text),
                  "write FROM -> TO after the purposes, so that only moves with that key are counted, or `in total`");
      return false;
    }
  }
  return true;
}

/// Entities to count by. False after a diagnostic.
bool read_per(State& state, const LimitDecl& decl, TypedLimit& limit) {
  bool good = true;
  for (const NameAst& name : decl.per) {
    const auto entity = state.find(Kind::Entity, name);
    if (!entity) { good = false; continue; }
    const char* wrong = !state.policy.vocabulary.entities[*entity].many ? "there is only one `{}`, so counting by it says nothing"
                        : key_position(limit.per, *entity) != kNone    ? "`{}` is named twice in this list" : nullptr;
    if (wrong != nullptr) state.error("E0321", name.range, fmt::format(fmt::runtime(wrong), name.text), "leave it out; without any, write `in total`");
    else limit.per.push_back(*entity);
    good = good && wrong == nullptr;
  }
  if (limit.per.size() <= kKeysMax) return good;
  state.error("E0209", decl.per.back().range, fmt::format("a limit counts by at most {} entities", kKeysMax));
  return false;
}

/// The cap and its asset. False after a diagnostic.
bool read_cap(State& state, const LimitDecl& decl, Scope& scope, TypedLimit& limit) {
  auto cap = measure(state, scope, decl.cap);
  const auto asset = cap ? asset_of_unit(state, cap->unit, decl.cap.range, "a limit") : std::nullopt;
  if (!asset) return false;
  limit.cap = std::move(cap->sum);
  limit.asset = *asset;
  if (!limit.cap.terms.empty() || (*asset != kNone && limit.cap.constant_numerator >= limit.cap.constant_denominator)) return true;
  state.error("E0325", decl.cap.range, "a limit of less than one minor unit lets nothing through", "write a deny rule to refuse every move");
  return false;
}

void check_limit(State& state, const LimitDecl& decl, SourceRange range) {
  TypedLimit limit;
  limit.where = range;
  limit.words = words_of(state, decl.clauses, range);
  limit.purposes = state.find_all(Kind::Purpose, decl.purposes);
  refuse_clauses(state, decl.clauses, {.what = "a limit", .moving = false, .when = false, .required = false, .unless = true});
  bool good = read_per(state, decl, limit);
  if (decl.window) {
    const auto window = duration_of(state, *decl.window);
    if (window) limit.window_ms = *window;
    good = good && window;
  }
  Scope scope;
  scope.kind = Scope::Kind::Limit;
  scope.per = limit.per;
  scope.assets = state.find_all(Kind::Asset, NamesAst{true, {}, {}});
  good = read_cap(state, decl, scope, limit) && good;
  auto pairs = limit_pairs(state, decl, limit, range);
  if (!pairs || pairs->empty()) return;
  limit.pairs = std::move(*pairs);
  if (limit.per.size() > kKeysMax || !per_known(state, decl, limit)) return;   // the first is reported already
  scope.pairs = &limit.pairs;
  if (limit.asset != kNone) scope.assets = {limit.asset};
  add_unless(state, scope, decl.clauses, limit.unless);
  if (!scope.assets.empty()) resolve_mentions(state, scope);
  if (good) state.policy.limits.push_back(std::move(limit));
}

template <class Node, class Visit>
void each(State& state, Visit visit) {
  for (const StatementNode& node : state.ast.statements)
    if (const Node* statement = std::get_if<Node>(&node.statement)) visit(state, *statement, node.range);
}

}  // namespace

void check_rules(State& state) { each<RuleDecl>(state, check_rule); }
void check_floors(State& state) { each<FloorDecl>(state, check_floor); }
void check_limits(State& state) { each<LimitDecl>(state, check_limit); }

}  // namespace ringfence::checking
