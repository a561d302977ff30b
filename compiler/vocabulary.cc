// SPDX-License-Identifier: Apache-2.0
// In: the declarations of a policy. Out: the keys that two buckets share, names for people, and the text dump of a vocabulary: one
// declaration a line, in the order of the lists, so that two dumps are equal exactly when the vocabularies are.
#include "compiler/vocabulary.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "compiler/print_value.h"

namespace ringfence {
namespace {

using Out = std::back_insert_iterator<std::string>;

std::string entity_names(const Vocabulary& vocabulary, const std::vector<Index>& keys) {
  std::string names;
  for (const Index key : keys) names += (names.empty() ? "" : ", ") + vocabulary.entities[key].name;
  return names;
}

std::string quoted(const std::string& text) {
  if (text.empty()) return {};
  std::string out = " \"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string bucket_names(const Vocabulary& vocabulary, const std::vector<Index>& buckets) {
  std::string names;
  for (const Index bucket : buckets) names += (names.empty() ? "" : ", ") + vocabulary.buckets[bucket].name;
  return names;
}

void dump_places(Out out, const Vocabulary& vocabulary) {
  for (const Account& account : vocabulary.accounts)
    fmt::format_to(out, "account {} [{}]{}\n", account.name, entity_names(vocabulary, account.keys), quoted(account.text));
  for (const Bucket& bucket : vocabulary.buckets) {
    fmt::format_to(out, "{} {} [{}]", bucket.external ? "external" : "bucket", bucket.name, entity_names(vocabulary, bucket.keys));
    if (bucket.account != kNone) fmt::format_to(out, " in {}", vocabulary.accounts[bucket.account].name);
    fmt::format_to(out, "{}{}\n", bucket.may_overdraw ? " may overdraw" : "", quoted(bucket.text));
  }
}

std::string type_name(const Vocabulary& vocabulary, const Fact& fact) {
  switch (fact.type) {
    case FactType::Amount: return "amount of " + vocabulary.assets[fact.asset].name;
    case FactType::Number: return "number";
    case FactType::Ratio: return "ratio";
    case FactType::Flag: return "flag";
    case FactType::Instant: return "instant";
    case FactType::Duration: return "duration";
  }
  return {};
}

void dump_facts_and_modes(Out out, const Vocabulary& vocabulary) {
  for (const Fact& fact : vocabulary.facts) {
    fmt::format_to(out, "fact {} of {} [{}] : {} from {} to {}", fact.name, subject_name(vocabulary, fact.subject),
                   entity_names(vocabulary, fact.subject.keys), type_name(vocabulary, fact), to_string(fact.min), to_string(fact.max));
    if (fact.fresh_within_ms != 0) fmt::format_to(out, ", fresh within {} ms", fact.fresh_within_ms);
    fmt::format_to(out, "{}\n", quoted(fact.text));
  }
  for (const ModeMachine& machine : vocabulary.machines) {
    fmt::format_to(out, "mode of {} [{}] :", subject_name(vocabulary, machine.subject), entity_names(vocabulary, machine.subject.keys));
    for (std::size_t i = 0; i < machine.modes.size(); ++i) fmt::format_to(out, "{}{}", i == 0 ? " " : ", ", machine.modes[i]);
    fmt::format_to(out, "\n");
  }
}

void dump_fences(Out out, const Vocabulary& vocabulary) {
  for (const Fence& fence : vocabulary.fences) {
    fmt::format_to(out, "fence line {}{}: ", fence.line, fence.in_custody ? " in custody" : "");
    if (fence.kind == FenceKind::Between)
      fmt::format_to(out, "{{{}}} from {{{}}}", bucket_names(vocabulary, fence.left), bucket_names(vocabulary, fence.right));
    else
      fmt::format_to(out, "each {} in {{{}}}", vocabulary.entities[fence.entity].name, bucket_names(vocabulary, fence.within));
    fmt::format_to(out, "{}{}{}\n", quoted(fence.text), fence.cite.empty() ? "" : " cite", quoted(fence.cite));
  }
}

}  // namespace

std::vector<Index> shared_keys(const Bucket& from, const Bucket& to) {
  std::vector<Index> shared;
  for (const Index key : from.keys)
    if (key_position(to.keys, key) != kNone) shared.push_back(key);
  return shared;
}

Index key_position(const std::vector<Index>& keys, Index entity) {
  const auto found = std::find(keys.begin(), keys.end(), entity);
  return found == keys.end() ? kNone : static_cast<Index>(found - keys.begin());
}

std::string subject_name(const Vocabulary& vocabulary, const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::System: return "system";
    case SubjectKind::Entity: return vocabulary.entities[subject.index].name;
    case SubjectKind::Bucket: return vocabulary.buckets[subject.index].name;
  }
  return {};
}

std::string print(const Vocabulary& vocabulary, const Deadline& deadline) {
  if (deadline.schedule == kNone) return "within " + print_duration(deadline.within_ms);
  return fmt::format("by {}, {}", vocabulary.schedules[deadline.schedule].name,
                     deadline.business_day == 0 ? "the same business day" : fmt::format("business day {}", deadline.business_day));
}

std::string dump(const Vocabulary& vocabulary) {
  std::string text;
  const Out out = std::back_inserter(text);
  fmt::format_to(out, "policy{} version{}{}{}\n", quoted(vocabulary.policy_name), quoted(vocabulary.policy_version),
                 vocabulary.policy_cite.empty() ? "" : " cite", quoted(vocabulary.policy_cite));
  for (const Asset& asset : vocabulary.assets) fmt::format_to(out, "asset {} decimals {}{}\n", asset.name, asset.decimals, quoted(asset.text));
  for (const Role& role : vocabulary.roles) fmt::format_to(out, "role {}\n", role.name);
  for (const Purpose& purpose : vocabulary.purposes) fmt::format_to(out, "purpose {}\n", purpose.name);
  for (const Evidence& evidence : vocabulary.evidence) fmt::format_to(out, "evidence {}\n", evidence.name);
  for (const Entity& entity : vocabulary.entities) fmt::format_to(out, "entity {}{}\n", entity.name, entity.many ? " many" : "");
  dump_places(out, vocabulary);
  dump_facts_and_modes(out, vocabulary);
  for (const Schedule& schedule : vocabulary.schedules) {
    fmt::format_to(out, "schedule {} from {} ms, {} business days\n", schedule.name, schedule.first_ms, schedule.days.size());
    for (const BusinessDay& day : schedule.days) fmt::format_to(out, "  day from {} ms, cut-off {} ms\n", day.start_ms, day.cut_off_ms);
  }
  dump_fences(out, vocabulary);
  return text;
}

}  // namespace ringfence
