// SPDX-License-Identifier: Apache-2.0
// Typed rules and guards over the small vocabulary, made by hand: what tests of `lower` start from. Every rule is for `allocate` of
// USDC at range [1, 9), every condition at [10, 20).
#pragma once

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

#include "compiler/passes.h"
#include "tests/compiler/small_vocabulary.h"

namespace ringfence::small {

inline constexpr Mask kTrader = 1, kRisk = 2, kTreasurer = 4;

inline LinearSum number(Int128 value, std::int64_t denominator = 1) { return {{}, value, denominator}; }
inline LinearSum quantity(Quantity q, std::int64_t numerator = 1, std::int64_t denominator = 1) { return {{{{numerator, denominator}, std::move(q)}}, 0, 1}; }
inline Quantity amount() { return {}; }
inline Quantity endpoint(Side side, bool after = false) { return {QuantityKind::Balance, {true, kNone, side, {}}, kNone, after}; }
inline Quantity fact(Index index) { return {QuantityKind::Fact, {false, index, Side::Either, {}}, kNone, false}; }
inline Guard comparison(LinearSum left, Comparator comparator, LinearSum right) {
  Guard g;
  g.kind = GuardKind::Compare;
  g.left = std::move(left);
  g.right = std::move(right);
  g.comparator = comparator;
  return g;
}
inline Guard parts(GuardKind kind, std::vector<Guard> list) {
  Guard g;
  g.kind = kind;
  g.parts = std::move(list);
  return g;
}
inline Guard mode_is(Index machine, Mask modes) {
  Guard g;
  g.kind = GuardKind::ModeIs;
  g.reference.target = machine;
  g.modes = modes;
  return g;
}
inline Guard approved(Mask roles, std::uint32_t count) {
  Guard g;
  g.kind = GuardKind::Approved;
  g.roles = roles;
  g.count = count;
  return g;
}
inline Guard evidence(Mask kinds) {
  Guard g;
  g.kind = GuardKind::HasEvidence;
  g.evidence = kinds;
  return g;
}
inline Guard between(std::uint32_t start, std::uint32_t end) {
  Guard g;
  g.kind = GuardKind::TimeBetween;
  g.start_second = start;
  g.end_second = end;
  return g;
}
inline Guard flag(Index index) {
  Guard g;
  g.kind = GuardKind::Flag;
  g.reference.target = index;
  return g;
}
inline std::vector<Condition> when(std::vector<Guard> guards) {
  std::vector<Condition> conditions;
  for (Guard& g : guards) conditions.push_back({std::move(g), "c", {10, 20}});
  return conditions;
}
inline TypedRule rule(Effect effect, Pair pair, Mask roles, std::vector<Guard> guards = {}) {
  TypedRule r;
  r.effect = effect;
  r.words = {1, "rule", "", "", 0};
  r.where = {1, 9};
  r.purposes = {0};
  r.pairs = {std::move(pair)};
  r.assets = {kUsdc};
  r.roles = roles;
  r.conditions = when(std::move(guards));
  return r;
}
inline TypedRule allow(Pair pair, Mask roles, std::vector<Guard> guards = {}) { return rule(Effect::Allow, std::move(pair), roles, std::move(guards)); }
inline TypedRule deny(Pair pair, Mask roles, std::vector<Guard> guards = {}) { return rule(Effect::Deny, std::move(pair), roles, std::move(guards)); }
inline TypedPolicy policy(std::vector<TypedRule> rules) {
  TypedPolicy p;
  p.vocabulary = vocabulary();
  p.rules = std::move(rules);
  return p;
}

/// wallet -> margin of the same client
inline const Pair kFunding{kWallet, kMargin, {Match::Same}};

inline Moves lowered(const TypedPolicy& p, const Limits& limits = {}) {
  Passed<Moves> passed = lower(p, limits);
  for (const Diagnostic& d : passed.diagnostics) UNSCOPED_INFO(d.code << ' ' << d.message);
  REQUIRE(passed.artefact);
  return std::move(*passed.artefact);
}

}  // namespace ringfence::small
