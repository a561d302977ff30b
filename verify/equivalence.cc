// SPDX-License-Identifier: Apache-2.0
// Everything that a table says is walked beside what the policy says: declarations, statements, limits; transitions; invariants; then each pair of
// buckets, each relation, purpose and asset, and each set of roles that no rule and no row cuts through, as long as the policy has an allow
// rule there or the table has a row. Anywhere else both answer that no rule speaks of it (8.2). The first difference ends the walk.
#include "verify/equivalence.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "verify/compare_declarations.h"
#include "verify/compare_meaning.h"
#include "verify/difference_words.h"
#include "verify/explain_difference.h"
#include "verify/policy_meaning.h"
#include "verify/table_meaning.h"

namespace ringfence {
namespace equivalence {
namespace {

/// A list as a set, in whatever order it is: quick to ask.
using IndexSet = std::bitset<std::max(kPurposesMax, kAssetsMax)>;
IndexSet set_of(const std::vector<Index>& list) {
  IndexSet set;
  for (const Index index : list) set.set(index);
  return set;
}
std::pair<Index, Index> kind_of(const Move* row) { return {row->purpose, row->asset}; }

/// One pair of one rule or limit.
struct Application { Index from, to, statement, pair; };
/// Splits sets of roles so that `mask` cuts through none.
void split(std::vector<Mask>& classes, Mask mask) {
  for (std::size_t i = 0, count = classes.size(); i < count; ++i) {
    const Mask inside = classes[i] & mask, outside = classes[i] & ~mask;
    if (inside == 0 || outside == 0) continue;
    classes[i] = inside;
    classes.push_back(outside);
  }
}

class Walk {
 public:
  Walk(const TypedPolicy& policy, const RuleTable& table, const EquivalenceOptions& options)
      : policy_(policy), vocabulary_(policy.vocabulary), table_(table), moves_(decode(table)), places_(policy), statements_(statements_of(policy)),
        budget_(options.budget), diagrams_(vocabulary_, options.choices_max), solver_(options.budget), reader_(policy, diagrams_),
        meanings_(vocabulary_, statements_, diagrams_, solver_), explainer_(table, vocabulary_, statements_, diagrams_, solver_) {
    for (const TypedRule& rule : policy.rules) {
      rule_purposes_.push_back(set_of(rule.purposes));
      rule_assets_.push_back(set_of(rule.assets));
    }
    for (const TypedLimit& limit : policy.limits) limit_purposes_.push_back(set_of(limit.purposes));
  }

  Equivalence run() {
    const bool walked = compare_repeated(compare_declarations) && compare_transitions() && compare_invariants() && compare_moves() && compare_repeated(compare_words);
    result_.questions = solver_.question_count();
    result_.obligations += meanings_.compared_count();
    if (result_.difference) result_.answer = Answer::Refuted;
    else if (result_.reason.empty()) result_.reason = meanings_.undecided();
    if (walked && result_.reason.empty()) result_.answer = Answer::Proved;
    return std::move(result_);
  }

 private:
  // Each compare_ function returns whether to go on: false after a difference, or when something can't be told.

  bool differ(TableDifference difference) {
    result_.difference = std::move(difference);
    return false;
  }

  bool compare_repeated(std::optional<TableDifference> (*compare)(const TypedPolicy&, const Moves&, std::size_t&)) {
    std::optional<TableDifference> difference = compare(policy_, moves_, result_.obligations);
    return !difference || differ(*std::move(difference));
  }

  /// Whether the diagrams, the solver and the time have been up to it so far.
  bool is_sound() {
    if (result_.reason.empty()) result_.reason = diagrams_.problem();
    if (result_.reason.empty() && budget_.is_over()) result_.reason = kTimeIsUp;
    return diagrams_.problem().empty() && !budget_.is_over();
  }

  // ---- transitions

  bool compare_transitions() {
    const auto describe = [&](const auto* one) {
      return one == nullptr ? "none" : transition_in_words(vocabulary_, one->machine, one->from_modes, one->to_mode, one->roles, one->deadline);
    };
    const std::size_t count = std::max(policy_.transitions.size(), moves_.transitions.size());
    for (Index i = 0; i < count; ++i) {
      ++result_.obligations;
      const TypedTransition* policy = i < policy_.transitions.size() ? &policy_.transitions[i] : nullptr;
      const Transition* table = i < moves_.transitions.size() ? &moves_.transitions[i] : nullptr;
      const std::string by_policy = describe(policy), by_table = describe(table);
      const auto all_of = [](const auto& one) { return std::tie(one.machine, one.from_modes, one.to_mode, one.roles, one.deadline); };
      if (policy == nullptr || table == nullptr || all_of(*policy) != all_of(*table))
        return differ(difference_of_words(fmt::format("transition {}", i + 1), by_policy, by_table));
      if (!compare_transition(i, *table, by_policy)) return false;
    }
    return true;
  }

  bool compare_transition(Index index, const Transition& table, const std::string& place) {
    diagrams_.clear();
    reader_.clear();
    const Setting setting = setting_of_subject(vocabulary_.machines[table.machine].subject);
    const StatementMeaning by_policy = reader_.transition(setting, index), by_table = read_transition(setting, table, diagrams_);
    std::optional<Finding> finding;
    if (by_policy.statement != by_table.statement)
      finding = Finding{fmt::format("{} by the text is {} by the table", statement_in_words(statements_, by_policy.statement),
                                    statement_in_words(statements_, by_table.statement)), kAlways, {}, {}};
    if (!finding) finding = meanings_.compare(by_policy, by_table);
    if (!finding) finding = meanings_.compare_reads(by_policy.reads, by_table.reads);
    if (!is_sound()) return false;
    if (!finding) return true;
    if (table.deadline) return differ(difference_of_words(place, "as written", finding->what));   // nobody asks for it, so there is no example
    return differ(explainer_.explain({table.machine, table.from_modes, table.to_mode, table.roles, index, moves_.moves.size()}, place, setting, by_policy, *finding));
  }

  // ---- invariants

  bool compare_invariants() {
    const auto entities = [&](const std::vector<Index>& keys) {
      std::string names;
      for (const Index key : keys) names += (names.empty() ? "" : ", ") + vocabulary_.entities[key].name;
      return "for each " + (names.empty() ? "of nothing" : names);
    };
    const std::size_t count = std::max(policy_.invariants.size(), moves_.invariants.size());
    for (Index i = 0; i < count; ++i) {
      ++result_.obligations;
      const std::string by_policy = i < policy_.invariants.size() ? entities(policy_.invariants[i].keys) : "none";
      const std::string by_table = i < moves_.invariants.size() ? entities(moves_.invariants[i].keys) : "none";
      if (by_policy != by_table) return differ(difference_of_words(fmt::format("invariant {}", i + 1), by_policy, by_table));
      if (!compare_invariant(i)) return false;
    }
    return true;
  }

  /// A claim decides no transfer, so a difference is shown by its words.
  bool compare_invariant(Index index) {
    diagrams_.clear();
    reader_.clear();
    const Subject members{SubjectKind::System, kNone, policy_.invariants[index].keys};
    const Setting setting = setting_of_subject(members);
    const StatementMeaning by_policy = reader_.invariant(setting, index), by_table = read_invariant(setting, moves_.invariants[index], diagrams_);
    std::optional<Finding> finding = meanings_.compare(by_policy, by_table);
    if (!finding) finding = meanings_.compare_reads(by_policy.reads, by_table.reads);
    if (!is_sound()) return false;
    if (by_policy.statement == by_table.statement && !finding) return true;
    return differ(difference_of_words(fmt::format("invariant {}", index + 1), policy_.invariants[index].words.text, finding ? finding->what : "another statement"));
  }

  // ---- moves

  const std::vector<Pair>& pairs(Index statement) const {
    return statement < policy_.rules.size() ? policy_.rules[statement].pairs : policy_.limits[statement - policy_.rules.size()].pairs;
  }

  /// Pairs of rules, then of limits, by pair and in text order.
  std::vector<Application> applications() const {
    std::vector<Application> all;
    for (Index statement = 0; statement < policy_.rules.size() + policy_.limits.size(); ++statement)
      for (Index i = 0; i < pairs(statement).size(); ++i) all.push_back({pairs(statement)[i].from, pairs(statement)[i].to, statement, i});
    std::sort(all.begin(), all.end(), [](const Application& a, const Application& b) { return std::tie(a.from, a.to, a.statement) < std::tie(b.from, b.to, b.statement); });
    return all;
  }

  bool compare_moves() {
    const std::vector<Application> all = applications();
    std::size_t next = 0, row = 0;
    while (next < all.size() || row < moves_.moves.size()) {
      std::pair<Index, Index> ends{kNone, kNone};
      if (next < all.size()) ends = {all[next].from, all[next].to};
      if (row < moves_.moves.size()) ends = std::min(ends, {moves_.moves[row].from, moves_.moves[row].to});
      const std::size_t first = next, first_row = row;
      while (next < all.size() && std::pair(all[next].from, all[next].to) == ends) ++next;
      while (row < moves_.moves.size() && std::pair(moves_.moves[row].from, moves_.moves[row].to) == ends) ++row;
      if (!compare_pair({all.data() + first, next - first}, {moves_.moves.data() + first_row, row - first_row}, ends)) return false;
    }
    return true;
  }

  bool is_allow(Index statement) const { return statement < policy_.rules.size() && policy_.rules[statement].effect == Effect::Allow; }

  bool compare_pair(std::span<const Application> applications, std::span<const Move> rows, std::pair<Index, Index> ends) {
    const bool some_allow = std::any_of(applications.begin(), applications.end(), [&](const Application& one) { return is_allow(one.statement); });
    if (!some_allow && rows.empty()) return true;
    for (unsigned relation = 0; relation < 1u << shared_key_count(vocabulary_, ends.first, ends.second); ++relation) {
      std::vector<Index> rules, limits;
      for (const Application& one : applications) {
        if (!speaks_of_relation(pairs(one.statement)[one.pair], static_cast<Relation>(relation))) continue;
        if (one.statement < policy_.rules.size()) rules.push_back(one.statement);
        else limits.push_back(one.statement - static_cast<Index>(policy_.rules.size()));
      }
      std::vector<const Move*> rows_here;
      for (const Move& row : rows)
        if (row.relation == relation) rows_here.push_back(&row);
      if (!compare_relation({ends.first, ends.second, static_cast<Relation>(relation), kNone, kNone, kNone}, rules, limits, std::move(rows_here))) return false;
    }
    return true;
  }

  bool compare_relation(Cell cell, const std::vector<Index>& rules, const std::vector<Index>& limits, std::vector<const Move*> rows) {
    std::set<std::pair<Index, Index>> kinds;   // purpose, asset
    for (const Move* row : rows) kinds.insert(kind_of(row));
    for (const Index rule : rules)
      for (const Index purpose : policy_.rules[rule].purposes)
        for (const Index asset : policy_.rules[rule].assets)
          if (is_allow(rule)) kinds.insert({purpose, asset});
    std::stable_sort(rows.begin(), rows.end(), [](const Move* a, const Move* b) { return kind_of(a) < kind_of(b); });
    diagrams_.clear();
    reader_.clear();
    auto row = rows.begin();
    for (const auto& kind : kinds) {
      cell.purpose = kind.first;
      cell.asset = kind.second;
      const auto end = std::find_if(row, rows.end(), [&](const Move* one) { return kind_of(one) != kind; });
      if (!compare_kind(cell, rules, limits, {row, end})) return false;
      row = end;
    }
    return true;
  }

  /// All roles of one purpose and asset.
  bool compare_kind(Cell cell, const std::vector<Index>& rules, const std::vector<Index>& limits, std::span<const Move* const> rows) {
    std::vector<Index> rules_here, limits_here;
    for (const Index rule : rules)
      if (rule_purposes_[rule][cell.purpose] && rule_assets_[rule][cell.asset]) rules_here.push_back(rule);
    for (const Index limit : limits)
      if (limit_purposes_[limit][cell.purpose] && policy_.limits[limit].asset == cell.asset) limits_here.push_back(limit);
    std::vector<Mask> classes{~Mask{0}};
    for (const Index rule : rules_here) split(classes, policy_.rules[rule].roles);
    for (const Move* row : rows) split(classes, row->roles);
    for (const Mask roles : classes) {
      std::vector<Index> rules_of_role;
      for (const Index rule : rules_here)
        if ((policy_.rules[rule].roles & roles) != 0) rules_of_role.push_back(rule);
      const auto row = std::find_if(rows.begin(), rows.end(), [&](const Move* one) { return (one->roles & roles) != 0; });
      cell.role = static_cast<Index>(std::countr_zero(roles));
      if (!compare_cell(cell, rules_of_role, limits_here, row == rows.end() ? nullptr : *row)) return false;
    }
    return true;
  }

  bool compare_cell(const Cell& cell, const std::vector<Index>& rules, const std::vector<Index>& limits, const Move* row) {
    const bool allows = std::any_of(rules.begin(), rules.end(), [&](Index rule) { return is_allow(rule); });
    if (!allows && row == nullptr) return true;
    const Setting setting = setting_of_move(vocabulary_, cell.from, cell.to, cell.relation, cell.asset);
    std::optional<MoveMeaning> by_policy, by_table;
    if (allows) by_policy = reader_.move(setting, rules, limits);
    if (row != nullptr) by_table = read_row(setting, *row, diagrams_);
    std::optional<Finding> finding;
    if (by_policy && by_table) finding = meanings_.compare(*by_policy, *by_table);
    else finding = Finding{by_policy ? "the table has no row for it" : "the table has a row, and no allow rule of the text speaks of it", kAlways, {}, {}};
    if (!is_sound()) return false;
    return !finding || differ(explainer_.explain(cell, setting, by_policy, by_table, *finding));
  }

  const TypedPolicy& policy_;
  const Vocabulary& vocabulary_;
  const RuleTable& table_;
  const Moves moves_;
  const StatementPlaces places_;
  const std::vector<Statement> statements_;
  std::vector<IndexSet> rule_purposes_, rule_assets_, limit_purposes_;
  const Budget budget_;
  GuardDiagrams diagrams_;
  DifferenceSolver solver_;
  PolicyReader reader_;
  MeaningComparison meanings_;
  DifferenceExplainer explainer_;
  Equivalence result_;
};

}  // namespace
}  // namespace equivalence

Equivalence prove_equivalent(const TypedPolicy& policy, const RuleTable& table, const EquivalenceOptions& options) {
  return equivalence::Walk(policy, table, options).run();
}

PropertyVerdict as_property(const Equivalence& equivalence) {
  PropertyVerdict verdict;
  verdict.kind = PropertyKind::TableIsPolicy;
  verdict.claim = property_claim(verdict.kind);
  verdict.answer = equivalence.answer;
  if (verdict.answer == Answer::Proved) verdict.obligations = static_cast<std::uint32_t>(equivalence.obligations);
  if (verdict.answer == Answer::Unknown) verdict.reason = equivalence.reason;
  if (!equivalence.difference) return verdict;
  const TableDifference& difference = *equivalence.difference;
  verdict.reason = fmt::format("{}: {}", difference.place, difference.what);
  for (const std::string& value : difference.values) verdict.details.push_back({0, value});
  if (difference.by_policy.empty()) return verdict;
  verdict.details.push_back({0, fmt::format("by the text: {}", difference.by_policy)});
  verdict.details.push_back({0, fmt::format("by the table: {}", difference.by_table)});
  return verdict;
}

}  // namespace ringfence
