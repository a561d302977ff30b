// SPDX-License-Identifier: Apache-2.0
#include "verify/explain_difference.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "verify/difference_words.h"

namespace ringfence::equivalence {
namespace {

bool contains(const std::vector<Index>& list, Index index) { return std::find(list.begin(), list.end(), index) != list.end(); }

}  // namespace

Diagram DifferenceExplainer::allowed(const MoveMeaning& move) {
  Diagram any = kNever;
  for (const PossibleJudgement& possible : judgements_of(diagrams_, move))
    if (possible.judgement.reason == Reason::Allowed) any = diagrams_.either(any, possible.holds);
  return any;
}

Diagram DifferenceExplainer::judgements_differ(const MoveMeaning& policy, const MoveMeaning& table) {
  Diagram same = kNever;
  const std::vector<PossibleJudgement> by_table = judgements_of(diagrams_, table);
  for (const PossibleJudgement& one : judgements_of(diagrams_, policy))
    for (const PossibleJudgement& other : by_table)
      if (one.judgement == other.judgement) same = diagrams_.either(same, diagrams_.both(one.holds, other.holds));
  return diagrams_.negation(same);
}

/// Where the difference shows best, first: just one of the two allows; the two answer differently; the part differs, if possible in what is allowed.
std::vector<Diagram> DifferenceExplainer::places_to_look(const std::optional<MoveMeaning>& policy, const std::optional<MoveMeaning>& table,
                                                         const Finding& finding) {
  const Diagram single = is_single(diagrams_, policy ? *policy : *table);
  if (!policy || !table) return {diagrams_.both(single, allowed(policy ? *policy : *table)), single};
  if (finding.missing) {
    const bool table_goes_on = contains(policy->reads, *finding.missing);
    return {diagrams_.both(single, allowed(table_goes_on ? *table : *policy)), single};
  }
  const Diagram by_policy = allowed(*policy), here = diagrams_.both(single, finding.where);
  return {diagrams_.both(single, diagrams_.difference(by_policy, allowed(*table))), diagrams_.both(single, judgements_differ(*policy, *table)),
          diagrams_.both(here, by_policy), here};
}

TableDifference DifferenceExplainer::explain(const Cell& cell, const Setting& setting, const std::optional<MoveMeaning>& policy,
                                             const std::optional<MoveMeaning>& table, const Finding& finding) {
  TableDifference difference{cell_in_words(vocabulary_, cell), finding.what, {}, {}, {}, false};
  std::optional<Example> example;
  for (const Diagram place : places_to_look(policy, table, finding)) {
    if (!diagrams_.problem().empty()) break;   // then without: an example is welcome, not needed
    Search search = solver_.find(diagrams_, place);
    if (search.answer != Search::Answer::Found) continue;
    example = std::move(search.example);
    break;
  }
  if (!example) example = finding.example;
  if (!example) return difference;
  std::optional<Judgement> policy_says = policy ? judge_at(diagrams_, *policy, example->values) : Judgement{};
  if (policy && finding.missing && contains(policy->reads, *finding.missing)) policy_says = Judgement{Reason::ValueMissing, kNone, kNone};
  if (!policy_says) return difference;
  const Judgement table_says = decide_example(table_, cell, setting, diagrams_, *example, finding.missing);
  std::vector<Index> read{(policy ? *policy : *table).amount};
  for (const auto* move : {&policy, &table})
    if (*move) read.insert(read.end(), (*move)->reads.begin(), (*move)->reads.end());
  add_example(difference, *example, read, cell.asset, *policy_says, table_says, finding.missing);
  return difference;
}

TableDifference DifferenceExplainer::explain(const ChangeKind& kind, const std::string& place, const Setting& setting, const StatementMeaning& policy,
                                             const Finding& finding) {
  TableDifference difference{place, finding.what, {}, {}, {}, false};
  Slot own_mode{SlotKind::Mode, kind.machine, kNone, 0, {}};
  for (std::size_t i = 0; i < setting.from_keys.size(); ++i) own_mode.keys.push_back({KeySource::From::Source, static_cast<std::uint8_t>(i)});
  const Index mode = diagrams_.value(own_mode);
  const Search search = solver_.find(diagrams_, diagrams_.both(diagrams_.in_set(mode, kind.from_modes), finding.where));
  if (search.answer != Search::Answer::Found) return difference;
  const std::vector<Int128>& values = search.example.values;
  Judgement policy_says{Reason::Allowed, policy.statement, kNone};
  for (Index i = 0; i < policy.conditions.size() && policy_says.reason == Reason::Allowed; ++i)
    if (diagrams_.holds(policy.conditions[i].holds, values) == false) policy_says = {Reason::Condition, policy.statement, i};
  if (finding.missing && contains(policy.reads, *finding.missing)) policy_says = {Reason::ValueMissing, kNone, kNone};
  const Change change{kind.machine, static_cast<Index>(values[mode]), kind.to_mode, static_cast<Index>(std::countr_zero(kind.roles)), kind.position, kind.row_count};
  const Judgement table_says = decide_example(table_, change, setting, diagrams_, search.example, finding.missing);
  add_example(difference, search.example, policy.reads, kNone, policy_says, table_says, finding.missing);
  return difference;
}

/// The balance at the end is worth a word only where no single transfer shows the difference.
void DifferenceExplainer::add_example(TableDifference& difference, const Example& example, const std::vector<Index>& read, Index asset, const Judgement& policy,
                                      const Judgement& table, std::optional<Index> missing) const {
  difference.by_policy = judgement_in_words(statements_, policy);
  difference.by_table = judgement_in_words(statements_, table);
  difference.decisions_differ = policy != table;
  const Names names{vocabulary_, statements_, diagrams_};
  for (Index value = 0; value < example.values.size(); ++value) {
    if (diagrams_.is_at_end(value) ? difference.decisions_differ : !contains(read, value)) continue;
    difference.values.push_back(value == missing ? fmt::format("{} is missing", value_name(names, value))
                                                 : value_in_words(names, value, example.values[value], asset));
  }
}

}  // namespace ringfence::equivalence
