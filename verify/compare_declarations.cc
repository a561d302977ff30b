// SPDX-License-Identifier: Apache-2.0
#include "verify/compare_declarations.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/difference_words.h"

namespace ringfence::equivalence {
namespace {

template <class Item, class Describe>
std::optional<TableDifference> compare_list(const char* what, const std::vector<Item>& policy, const std::vector<Item>& table, const Describe& describe,
                                            std::size_t& compared) {
  for (std::size_t i = 0; i < policy.size() || i < table.size(); ++i) {
    ++compared;
    if (i < policy.size() && i < table.size() && policy[i] == table[i]) continue;
    return difference_of_words(fmt::format("{} {}", what, i + 1), i < policy.size() ? describe(policy[i]) : "none", i < table.size() ? describe(table[i]) : "none");
  }
  return std::nullopt;
}

std::string print(const Statement& statement) {
  static constexpr const char* kWords[] = {"allow", "deny", "floor", "limit", "transition", "invariant"};
  return fmt::format("{}, line {}: {} cite \"{}\" because \"{}\" notify {:#x}", kWords[static_cast<std::size_t>(statement.kind)], statement.words.line,
                     statement.words.text, statement.words.cite, statement.words.because, statement.words.notify);
}

std::string print(const Vocabulary& vocabulary, const LimitWindow& limit) {
  std::string per;
  for (const Index entity : limit.per) per += fmt::format("{}{}", per.empty() ? "per " : ", ", vocabulary.entities[entity].name);
  return fmt::format("statement {}, in {} {} {}", limit.statement + 1, vocabulary.assets[limit.asset].name, per.empty() ? "in total" : per,
                     limit.window_ms == 0 ? "per day" : fmt::format("in any {} ms", limit.window_ms));
}

bool same_kinds(const std::vector<Statement>& a, const std::vector<Statement>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Statement& x, const Statement& y) { return x.kind == y.kind; });
}

}  // namespace

TableDifference difference_of_words(std::string place, const std::string& by_policy, const std::string& by_table) {
  return {std::move(place), fmt::format("`{}` by the text, `{}` by the table", by_policy, by_table), {}, {}, {}, false};
}

std::vector<Statement> statements_of(const TypedPolicy& policy) {
  std::vector<Statement> statements;
  for (const TypedRule& rule : policy.rules) statements.push_back({rule.effect == Effect::Allow ? StatementKind::Allow : StatementKind::Deny, rule.words});
  for (const TypedFloor& floor : policy.floors) statements.push_back({StatementKind::Floor, floor.words});
  for (const TypedLimit& limit : policy.limits) statements.push_back({StatementKind::Limit, limit.words});
  for (const TypedTransition& transition : policy.transitions) statements.push_back({StatementKind::Transition, transition.words});
  for (const TypedInvariant& invariant : policy.invariants) statements.push_back({StatementKind::Invariant, invariant.words});
  return statements;
}

std::optional<TableDifference> compare_declarations(const TypedPolicy& policy, const Moves& table, std::size_t& compared) {
  ++compared;
  if (!(policy.vocabulary == table.vocabulary)) {
    const auto [by_policy, by_table] = first_difference(dump(policy.vocabulary), dump(table.vocabulary));
    return difference_of_words("declarations", by_policy, by_table);
  }
  const std::vector<Statement> statements = statements_of(policy);
  if (!same_kinds(statements, table.statements)) return compare_list("statement", statements, table.statements, [](const Statement& one) { return print(one); }, compared);
  std::vector<LimitWindow> limits;
  const auto first = static_cast<Index>(policy.rules.size() + policy.floors.size());
  for (Index i = 0; i < policy.limits.size(); ++i) limits.push_back({first + i, policy.limits[i].asset, policy.limits[i].per, policy.limits[i].window_ms});
  return compare_list("limit", limits, table.limits, [&](const LimitWindow& limit) { return print(policy.vocabulary, limit); }, compared);
}

std::optional<TableDifference> compare_words(const TypedPolicy& policy, const Moves& table, std::size_t& compared) {
  if (auto difference = compare_list("statement", statements_of(policy), table.statements, [](const Statement& one) { return print(one); }, compared)) return difference;
  ++compared;
  if (policy.source_digest == table.source_digest) return std::nullopt;
  return difference_of_words("digest of the source, though all else is the same", policy.source_digest, table.source_digest);
}

}  // namespace ringfence::equivalence
