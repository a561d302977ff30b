// SPDX-License-Identifier: Apache-2.0
// See known.h.
#include "known.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace checker {

std::uint8_t Step::id_of(const Slot& slot, std::size_t key) const {
  return slot.keys[key] < kDestinationKey ? from_[slot.keys[key]] : to_[slot.keys[key] - kDestinationKey];
}

/// The balances that the slot is, or is the sum of; none where it is no sum of single ones.
std::vector<Instance> Step::instances_of(const Slot& slot) const {
  std::vector<Instance> instances;
  if ((slot.kind != SlotKind::Balance && slot.kind != SlotKind::AccountTotal) || std::find(slot.keys.begin(), slot.keys.end(), kAllIds) != slot.keys.end()) return instances;
  for (Index bucket = 0; bucket < table_.buckets.size(); ++bucket) {
    const bool counted = slot.kind == SlotKind::Balance ? bucket == slot.target : table_.buckets[bucket].account == slot.target;
    if (!counted) continue;
    Instance instance{bucket, slot.asset, {}};
    const std::vector<Index>& keys = table_.buckets[bucket].keys;
    const auto is_named = [&](Index key) { return contains(slot.entities, key); };
    if (keys.size() != slot.entities.size() || !std::all_of(keys.begin(), keys.end(), is_named)) return {};   // other ids are summed, too
    for (std::size_t i = 0; i < keys.size(); ++i) instance.ids[i] = id_of(slot, position(slot.entities, keys[i]));
    instances.push_back(instance);
  }
  return instances;
}

std::vector<std::optional<Sum>> Step::made_of(const std::vector<Slot>& slots, const Balances& balances) const {
  std::vector<std::optional<Sum>> made;
  for (const Slot& slot : slots) {
    const std::vector<Instance> instances = instances_of(slot);
    made.emplace_back();
    if (instances.empty() || !std::all_of(instances.begin(), instances.end(), [&](const Instance& each) { return balances.of(each) != nullptr; })) continue;
    made.back().emplace();
    for (const Instance& each : instances) made.back()->add(*balances.of(each), 1);
  }
  return made;
}

/// The unit is in the balance, or in one of those that the total sums.
bool Step::counts(const Slot& slot, unsigned unit) const {
  const Place& at = before_.spots[2 * unit + 1];
  const Bucket& bucket = frame_.bucket(at);
  if (before_.assets[unit] != slot.asset || bucket.external) return false;
  if (slot.kind == SlotKind::AccountTotal ? bucket.account != slot.target : at.bucket != slot.target) return false;
  for (std::size_t i = 0; i < slot.keys.size(); ++i)
    if (slot.keys[i] != kAllIds && id_at(frame_, at, slot.entities[i]) != id_of(slot, i)) return false;
  return true;
}

/// The balance is one of those that the total sums.
bool Step::includes(const Slot& total, const Slot& balance) const {
  if (balance.kind != SlotKind::Balance || balance.asset != total.asset) return false;
  if (total.kind == SlotKind::AccountTotal ? table_.buckets[balance.target].account != total.target : balance.target != total.target) return false;
  for (std::size_t i = 0; i < total.keys.size(); ++i)
    if (total.keys[i] != kAllIds && id_of(balance, position(balance.entities, total.entities[i])) != id_of(total, i)) return false;
  return true;
}

bool Step::same_instance(const Slot& one, const Slot& other) const {
  if (one.target != other.target) return false;
  for (std::size_t i = 0; i < one.keys.size(); ++i)
    if (id_of(one, i) != id_of(other, i)) return false;
  return true;
}

/// Modes are those after the step where it brings their subjects into sight: they were in them before, too.
Known Step::known(const std::vector<Slot>& slots, Known known) const {
  for (Index i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (slot.kind == SlotKind::Mode) known.modes[i] &= mode_of(slot);
    const bool is_total = slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal;
    if (slot.kind != SlotKind::Balance && !is_total) continue;
    for (Index balance = 0; is_total && balance < slots.size(); ++balance) {
      std::vector<Index>& included = known.included[i];
      if (includes(slot, slots[balance]) &&
          std::none_of(included.begin(), included.end(), [&](Index other) { return same_instance(slots[balance], slots[other]); }))
        included.push_back(balance);
    }
    for (unsigned unit = 0; unit < frame_.units; ++unit) {
      if (!counts(slot, unit)) continue;
      ++known.units[i];
      const std::vector<Index>& included = known.included[i];
      known.beyond[i] = static_cast<std::uint8_t>(
          known.beyond[i] + std::none_of(included.begin(), included.end(), [&](Index balance) { return counts(slots[balance], unit); }));
    }
  }
  return known;
}

Mask Step::mode_of(const Slot& slot) const {
  Subject subject{slot.target, {}}, other;
  for (std::size_t i = 0; i < slot.keys.size(); ++i) subject.ids[i] = id_of(slot, i);
  for (std::size_t v = 0; v < frame_.views.size(); ++v) {
    if (subject_at(frame_, before_, frame_.views[v], other) && other == subject) return Mask{1} << before_.modes[v];
    if (subject_at(frame_, after_, frame_.views[v], other) && other == subject) return Mask{1} << after_.modes[v];
  }
  return ~Mask{0};
}

Known Step::known_of_move(const Row& row, unsigned taken, Known nothing) const {
  const Body& body = table_.bodies[row.body];
  Known known = this->known(body.slots, std::move(nothing));
  known.taken = static_cast<std::uint8_t>(std::popcount(taken));
  // A bucket that may overdraw pays with its account's total, which can be less than the units in it: nothing is known of what that leaves.
  const bool pays_itself = is_balance_of_source(body.slots, body.funds, row), overdraws = overdraws_alone(row.from) && is_balance_of_source(body.slots, body.from, row);
  for (unsigned unit = 0; unit < frame_.units; ++unit) {
    const bool is_taken = (taken >> unit & 1) != 0, own = before_.spots[2 * unit + 1] == Place{row.from, from_};
    known.left = static_cast<std::uint8_t>(known.left + (pays_itself && !is_taken && own && before_.assets[unit] == row.asset));
    known.beyond_balance = static_cast<std::uint8_t>(known.beyond_balance + (overdraws && is_taken && !own));
  }
  return known;
}

/// The only instance in its account instance that may overdraw has at least as many units as its balance says (soundness.md, 4).
bool Step::overdraws_alone(Index bucket) const {
  const Bucket& one = table_.buckets[bucket];
  const auto rival = [&](const Bucket& each) { return each.account == one.account && each.may_overdraw; };
  return one.may_overdraw && one.keys.size() == table_.accounts[one.account].keys.size() && std::count_if(table_.buckets.begin(), table_.buckets.end(), rival) == 1;
}

bool Step::is_balance_of_source(const std::vector<Slot>& slots, Index index, const Row& row) const {
  if (index == kNone) return false;
  const Slot& slot = slots[index];
  if (slot.kind != SlotKind::Balance || slot.target != row.from || slot.asset != row.asset) return false;
  for (std::size_t i = 0; i < slot.keys.size(); ++i)
    if (id_of(slot, i) != from_[i]) return false;
  return true;
}

}  // namespace checker
