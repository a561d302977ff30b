// SPDX-License-Identifier: Apache-2.0
#include "verify/diff_words.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/print_value.h"

namespace ringfence {
namespace {

std::string id_of(const Vocabulary& vocabulary, Index entity, std::uint64_t id) {
  std::string name = vocabulary.entities[entity].name;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return fmt::format("{}{}", name, id);
}

std::string instance(const Vocabulary& vocabulary, const std::string& name, const std::vector<Index>& keys, const Instance& held) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < keys.size(); ++i) ids.push_back(id_of(vocabulary, keys[i], held.ids[i]));
  return print_instance(name, ids);
}

/// The ids of a slot's own instance, "any" where they are summed over.
std::string slot_instance(const Vocabulary& vocabulary, const std::string& name, const std::vector<Index>& keys, const Slot& slot, const Example& example) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < keys.size() && i < slot.keys.size(); ++i) {
    const KeySource& key = slot.keys[i];
    if (key.from == KeySource::From::Summed) ids.push_back("any " + vocabulary.entities[keys[i]].name);
    else ids.push_back(id_of(vocabulary, keys[i], (key.from == KeySource::From::Source ? example.from : example.to).ids[key.position]));
  }
  return print_instance(name, ids);
}

std::string fact_value(const Vocabulary& vocabulary, const Fact& fact, const Reading& reading) {
  const std::string text = print_fact(vocabulary, fact, reading.number);
  return reading.age_ms == 0 ? text : fmt::format("{}, observed {} ms before", text, reading.age_ms);
}

}  // namespace

std::string roles_in_words(const Vocabulary& vocabulary, Mask roles) {
  std::vector<std::string> names;
  for (std::size_t role = 0; role < vocabulary.roles.size(); ++role)
    if (roles >> role & 1) names.push_back(vocabulary.roles[role].name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string in_words(const Joint& joint, const RequestKind& kind) {
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  if (!kind.is_transfer) {
    const ModeMachine& machine = vocabulary.machines[kind.machine];
    return fmt::format("mode of {}: {} -> {}, by {}", subject_name(vocabulary, machine.subject), machine.modes[kind.from_mode], machine.modes[kind.to_mode],
                       roles_in_words(vocabulary, kind.roles));
  }
  const Bucket &from = vocabulary.buckets[kind.from], &to = vocabulary.buckets[kind.to];
  std::string text = fmt::format("{} {} -> {}", vocabulary.purposes[kind.purpose].name, from.name, to.name);
  const std::vector<Index> shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (kind.relation >> i & 1) text += fmt::format(", another {}", vocabulary.entities[shared[i]].name);
  return text + fmt::format(", of {}, by {}", vocabulary.assets[kind.asset].name, roles_in_words(vocabulary, kind.roles));
}

std::string bucket_in_words(const Joint& joint, const Instance& held) {
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  const Bucket& bucket = vocabulary.buckets[held.target];
  return instance(vocabulary, bucket.name, bucket.keys, held);
}

std::string subject_in_words(const Joint& joint, const Instance& held) {
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  const Subject& subject = vocabulary.machines[held.target].subject;
  return instance(vocabulary, subject_name(vocabulary, subject), subject.keys, held);
}

std::pair<std::string, std::string> in_words(const Joint& joint, const Example& example, const Reading& reading) {
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  const Slot& slot = reading.slot;
  switch (slot.kind) {
    case SlotKind::Balance:
    case SlotKind::BucketTotal: {
      const Bucket& bucket = vocabulary.buckets[slot.target];
      const std::string name = slot_instance(vocabulary, bucket.name, bucket.keys, slot, example);
      return {fmt::format("{} of {}", slot.kind == SlotKind::Balance ? "balance" : "total", name), print_money(vocabulary, reading.number, slot.asset)};
    }
    case SlotKind::AccountTotal: {
      const Account& account = vocabulary.accounts[slot.target];
      return {"total of " + slot_instance(vocabulary, account.name, account.keys, slot, example), print_money(vocabulary, reading.number, slot.asset)};
    }
    case SlotKind::Fact: {
      const Fact& fact = vocabulary.facts[slot.target];
      return {slot_instance(vocabulary, fact.name, fact.subject.keys, slot, example), fact_value(vocabulary, fact, reading)};
    }
    case SlotKind::Mode: {
      const ModeMachine& machine = vocabulary.machines[slot.target];
      return {"mode of " + slot_instance(vocabulary, subject_name(vocabulary, machine.subject), machine.subject.keys, slot, example),
              machine.modes[static_cast<std::size_t>(reading.number)]};
    }
    case SlotKind::Used: return {in_words(joint, slot), print_money(vocabulary, reading.number, slot.asset)};
    default: return {in_words(joint, slot), to_string(reading.number)};
  }
}

std::string in_words(const Joint& joint, const Slot& slot) {
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  switch (slot.kind) {
    case SlotKind::Amount: return "amount";
    case SlotKind::TimeOfDay: return "time of day";
    case SlotKind::Now: return "now";
    case SlotKind::Approvals: return fmt::format("approvals by {}", roles_in_words(vocabulary, slot.roles));
    case SlotKind::Evidence: return "evidence " + vocabulary.evidence[slot.target].name;
    case SlotKind::Balance: return "balance of " + vocabulary.buckets[slot.target].name;
    case SlotKind::BucketTotal: return "total of " + vocabulary.buckets[slot.target].name;
    case SlotKind::AccountTotal: return "total of " + vocabulary.accounts[slot.target].name;
    case SlotKind::Fact: return "fact " + vocabulary.facts[slot.target].name;
    case SlotKind::Mode: return "mode of " + subject_name(vocabulary, vocabulary.machines[slot.target].subject);
    case SlotKind::Used: break;
  }
  const unsigned policy = joint.limits.has(kNewer, slot.target) ? kNewer : kOlder;
  const Moves& moves = joint.sides[policy];
  const Index statement = moves.limits[joint.limits.own[policy][slot.target]].statement;
  return fmt::format("counted before by the limit in line {} of the {} policy", moves.statements[statement].words.line, policy == kNewer ? "newer" : "older");
}

std::string decision_in_words(const Moves& own, const Decision& decision) {
  const std::string line = decision.statement == kNone ? "" : fmt::format(", line {}", own.statements[decision.statement].words.line);
  return decision.allowed() ? "allowed" + line : fmt::format("denied by {}{}", reason_word(decision.reason), line);
}

std::string in_words(const Joint& joint, const Flow& flow) {
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  const Bucket &title = vocabulary.buckets[flow.title], &at = vocabulary.buckets[flow.at];
  std::string text = fmt::format("{} held for {} in {}", vocabulary.assets[flow.asset].name, title.name, at.name);
  const std::vector<Index> shared = shared_keys(title, at);
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (flow.relation >> i & 1) text += fmt::format(" of another {}", vocabulary.entities[shared[i]].name);
  return text;
}

std::string title_in_words(bool keeps, bool passes) {
  return keeps && passes ? "keeps or passes title" : passes ? "passes title" : "keeps title";
}

}  // namespace ringfence
