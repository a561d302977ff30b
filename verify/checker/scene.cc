// SPDX-License-Identifier: Apache-2.0
// See scene.h.
#include "scene.h"

#include <algorithm>

namespace checker {
namespace {

constexpr std::size_t kInstancesMax = 256;   ///< of one claim; beyond, it is assumed of fewer members, which only assumes less

/// The same instance, or one that the other sums over.
bool within_ids(const Ids& part, const Ids& whole) {
  for (std::size_t i = 0; i < part.size(); ++i)
    if (whole[i] != kAllIds && part[i] != whole[i]) return false;
  return true;
}

bool is_money(SlotKind kind) { return kind == SlotKind::Balance || kind == SlotKind::BucketTotal || kind == SlotKind::AccountTotal; }

/// The rows that take the asset from the bucket; none where one of them has no floor.
std::vector<const Row*> floored_rows(const Table& table, Index bucket, Index asset) {
  std::vector<const Row*> rows;
  for (const Row& row : table.rows) {
    if (row.from != bucket || row.asset != asset) continue;
    if (table.bodies[row.body].floors.empty()) return {};
    rows.push_back(&row);
  }
  return rows;
}

}  // namespace

void each_choice(const std::vector<Index>& entities, const Ids& members, const std::function<void(const Ids&)>& visit) {
  Ids ids(entities.size(), 0);
  for (std::size_t key = 0;;) {
    visit(ids);
    for (key = 0; key < ids.size() && ++ids[key] >= members[entities[key]]; ++key) ids[key] = 0;
    if (key == ids.size()) return;
  }
}

std::vector<Index> floored(const Table& table, const Claim& claim) {
  std::vector<Index> found;
  for (Index i = 0; i < claim.reads.size(); ++i)
    if (claim.reads[i].kind == SlotKind::Balance && !floored_rows(table, claim.reads[i].target, claim.reads[i].asset).empty()) found.push_back(i);
  return found;
}

Quantity Scene::quantity(const Slot& slot, const Ids& from, const Ids& to) const {
  Quantity made{slot.kind, slot.target, slot.asset, {}};
  for (const std::uint8_t key : slot.keys) made.ids.push_back(key == kAllIds ? kAllIds : key < kDestinationKey ? from[key] : to[key - kDestinationKey]);
  if (!is_money(slot.kind)) made.asset = kNone;
  if (slot.kind == SlotKind::BucketTotal && !std::count(made.ids.begin(), made.ids.end(), kAllIds)) made.kind = SlotKind::Balance;
  return made;
}

// ---- values

Sum Scene::value(const Slot& slot, const Ids& from, const Ids& to, const Sum& amount) {
  switch (slot.kind) {
    case SlotKind::Amount: return amount;
    case SlotKind::TimeOfDay: return formulas_.own(0, 86'399);
    case SlotKind::Now: return formulas_.own(0, kInstantMax);
    case SlotKind::Approvals: return formulas_.own(0, 32);
    case SlotKind::Evidence: return formulas_.own(0, 1);
    case SlotKind::Used: return formulas_.own(0, kAmountMax);
    default: return now(quantity(slot, from, to));
  }
}

Sum Scene::now(const Quantity& quantity) {
  if (quantity.kind == SlotKind::AccountTotal) return account_total(quantity, nullptr);
  if (nobody_else_ && quantity.kind == SlotKind::BucketTotal) return total_of_all(quantity);
  const auto [known, is_new] = read_.try_emplace(quantity);
  if (!is_new) return known->second;
  const Sum made = known->second = formulas_.any_number();
  switch (quantity.kind) {
    case SlotKind::Balance: formulas_.within(made, table_.buckets[quantity.target].may_overdraw ? -kAmountMax : Wide{0}, kAmountMax); break;
    case SlotKind::BucketTotal:
      if (!table_.buckets[quantity.target].may_overdraw) formulas_.assume(formulas_.at_least_zero(made));
      break;
    case SlotKind::Fact: formulas_.within(made, table_.facts[quantity.target].low, table_.facts[quantity.target].high); break;
    default: formulas_.within(made, 0, static_cast<Wide>(table_.machines[quantity.target].modes.size()) - 1);
  }
  return made;
}

Sum Scene::after(const Quantity& quantity, const Change& change) {
  if (quantity.kind == SlotKind::AccountTotal) return account_total(quantity, &change);
  if (!change.is_transfer) return quantity.kind == SlotKind::Mode && quantity.target == change.machine && quantity.ids == change.from_ids ? number(change.to_mode) : now(quantity);
  Sum made = now(quantity);
  if ((quantity.kind != SlotKind::Balance && quantity.kind != SlotKind::BucketTotal) || quantity.asset != change.asset) return made;
  if (quantity.target == change.from && within_ids(change.from_ids, quantity.ids)) made.add(change.amount, -1);
  if (quantity.target == change.to && within_ids(change.to_ids, quantity.ids)) made.add(change.amount, 1);
  return made;
}

/// Of each bucket in it the balance, or over the keys that the account has not the bucket's total.
Sum Scene::account_total(const Quantity& quantity, const Change* change) {
  const std::vector<Index>& keys = table_.accounts[quantity.target].keys;
  Sum made;
  for (Index bucket = 0; bucket < table_.buckets.size(); ++bucket) {
    if (table_.buckets[bucket].account != quantity.target) continue;
    Quantity part{SlotKind::Balance, bucket, quantity.asset, {}};
    for (const Index key : table_.buckets[bucket].keys) {
      const Index at = position(keys, key);
      part.ids.push_back(at == kNone ? kAllIds : quantity.ids[at]);
      if (at == kNone) part.kind = SlotKind::BucketTotal;
    }
    made.add(value(part, change), 1);
  }
  return made;
}

/// The sum of the balances of all members.
Sum Scene::total_of_all(const Quantity& total) {
  Quantity part{SlotKind::Balance, total.target, total.asset, {}};
  Sum made;
  each_choice(table_.buckets[total.target].keys, members_, [&](const Ids& ids) {
    part.ids = ids;
    if (within_ids(ids, total.ids)) made.add(now(part), 1);
  });
  return made;
}

bool Scene::touches(const Claim& claim, const Ids& members, const Change& change) {
  return std::any_of(claim.reads.begin(), claim.reads.end(), [&](const Slot& slot) {
    if (slot.kind == SlotKind::Amount) return false;
    const Quantity read = quantity(slot, members, {});
    return !(after(read, change) == now(read));
  });
}

// ---- what is assumed

Index Scene::truth(const Claim& claim, const Ids& members, const Change* change) {
  std::vector<Sum> values;
  for (const Slot& slot : claim.reads) values.push_back(slot.kind == SlotKind::Amount ? formulas_.any_number() : value(quantity(slot, members, {}), change));   // an id may be any number
  return checker::truth(formulas_, definitions_, claim, values);
}

/// It reads something of a kind that has been read.
bool Scene::connected(const Claim& claim) const {
  return std::any_of(claim.reads.begin(), claim.reads.end(), [&](const Slot& slot) {
    return std::any_of(read_.begin(), read_.end(), [&](const auto& known) {
      const Quantity& quantity = known.first;
      if (slot.kind == SlotKind::Amount) return false;
      if (!is_money(slot.kind)) return quantity.kind == slot.kind && quantity.target == slot.target;
      return is_money(quantity.kind) && quantity.asset == slot.asset && (slot.kind == SlotKind::AccountTotal ? table_.buckets[quantity.target].account : quantity.target) == slot.target;
    });
  });
}

void Scene::assume_claims(const std::vector<Claim>& claims, const std::set<Quantity>* untouched) {
  std::vector<bool> done(claims.size(), false);
  const auto assume_of = [&](const Claim& claim, const Ids& members) {
    for (const Index slot : floored(table_, claim))
      if (claim.at_end && untouched && !untouched->contains(quantity(claim.reads[slot], members, {}))) return;
    std::vector<Index> known{truth(claim, members)};
    for (const Index entity : claim.entities)
      if (members_[entity] == 0) known.push_back(nobody(entity));
    formulas_.assume(formulas_.any(std::move(known)));
  };
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < claims.size(); ++i) {
      if (done[i] || claims[i].reads_fact() || !connected(claims[i])) continue;
      done[i] = more = true;
      Ids members(claims[i].entities.size(), 0);
      for (std::size_t made = 0; made < kInstancesMax; ++made) {
        assume_of(claims[i], members);
        std::size_t key = 0;
        while (key < members.size() && ++members[key] >= std::max<std::uint8_t>(members_[claims[i].entities[key]], 1)) members[key++] = 0;
        if (key == members.size()) break;
      }
    }
  }
}

void Scene::assume_floors(const Quantity& balance, bool any_facts) {
  std::vector<Index> rows;
  for (const Row* row : floored_rows(table_, balance.target, balance.asset)) rows.push_back(floors_of(*row, balance, any_facts));
  formulas_.assume(formulas_.any(std::move(rows)));
}

void Scene::assume_all_floors(const Quantity& balance) {
  for (const Row* row : floored_rows(table_, balance.target, balance.asset)) formulas_.assume(floors_of(*row, balance, false));
}

/// What a floor reads of the transfer alone, or of a destination, is open.
Index Scene::floors_of(const Row& row, const Quantity& balance, bool any_facts) {
  const Body& body = table_.bodies[row.body];
  std::vector<Sum> values;
  for (Index i = 0; i < body.slots.size(); ++i) {
    const Slot& slot = body.slots[i];
    const bool of_source = std::none_of(slot.keys.begin(), slot.keys.end(), [](std::uint8_t key) { return key != kAllIds && key >= kDestinationKey; });
    if (i == body.from) values.push_back(now(balance));
    else if (slot.kind == SlotKind::Fact && any_facts) values.push_back(formulas_.own(table_.facts[slot.target].low, table_.facts[slot.target].high));
    else if (of_source) values.push_back(value(slot, balance.ids, {}, formulas_.own(1, kAmountMax)));
    else values.push_back(formulas_.any_number());
  }
  std::vector<Index> floors;
  for (const Guarded& floor : body.floors) floors.push_back(formulas_.holds(floor, values));
  return formulas_.all(std::move(floors));
}

void Scene::assume_start() {
  for (const auto& [quantity, sum] : read_) {
    if (quantity.kind == SlotKind::Mode) formulas_.assume(formulas_.is_zero(sum));
    if (is_money(quantity.kind)) formulas_.assume(formulas_.at_least_zero(sum));
  }
}

/// Where nothing in it may be below zero, a total holds at least the balances in it, and any smaller total.
void Scene::totals_hold_their_parts() {
  for (const auto& [whole, total] : read_) {
    if (whole.kind != SlotKind::BucketTotal || table_.buckets[whole.target].may_overdraw) continue;
    Sum beyond = total;
    for (const auto& [part, sum] : read_) {
      if (part == whole || part.target != whole.target || part.asset != whole.asset || !within_ids(part.ids, whole.ids)) continue;
      if (part.kind == SlotKind::Balance) beyond.add(sum, -1);
      if (part.kind == SlotKind::BucketTotal) formulas_.assume(formulas_.at_least_zero(minus(total, sum)));
    }
    formulas_.assume(formulas_.at_least_zero(beyond));
  }
}

Index Scene::nobody(Index entity) {
  const auto [known, is_new] = somebody_.try_emplace(entity);
  if (is_new) known->second = formulas_.own(0, 1);
  return formulas_.is_zero(known->second);
}

/// Where an entity has no member, what sums over its members is zero.
void Scene::nobody_has_nothing() {
  for (const auto& [quantity, total] : read_)
    for (std::size_t i = 0; quantity.kind == SlotKind::BucketTotal && i < quantity.ids.size(); ++i)
      if (const Index entity = table_.buckets[quantity.target].keys[i]; quantity.ids[i] == kAllIds && members_[entity] == 0)
        formulas_.assume(formulas_.any({formulas_.negation(nobody(entity)), formulas_.is_zero(total)}));
}

Solvable Scene::possible() {
  totals_hold_their_parts();
  nobody_has_nothing();
  return formulas_.possible();
}

}  // namespace checker
