// SPDX-License-Identifier: Apache-2.0
// Two conditions with the same diagram are the same; of two with different ones the solver is asked for values on which they differ.
#include "verify/compare_meaning.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/difference_words.h"

namespace ringfence::equivalence {

namespace {

/// 8.3: who needs it may deny for it alone. A time that can't be written is out of range where `now` is read (6.10).
bool can_be_refused(SlotKind kind) { return is_supplied(kind) || kind == SlotKind::Now; }

}  // namespace

std::string MeaningComparison::words(Index statement) const { return statement_in_words(statements_, statement); }

std::optional<Finding> MeaningComparison::compare_reads(std::vector<Index> policy, std::vector<Index> table) const {
  for (std::vector<Index>* reads : {&policy, &table}) {
    std::erase_if(*reads, [&](Index value) { return !can_be_refused(diagrams_.slot(value).kind); });
    std::sort(reads->begin(), reads->end());
    reads->erase(std::unique(reads->begin(), reads->end()), reads->end());
  }
  const auto [in_policy, in_table] = std::mismatch(policy.begin(), policy.end(), table.begin(), table.end());
  if (in_policy == policy.end() && in_table == table.end()) return std::nullopt;
  const bool of_policy = in_table == table.end() || (in_policy != policy.end() && *in_policy < *in_table);
  const Index value = of_policy ? *in_policy : *in_table;
  const bool can_be_missing = is_supplied(diagrams_.slot(value).kind);
  return Finding{fmt::format("{} is needed by the {} only", value_name({vocabulary_, statements_, diagrams_}, value), of_policy ? "text" : "table"), kAlways, {},
                 can_be_missing ? std::optional(value) : std::nullopt};
}

std::optional<Finding> MeaningComparison::compare_money(const MoveMeaning& policy, const MoveMeaning& table) const {
  const auto differ = [](const char* what) { return Finding{fmt::format("{} is another value in the table", what), kAlways, {}, {}}; };
  if (policy.funds != table.funds) return differ("what the amount must be covered by");
  if (policy.account != table.account) return differ("the account's total that the amount must be covered by");
  if (policy.from_balance != table.from_balance) return differ("the balance that the amount is taken from");
  if (policy.to_balance != table.to_balance) return differ("the balance that the amount is added to");
  return std::nullopt;
}

std::optional<Finding> MeaningComparison::compare_condition(Index statement, Index position, const ConditionMeaning& policy, const ConditionMeaning& table) {
  ++compared_count_;
  if (auto finding = compare_truth(statement, position, policy, table)) return finding;
  if (policy.text == table.text) return std::nullopt;
  return Finding{fmt::format("condition {} of {} reads `{}` in the text and `{}` in the table", position + 1, words(statement), policy.text, table.text), kNever, {}, {}};
}

std::optional<Finding> MeaningComparison::compare_truth(Index statement, Index position, const ConditionMeaning& policy, const ConditionMeaning& table) {
  if (policy.holds == table.holds) return std::nullopt;
  const Diagram where = diagrams_.difference(policy.holds, table.holds);
  if (!diagrams_.problem().empty()) return std::nullopt;
  Search search = solver_.find(diagrams_, where);
  if (search.answer == Search::Answer::None) return std::nullopt;
  if (search.answer == Search::Answer::Unknown) {
    undecided_ = fmt::format("{}: {}", words(statement), search.reason);
    return std::nullopt;
  }
  const std::optional<bool> by_policy = diagrams_.holds(policy.holds, search.example.values);
  const std::optional<bool> by_table = diagrams_.holds(table.holds, search.example.values);
  if (!by_policy || !by_table || *by_policy == *by_table) {
    undecided_ = fmt::format("{}: the values that the solver gave do not bear out the difference", words(statement));
    return std::nullopt;
  }
  return Finding{fmt::format("condition {} of {}, `{}`, {} by the text and {} by the table", position + 1, words(statement), policy.text,
                             *by_policy ? "holds" : "fails", *by_table ? "holds" : "fails"), where, std::move(search.example), {}};
}

std::optional<Finding> MeaningComparison::compare(const StatementMeaning& policy, const StatementMeaning& table) {
  ++compared_count_;
  if (policy.passing_title != table.passing_title)
    return Finding{fmt::format("{} {} title by the text and {} it by the table", words(policy.statement), policy.passing_title ? "passes" : "keeps",
                               table.passing_title ? "passes" : "keeps"), holds_entirely(diagrams_, policy), {}, {}};
  if (policy.conditions.size() != table.conditions.size())
    return Finding{fmt::format("{} has another number of conditions: {} by the text, {} by the table", words(policy.statement), policy.conditions.size(), table.conditions.size()),
                   diagrams_.difference(holds_entirely(diagrams_, policy), holds_entirely(diagrams_, table)), {}, {}};
  if (policy.brings != table.brings)
    return Finding{fmt::format("{} brings one change of mode by the text and another by the table", words(policy.statement)), holds_entirely(diagrams_, policy), {}, {}};
  for (Index i = 0; i < policy.conditions.size(); ++i)
    if (auto finding = compare_condition(policy.statement, i, policy.conditions[i], table.conditions[i])) return finding;
  return std::nullopt;
}

std::optional<Finding> MeaningComparison::compare_group(const std::vector<StatementMeaning>& policy, const std::vector<StatementMeaning>& table) {
  for (std::size_t i = 0; i < policy.size() || i < table.size(); ++i) {
    const bool no_more = i == policy.size() || i == table.size();
    if (!no_more && policy[i].statement == table[i].statement) {
      if (auto finding = compare(policy[i], table[i])) return finding;
      continue;
    }
    // Both are in text order: what comes first is lacking in the other.
    const bool of_policy = i == table.size() || (i < policy.size() && policy[i].statement < table[i].statement);
    const StatementMeaning& extra = of_policy ? policy[i] : table[i];
    return Finding{fmt::format("{} speaks of it in the {} only", words(extra.statement), of_policy ? "text" : "table"), holds_entirely(diagrams_, extra), {}, {}};
  }
  return std::nullopt;
}

std::optional<Finding> MeaningComparison::compare(const MoveMeaning& policy, const MoveMeaning& table) {
  ++compared_count_;
  for (const auto group : {&MoveMeaning::allows, &MoveMeaning::denies, &MoveMeaning::floors, &MoveMeaning::limits})
    if (auto finding = compare_group(policy.*group, table.*group)) return finding;
  if (auto finding = compare_money(policy, table)) return finding;
  return compare_reads(policy.reads, table.reads);
}

}  // namespace ringfence::equivalence
