// SPDX-License-Identifier: Apache-2.0
#include "verify/difference_words.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "compiler/print_value.h"
#include "verify/equivalence.h"

namespace ringfence::equivalence {
namespace {

template <class Named>
std::string names_of(const std::vector<Named>& all, Mask mask) {
  std::string names;
  for (std::size_t i = 0; i < all.size() && i < 64; ++i)
    if ((mask >> i & 1) != 0) names += fmt::format("{}{}", names.empty() ? "" : ", ", all[i].name);
  return names;
}

/// "[any Client, Position of the destination]"; empty when all ids are the source's.
std::string ids_in_words(const Vocabulary& vocabulary, const Slot& slot, const std::vector<Index>& keys) {
  std::string ids;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& entity = vocabulary.entities[keys[i]].name;
    if (slot.keys[i].from == KeySource::From::Source) continue;
    ids += ids.empty() ? "" : ", ";
    ids += slot.keys[i].from == KeySource::From::Summed ? fmt::format("any {}", entity) : fmt::format("{} of the destination", entity);
  }
  return ids.empty() ? ids : fmt::format("[{}]", ids);
}

/// The n-th limit's place among the statements.
Index limit_statement(const std::vector<Statement>& statements, Index limit) {
  Index i = 0;
  for (; i < statements.size(); ++i)
    if (statements[i].kind == StatementKind::Limit && limit-- == 0) break;
  return i;
}

}  // namespace

std::string cell_in_words(const Vocabulary& vocabulary, const Cell& cell) {
  const Bucket& from = vocabulary.buckets[cell.from];
  const Bucket& to = vocabulary.buckets[cell.to];
  std::string text = fmt::format("{} from {} to {}", vocabulary.purposes[cell.purpose].name, from.name, to.name);
  const std::vector<Index> shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i)
    text += fmt::format(", {} {}", (unsigned{cell.relation} >> i & 1u) != 0 ? "another" : "the same", vocabulary.entities[shared[i]].name);
  return text + fmt::format(", in {}, by {}", vocabulary.assets[cell.asset].name, vocabulary.roles[cell.role].name);
}

std::string transition_in_words(const Vocabulary& vocabulary, Index machine, Mask from_modes, Index to_mode, Mask roles, const std::optional<Deadline>& deadline) {
  const ModeMachine& of = vocabulary.machines[machine];
  std::string from;
  for (std::size_t mode = 0; mode < of.modes.size(); ++mode)
    if ((from_modes >> mode & 1) != 0) from += fmt::format("{}{}", from.empty() ? "" : ", ", of.modes[mode]);
  return fmt::format("{} -> {} of {} by {}", from, of.modes[to_mode], subject_name(vocabulary, of.subject),
                     (roles != 0 || !deadline ? names_of(vocabulary.roles, roles) : "the clock") + (deadline ? ", " + print(vocabulary, *deadline) : ""));
}

std::string value_name(const Names& names, Index value) {
  const auto& [vocabulary, statements, diagrams] = names;
  if (diagrams.is_at_end(value)) return "balance(from) at the end";
  const Slot& slot = diagrams.slot(value);
  switch (slot.kind) {
    case SlotKind::Amount: return "amount";
    case SlotKind::TimeOfDay: return "time of day";
    case SlotKind::Now: return "now";
    case SlotKind::Approvals: return fmt::format("approvals by {}", names_of(vocabulary.roles, slot.roles));
    case SlotKind::Evidence: return fmt::format("evidence {}", vocabulary.evidence[slot.target].name);
    case SlotKind::Balance:
    case SlotKind::BucketTotal: {
      const Bucket& bucket = vocabulary.buckets[slot.target];
      return fmt::format("{}({}{})", slot.kind == SlotKind::Balance ? "balance" : "total", bucket.name, ids_in_words(vocabulary, slot, bucket.keys));
    }
    case SlotKind::AccountTotal: {
      const Account& account = vocabulary.accounts[slot.target];
      return fmt::format("total({}{})", account.name, ids_in_words(vocabulary, slot, account.keys));
    }
    case SlotKind::Fact: return vocabulary.facts[slot.target].name + ids_in_words(vocabulary, slot, vocabulary.facts[slot.target].subject.keys);
    case SlotKind::Mode: {
      const Subject& subject = vocabulary.machines[slot.target].subject;
      return fmt::format("mode of {}{}", subject_name(vocabulary, subject), ids_in_words(vocabulary, slot, subject.keys));
    }
    case SlotKind::Used: break;
  }
  const bool of_destination = std::any_of(slot.keys.begin(), slot.keys.end(), [](const KeySource& key) { return key.from == KeySource::From::Destination; });
  return fmt::format("counted under {}{}", statement_in_words(statements, limit_statement(statements, slot.target)), of_destination ? " for the destination" : "");
}

std::string value_in_words(const Names& names, Index value, Int128 number, Index asset_of_transfer) {
  const auto& [vocabulary, statements, diagrams] = names;
  const std::string name = value_name(names, value);
  const Slot& slot = diagrams.slot(value);
  if (diagrams.is_at_end(value) || slot.kind == SlotKind::Amount) return fmt::format("{} = {}", name, print_money(vocabulary, number, asset_of_transfer));
  switch (slot.kind) {
    case SlotKind::TimeOfDay: return fmt::format("{} = {}", name, print_time_of_day(static_cast<std::int64_t>(number)));
    case SlotKind::Now: return fmt::format("{} = {}", name, print_instant(static_cast<std::int64_t>(number)));
    case SlotKind::Balance:
    case SlotKind::BucketTotal:
    case SlotKind::AccountTotal:
    case SlotKind::Used: return fmt::format("{} = {}", name, print_money(vocabulary, number, slot.asset));
    case SlotKind::Fact: return fmt::format("{} = {}", name, print_fact(vocabulary, vocabulary.facts[slot.target], number));
    case SlotKind::Mode: return fmt::format("{} = {}", name, vocabulary.machines[slot.target].modes[static_cast<std::size_t>(number)]);
    case SlotKind::Evidence: return fmt::format("{} is {}", name, number != 0 ? "shown" : "not shown");
    case SlotKind::Amount:
    case SlotKind::Approvals: break;
  }
  return fmt::format("{} = {}", name, to_string(number));
}

std::string statement_in_words(const std::vector<Statement>& statements, Index statement) {
  if (statement >= statements.size()) return "a statement that the policy does not have";
  static constexpr const char* kWords[] = {"allow rule", "deny rule", "floor", "limit", "transition", "invariant"};
  return fmt::format("the {} of line {}", kWords[static_cast<std::size_t>(statements[statement].kind)], statements[statement].words.line);
}

std::string judgement_in_words(const std::vector<Statement>& statements, const Judgement& judgement) {
  std::string text = judgement.reason == Reason::Allowed ? "allowed" : fmt::format("denied: {}", reason_word(judgement.reason));
  if (judgement.statement != kNone) text += fmt::format(", by {}", statement_in_words(statements, judgement.statement));
  if (judgement.condition != kNone) text += fmt::format(", its condition {}", judgement.condition + 1);
  return text;
}

LinePair first_difference(const std::string& first_dump, const std::string& second_dump) {
  std::istringstream first(first_dump), second(second_dump);
  LinePair lines;
  while (true) {
    const bool more_first = static_cast<bool>(std::getline(first, lines.first)), more_second = static_cast<bool>(std::getline(second, lines.second));
    if (!more_first) lines.first.clear();
    if (!more_second) lines.second.clear();
    if ((!more_first && !more_second) || more_first != more_second || lines.first != lines.second) return lines;
  }
}

}  // namespace ringfence::equivalence

namespace ringfence {

std::string print(const TableDifference& difference) {
  std::string text = fmt::format("{}: {}\n", difference.place, difference.what);
  for (std::size_t i = 0; i < difference.values.size(); ++i) text += fmt::format("  {} {}\n", i == 0 ? "with" : "    ", difference.values[i]);
  if (!difference.by_policy.empty()) text += fmt::format("  by the text:  {}\n  by the table: {}\n", difference.by_policy, difference.by_table);
  return text;
}

}  // namespace ringfence
