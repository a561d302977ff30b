// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_slots.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/persons.h"
#include "verify/smt_state.h"
#include "verify/smt_text.h"
#include "verify/times.h"

namespace ringfence::smt {

using Terms = std::vector<std::string>;

std::vector<std::string> SlotText::ranges(const std::vector<Slot>& slots, const std::vector<Mask>& possible) const {
  Terms terms;
  const auto within = [&](std::size_t slot, Int128 low, Int128 high) {
    terms.push_back(fmt::format("(and (<= {} v{}) (<= v{} {}))", number(low), slot, slot, number(high)));
  };
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    switch (slot.kind) {
      case SlotKind::Amount: within(i, 1, kAmountMax); break;
      case SlotKind::TimeOfDay: within(i, 0, 86'399); break;
      case SlotKind::Now: within(i, kInstantMin, kInstantMax); break;
      case SlotKind::Evidence: within(i, 0, 1); break;
      case SlotKind::Approvals: within(i, 0, static_cast<Int128>(kApprovalsMax)); break;
      case SlotKind::Balance:
      case SlotKind::BucketTotal:
      case SlotKind::AccountTotal: within(i, may_be_below_zero(arena_, slot) ? -kAmountMax : 0, kAmountMax); break;
      case SlotKind::Used: within(i, 0, kAmountMax); break;
      case SlotKind::Fact: within(i, arena_.moves.vocabulary.facts[slot.target].min, arena_.moves.vocabulary.facts[slot.target].max); break;
      case SlotKind::Mode: terms.push_back(one_of(fmt::format("v{}", i), possible[slot.target])); break;
    }
  }
  if (const auto times = times_of(slots)) terms.push_back(equal(fmt::format("v{}", times->of_day), second_of_day(fmt::format("v{}", times->now))));
  const Terms approvals = approval_terms(slots);
  terms.insert(terms.end(), approvals.begin(), approvals.end());
  return terms;
}

std::vector<std::string> SlotText::approval_terms(const std::vector<Slot>& slots) const {
  Terms terms, persons;
  const auto kinds = person_kinds(slots);
  if (kinds.empty()) return terms;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    persons.push_back(fmt::format("persons{}", k));
    terms.push_back(fmt::format("(<= 0 persons{})", k));
  }
  terms.push_back(fmt::format("(<= {} {})", sum(persons), kApprovalsMax));
  for (Index i = 0; i < slots.size(); ++i) {
    if (slots[i].kind != SlotKind::Approvals) continue;
    Terms counted;
    for (std::size_t k = 0; k < kinds.size(); ++k)
      if (std::find(kinds[k].slots.begin(), kinds[k].slots.end(), i) != kinds[k].slots.end()) counted.push_back(fmt::format("persons{}", k));
    terms.push_back(equal(fmt::format("v{}", i), sum(counted)));
  }
  return terms;
}

/// What the followed units and the modes say about the slots.
std::vector<std::string> SlotText::known(const std::vector<Slot>& slots, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
  Terms terms;
  for (Index i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    const std::string value = fmt::format("v{}", i);
    if (slot.kind == SlotKind::Mode && (keyed_modes_ || slot.keys.empty())) terms.push_back(equal(value, smt::apply(fmt::format("mode{}", slot.target), ids_of(slot, from_keys, to_keys))));
    const bool is_total = slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal;
    if (slot.kind != SlotKind::Balance && !is_total) continue;
    if (may_be_below_zero(arena_, slot)) continue;
    terms.push_back(fmt::format("(>= {} {})", value, units_in(slot, from_keys, to_keys, {})));
    if (!is_total) continue;
    Terms parts;
    std::vector<const Slot*> included;
    for (const Index balance : included_balances(arena_, slots, i)) {
      parts.push_back(fmt::format("v{}", balance));
      included.push_back(&slots[balance]);
    }
    parts.push_back(units_in(slot, from_keys, to_keys, included));
    terms.push_back(fmt::format("(>= {} {})", value, sum(parts)));
  }
  return terms;
}

std::vector<std::string> SlotText::ids_of(const Slot& slot, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
  Terms ids;
  for (const KeySource& key : slot.keys)
    ids.push_back(key.from == KeySource::From::Summed   ? ""
                  : key.from == KeySource::From::Source ? fmt::format("s{}", from_keys[key.position])
                                                        : fmt::format("d{}", to_keys[key.position]));
  return ids;
}

/// How many followed units the balance or total counts, less those that one of `others` counts.
std::string SlotText::units_in(const Slot& slot, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, const std::vector<const Slot*>& others) const {
  Terms parts;
  for (unsigned coin = 0; coin < coin_count_; ++coin) {
    Terms terms{counted(slot, coin, from_keys, to_keys)};
    for (const Slot* other : others) terms.push_back(negation(counted(*other, coin, from_keys, to_keys)));
    parts.push_back(choice(all(terms), "1", "0"));
  }
  return sum(parts);
}

std::string SlotText::counted(const Slot& slot, unsigned coin, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
  const SpotName at{fmt::format("at{}", coin), ""};
  Terms terms{equal(fmt::format("asset{}", coin), std::to_string(slot.asset))};
  const bool is_account = slot.kind == SlotKind::AccountTotal;
  std::vector<Index> buckets;
  for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
    if (is_account ? arena_.bucket(bucket).account == slot.target : bucket == slot.target) buckets.push_back(bucket);
  terms.push_back(one_of(at.bucket(), buckets));
  const auto& keys = is_account ? arena_.moves.vocabulary.accounts[slot.target].keys : arena_.bucket(slot.target).keys;
  const Terms ids = ids_of(slot, from_keys, to_keys);
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!ids[i].empty()) terms.push_back(equal(at.id(keys[i]), ids[i]));
  return all(terms);
}

}  // namespace ringfence::smt
