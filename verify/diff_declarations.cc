// SPDX-License-Identifier: Apache-2.0
#include "verify/diff_declarations.h"

#include <algorithm>
#include <bit>
#include <map>

#include <fmt/format.h>

#include "compiler/print_value.h"
#include "compiler/table_digest.h"

namespace ringfence {
namespace {

// ---- one declaration in words, with all that matters and nothing else

std::string keys_in_words(const Vocabulary& vocabulary, const std::vector<Index>& keys) {
  std::vector<std::string> names;
  for (const Index key : keys) names.push_back(vocabulary.entities[key].name);
  return names.empty() ? "" : fmt::format(" keyed by {}", fmt::join(names, ", "));
}

std::string describe(const Vocabulary&, const Asset& asset) { return fmt::format("asset {} decimals {}", asset.name, asset.decimals); }
std::string describe(const Vocabulary&, const Role& role) { return fmt::format("role {}", role.name); }
std::string describe(const Vocabulary&, const Purpose& purpose) { return fmt::format("purpose {}", purpose.name); }
std::string describe(const Vocabulary&, const Evidence& evidence) { return fmt::format("evidence {}", evidence.name); }
std::string describe(const Vocabulary&, const Entity& entity) { return fmt::format("entity {}{}", entity.name, entity.many ? " many" : ""); }
std::string describe(const Vocabulary& vocabulary, const Account& account) {
  return fmt::format("account {}{}", account.name, keys_in_words(vocabulary, account.keys));
}

std::string describe(const Vocabulary& vocabulary, const Bucket& bucket) {
  std::string text = fmt::format("{} {}{}", bucket.external ? "external" : "bucket", bucket.name, keys_in_words(vocabulary, bucket.keys));
  if (bucket.account != kNone) text += fmt::format(" in {}", vocabulary.accounts[bucket.account].name);
  if (bucket.may_overdraw) text += " may overdraw";
  return text;
}

std::string describe(const Vocabulary& vocabulary, const Fact& fact) {
  std::string text = fmt::format("fact {}", fact.name);
  if (fact.subject.kind != SubjectKind::System) text += fmt::format(" of {}", subject_name(vocabulary, fact.subject));
  switch (fact.type) {
    case FactType::Flag: text += " : flag"; break;
    case FactType::Amount: text += " : amount"; break;
    case FactType::Ratio: text += " : ratio"; break;
    case FactType::Number: text += " : number"; break;
    case FactType::Instant: text += " : instant"; break;
    case FactType::Duration: text += " : duration"; break;
  }
  if (fact.type != FactType::Flag) text += fmt::format(" from {} to {}", print_fact(vocabulary, fact, fact.min), print_fact(vocabulary, fact, fact.max));
  if (fact.fresh_within_ms != 0) text += ", fresh within " + print_duration(fact.fresh_within_ms);
  return text;
}

/// The first mode matters, the order of the others does not.
std::string describe(const Vocabulary& vocabulary, const ModeMachine& machine) {
  std::vector<std::string> others(machine.modes.begin() + 1, machine.modes.end());
  std::sort(others.begin(), others.end());
  std::string text = fmt::format("mode of {} : {} at first", subject_name(vocabulary, machine.subject), machine.modes.front());
  if (!others.empty()) text += fmt::format(", {}", fmt::join(others, ", "));
  return text;
}

template <class Declared>
std::string name_of(const Vocabulary&, const Declared& declared) { return declared.name; }
std::string name_of(const Vocabulary& vocabulary, const ModeMachine& machine) { return subject_name(vocabulary, machine.subject); }

/// By name, in words.
void compare(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after, std::vector<DeclarationChange>& changes) {
  for (const auto& [name, words] : after) {
    const auto known = before.find(name);
    if (known == before.end()) changes.push_back({"added", words});
    else if (known->second != words) changes.push_back({"changed", fmt::format("{} (was: {})", words, known->second)});
  }
  for (const auto& [name, words] : before)
    if (!after.contains(name)) changes.push_back({"removed", words});
}

template <class Declared>
void compare(const Vocabulary& older, const Vocabulary& newer, std::vector<Declared> Vocabulary::* member, std::vector<DeclarationChange>& changes) {
  std::map<std::string, std::string> before, after;
  for (const Declared& declared : older.*member) before.emplace(name_of(older, declared), describe(older, declared));
  for (const Declared& declared : newer.*member) after.emplace(name_of(newer, declared), describe(newer, declared));
  compare(before, after, changes);
}

/// Up to when its cut-offs are known, and short, but another text for other days.
std::string days_of(const Schedule& schedule) {
  std::string text = std::to_string(schedule.first_ms);
  for (const BusinessDay& day : schedule.days) text += fmt::format(" {}-{}", day.start_ms, day.cut_off_ms);
  const std::string until = schedule.days.empty() ? "" : " until " + print_instant(schedule.days.back().cut_off_ms);
  return fmt::format(" ({} business days{}, {})", schedule.days.size(), until, sha256(text).substr(0, 8));
}

std::map<std::string, std::string> deadlines_of(const Moves& moves) {
  std::map<std::string, std::string> deadlines;
  for (const Transition& transition : moves.transitions) {
    if (!transition.deadline) continue;
    const ModeMachine& machine = moves.vocabulary.machines[transition.machine];
    const std::string mode = fmt::format("mode of {}: {}", subject_name(moves.vocabulary, machine.subject), machine.modes[static_cast<std::size_t>(std::countr_zero(transition.from_modes))]);
    const Index schedule = transition.deadline->schedule;
    deadlines.emplace(mode, fmt::format("{} must end {}{}, else {}", mode, print(moves.vocabulary, *transition.deadline),
                                        schedule == kNone ? "" : days_of(moves.vocabulary.schedules[schedule]), machine.modes[transition.to_mode]));
  }
  return deadlines;
}

// ---- changes of mode that come with a transfer

std::string print_brings(const Vocabulary& vocabulary, const Move& move, const Brings& brings) {
  const ModeMachine& machine = vocabulary.machines[move.slots[brings.slot].target];
  return fmt::format("{} {} of {}", brings.before ? "entering" : "then", machine.modes[brings.mode], subject_name(vocabulary, machine.subject));
}

/// Which rules let the transfer through, in their order, and what each brings.
std::string print_allows(const Moves& moves, const Move& move) {
  std::string text = fmt::format("{} {}", move.relation, moves.vocabulary.assets[move.asset].name);
  for (Index role = 0; role < moves.vocabulary.roles.size(); ++role)
    if ((move.roles >> role & 1) != 0) text += " " + moves.vocabulary.roles[role].name;
  const auto& first = move.allows.front().brings;
  const bool all_alike = std::all_of(move.allows.begin(), move.allows.end(), [&](const Guarded& allow) { return allow.brings == first; });
  for (const Guarded& allow : move.allows) {
    for (const Clause& clause : allow.clauses)
      if (!all_alike) text += " " + clause.text;
    text += allow.brings ? fmt::format(" {} {}", print_brings(moves.vocabulary, move, *allow.brings), print(moves.vocabulary, move.slots[allow.brings->slot])) : " none";
    if (all_alike) break;
  }
  return text;
}

/// What comes with a transfer, in words; and by what rules of each of its rows.
struct BroughtModes { std::string words, rows; };
std::map<std::string, BroughtModes> brought_modes_of(const Moves& moves) {
  struct Found { std::vector<std::string> brought; std::string rows; };
  std::map<std::string, Found> found;
  for (const Move& move : moves.moves) {
    std::vector<std::string> brought;
    for (const Guarded& allow : move.allows)
      if (allow.brings) brought.push_back(print_brings(moves.vocabulary, move, *allow.brings));
    if (brought.empty()) continue;
    const Vocabulary& v = moves.vocabulary;
    Found& here = found[fmt::format("{} {} -> {}", v.purposes[move.purpose].name, v.buckets[move.from].name, v.buckets[move.to].name)];
    here.brought.insert(here.brought.end(), brought.begin(), brought.end());
    here.rows += print_allows(moves, move) + "\n";
  }
  std::map<std::string, BroughtModes> words;
  for (auto& [transfer, here] : found) {
    std::sort(here.brought.begin(), here.brought.end());
    here.brought.erase(std::unique(here.brought.begin(), here.brought.end()), here.brought.end());
    words.emplace(transfer, BroughtModes{fmt::format("with {}: {}", transfer, fmt::join(here.brought, ", ")), here.rows});
  }
  return words;
}

// ---- fences

/// What the fence keeps apart: the sides of one between two have no order.
Fence meaning(Fence fence) {
  if (fence.right < fence.left) std::swap(fence.left, fence.right);
  fence.line = 0;
  fence.text.clear();
  fence.cite.clear();
  return fence;
}

std::vector<Index> buckets_of(const Fence& fence) {
  std::vector<Index> all = fence.left;
  all.insert(all.end(), fence.right.begin(), fence.right.end());
  all.insert(all.end(), fence.within.begin(), fence.within.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::string names(const Vocabulary& vocabulary, const std::vector<Index>& buckets) {
  std::vector<std::string> all;
  for (const Index bucket : buckets) all.push_back(vocabulary.buckets[bucket].name);
  return fmt::format("{}", fmt::join(all, ", "));
}

/// A fence of the same text that speaks of other buckets.
std::string changed_reach(const Vocabulary& vocabulary, const Fence& older, const Fence& newer) {
  const std::vector<Index> before = buckets_of(older), after = buckets_of(newer);
  std::vector<Index> more, less;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(more));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(less));
  std::string text = newer.text;
  if (!more.empty()) text += fmt::format("; now also speaks of {}", names(vocabulary, more));
  if (!less.empty()) text += fmt::format("; no longer speaks of {}", names(vocabulary, less));
  if (more.empty() && less.empty()) text += "; its sides are others";
  return text;
}

}  // namespace

std::vector<DeclarationChange> compare_declarations(const Vocabulary& older, const Vocabulary& newer) {
  std::vector<DeclarationChange> changes;
  compare(older, newer, &Vocabulary::assets, changes);
  compare(older, newer, &Vocabulary::roles, changes);
  compare(older, newer, &Vocabulary::purposes, changes);
  compare(older, newer, &Vocabulary::evidence, changes);
  compare(older, newer, &Vocabulary::entities, changes);
  compare(older, newer, &Vocabulary::accounts, changes);
  compare(older, newer, &Vocabulary::buckets, changes);
  compare(older, newer, &Vocabulary::facts, changes);
  compare(older, newer, &Vocabulary::machines, changes);
  return changes;
}

std::vector<DeclarationChange> compare_deadlines(const Moves& older, const Moves& newer) {
  const std::map<std::string, std::string> before = deadlines_of(older), after = deadlines_of(newer);
  std::vector<DeclarationChange> changes;
  compare(before, after, changes);
  return changes;
}

std::vector<DeclarationChange> compare_brought_modes(const Moves& older, const Moves& newer) {
  const std::map<std::string, BroughtModes> before = brought_modes_of(older), after = brought_modes_of(newer);
  std::vector<DeclarationChange> changes;
  for (const auto& [transfer, now] : after) {
    const auto known = before.find(transfer);
    if (known == before.end()) changes.push_back({"added", now.words});
    else if (known->second.words != now.words) changes.push_back({"changed", fmt::format("{} (was: {})", now.words, known->second.words)});
    else if (known->second.rows != now.rows) changes.push_back({"changed", now.words + "; by other rules, or for other transfers"});
  }
  for (const auto& [transfer, then] : before)
    if (!after.contains(transfer)) changes.push_back({"removed", then.words});
  return changes;
}

std::vector<DeclarationChange> compare_fences(const Joint& joint) {
  std::vector<Fence> gone = joint.vocabulary(kOlder).fences, fresh;
  for (const Fence& fence : joint.vocabulary(kNewer).fences) {
    const auto same = std::find_if(gone.begin(), gone.end(), [&](const Fence& other) { return meaning(other) == meaning(fence); });
    if (same != gone.end()) gone.erase(same);
    else fresh.push_back(fence);
  }
  std::vector<DeclarationChange> changes;
  for (const Fence& fence : fresh) {
    const auto reworded = std::find_if(gone.begin(), gone.end(), [&](const Fence& other) { return other.text == fence.text; });
    if (reworded == gone.end()) {
      changes.push_back({"added", "fence " + fence.text});
      continue;
    }
    changes.push_back({"changed", "fence " + changed_reach(joint.vocabulary(kNewer), *reworded, fence)});
    gone.erase(reworded);
  }
  for (const Fence& fence : gone) changes.push_back({"removed", "fence " + fence.text});
  return changes;
}

}  // namespace ringfence
