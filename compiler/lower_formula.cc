// SPDX-License-Identifier: Apache-2.0
// In: formulas. Out: constants folded, and the forward-only jump program whose value is the formula's. A part is laid out after
// what follows it, because its jumps lead there; the nodes are turned round at the end.
#include "compiler/lower_formula.h"

#include <algorithm>
#include <utility>

namespace ringfence {
namespace {

Formula join(Formula::Kind kind, std::vector<Formula> parts) {
  const bool neutral = kind == Formula::Kind::All;
  for (const Formula& part : parts)
    if (part.kind == Formula::Kind::Constant && part.value != neutral) return constant(!neutral);
  std::erase_if(parts, [](const Formula& part) { return part.kind == Formula::Kind::Constant; });
  if (parts.empty()) return constant(neutral);
  if (parts.size() == 1) return std::move(parts.front());
  return {kind, true, {}, std::move(parts)};
}

/// Appends the nodes of `formula`, last first, and returns where to start: a position in `backwards`, or an end.
Index place(const Formula& formula, Index if_true, Index if_false, std::vector<Node>& backwards) {
  if (formula.kind == Formula::Kind::Leaf) {
    if (!formula.value) std::swap(if_true, if_false);
    backwards.push_back({formula.test, if_true, if_false});
    return static_cast<Index>(backwards.size() - 1);
  }
  const bool all = formula.kind == Formula::Kind::All;
  Index next = all ? if_true : if_false;
  for (std::size_t i = formula.parts.size(); i-- > 0;)
    next = all ? place(formula.parts[i], next, if_false, backwards) : place(formula.parts[i], if_true, next, backwards);
  return next;
}

Index turned(Index target, std::size_t count) {
  return target == kTrue || target == kFalse ? target : static_cast<Index>(count - 1 - target);
}

}  // namespace

Formula constant(bool value) { return {Formula::Kind::Constant, value, {}, {}}; }
Formula leaf(Test test, bool holds) { return {Formula::Kind::Leaf, holds, std::move(test), {}}; }
Formula all_of(std::vector<Formula> parts) { return join(Formula::Kind::All, std::move(parts)); }
Formula any_of(std::vector<Formula> parts) { return join(Formula::Kind::AnyOf, std::move(parts)); }

std::vector<Node> lay_out(const Formula& formula) {
  if (formula.kind == Formula::Kind::Constant && formula.value) return {};
  if (formula.kind == Formula::Kind::Constant) return {{{TestKind::AtLeastZero, {}, -1, 0}, kTrue, kFalse}};
  std::vector<Node> nodes;
  place(formula, kTrue, kFalse, nodes);
  std::reverse(nodes.begin(), nodes.end());
  for (Node& node : nodes) {
    node.if_true = turned(node.if_true, nodes.size());
    node.if_false = turned(node.if_false, nodes.size());
  }
  return nodes;
}

}  // namespace ringfence
