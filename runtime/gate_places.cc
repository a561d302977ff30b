// SPDX-License-Identifier: Apache-2.0
// See gate_places.h.
#include "runtime/gate_places.h"

#include <algorithm>

#include "runtime/mode_in_force.h"
#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

constexpr std::uint8_t kZeroId = 2 * kKeysMax;   // where an id comes from that is 0: behind those of source and destination

bool is_total(SlotKind kind) noexcept { return kind == SlotKind::BucketTotal || kind == SlotKind::AccountTotal; }

/// The entities whose ids a place is kept by; kNone for one that is summed over. What differs in the end only would be the same ids.
std::vector<Index> keys_of(const RuleTable& table, const Kept& kept) {
  std::span<const Index> keys;
  switch (kept.kind) {
    case SlotKind::Balance: case SlotKind::BucketTotal: keys = table.bucket(kept.target).keys; break;
    case SlotKind::AccountTotal: keys = table.account(kept.target).keys; break;
    case SlotKind::Fact: keys = table.fact(kept.target).keys; break;
    case SlotKind::Mode: keys = table.machine(kept.target).keys; break;
    case SlotKind::Used: keys = table.limit(kept.target).per; break;
    case SlotKind::Amount: case SlotKind::TimeOfDay: case SlotKind::Approvals: case SlotKind::Evidence: case SlotKind::Now: break;
  }
  std::vector<Index> entities(keys.begin(), keys.end());
  for (std::size_t i = 0; i < entities.size(); ++i)
    if ((unsigned{kept.summed} >> i & 1u) != 0) entities[i] = kNone;
  while (!entities.empty() && entities.back() == kNone) entities.pop_back();
  return entities;
}

std::array<std::uint8_t, kKeysMax> bucket_projection(std::uint8_t summed) {
  std::array<std::uint8_t, kKeysMax> projection;
  for (std::size_t i = 0; i < kKeysMax; ++i) projection[i] = (unsigned{summed} >> i & 1u) != 0 ? kKeySummed : static_cast<std::uint8_t>(i);
  return projection;
}

Ids project(const Ids& ids, const std::array<std::uint8_t, kKeysMax>& projection) noexcept {
  Ids result{};
  for (std::size_t i = 0; i < kKeysMax; ++i)
    if (projection[i] != kKeySummed) result[i] = ids[projection[i]];
  return result;
}

std::array<std::uint8_t, kKeysMax> key_sources(const SlotView& slot) {
  std::array<std::uint8_t, kKeysMax> sources;
  sources.fill(kZeroId);
  for (std::size_t i = 0; i < slot.keys.size(); ++i)
    if (slot.keys[i] != kKeySummed) sources[i] = slot.keys[i];
  return sources;
}

}  // namespace

Kept kept_by(const SlotView& slot) noexcept {
  Kept kept{slot.kind, slot.target, kNone, 0};
  if (slot.kind == SlotKind::Balance || is_total(slot.kind)) kept.asset = slot.asset;   // a limit has one asset, by whatever number
  for (std::size_t i = 0; i < slot.keys.size() && i < kKeysMax; ++i)
    if (slot.keys[i] == kKeySummed) kept.summed = static_cast<std::uint8_t>(kept.summed | 1u << i);
  return kept;
}

/// Makes the plan of one run of slots.
class GatePlaces::Planning {
 public:
  Planning(GatePlaces& places, std::span<const SlotView> slots) : places_(places), slots_(slots), first_record_(places.records_.size()) {}

  RowPlan plan(std::uint8_t from_slot, std::uint8_t to_slot) {
    plan_.from_slot = from_slot;
    plan_.to_slot = to_slot;
    const std::size_t first_slot = places_.slots_.size();
    for (std::size_t i = 0; i < slots_.size(); ++i) places_.slots_.push_back(slot(i));
    plan_.records = std::span(places_.records_).subspan(first_record_);
    plan_.slots = std::span(places_.slots_).subspan(first_slot);
    return plan_;
  }

 private:
  RowPlan::Slot slot(std::size_t i) {
    const SlotView& view = slots_[i];
    if (!is_supplied(view.kind)) return {{}, 0, 0, 0};
    const Place place = places_.add(kept_by(view));
    const std::uint8_t record = record_of({place.store, key_sources(view)});
    if (view.kind == SlotKind::Fact) plan_.facts |= Mask{1} << i;
    if (view.kind == SlotKind::Mode && has_deadlines(places_.table_, view.target)) plan_.timed_modes |= Mask{1} << i;
    if (view.kind == SlotKind::Used) plan_.windows |= Mask{1} << i;
    if (view.kind == SlotKind::Used || i == plan_.from_slot || i == plan_.to_slot) plan_.changed |= std::uint64_t{1} << (record - 1);
    if (view.kind == SlotKind::Used) return {place, record, 0, 0};
    return {place, record, record, static_cast<std::uint8_t>(place.at)};
  }

  std::uint8_t record_of(const RowPlan::Record& wanted) {
    std::size_t i = first_record_;
    while (i < places_.records_.size() && (places_.records_[i].store != wanted.store || places_.records_[i].keys != wanted.keys)) ++i;
    if (i == places_.records_.size()) places_.records_.push_back(wanted);
    return static_cast<std::uint8_t>(1 + i - first_record_);
  }

  GatePlaces& places_;
  std::span<const SlotView> slots_;
  const std::size_t first_record_;
  RowPlan plan_;
};

GatePlaces::GatePlaces(const RuleTable& table) : table_(table), buckets_in_(table.account_count()) {
  const format::Sections& sections = table.image().sections;
  for (Index bucket = 0; bucket < table.bucket_count(); ++bucket)
    if (const Index account = table.bucket(bucket).account; account != kNone) buckets_in_[account].push_back(bucket);
  std::size_t slot_count = 0;
  for (const format::BodyRecord& body : sections.bodies) slot_count += body.slot_count;
  for (const format::TransitionRecord& transition : sections.transitions) slot_count += transition.slot_count;
  records_.reserve(slot_count);
  slots_.reserve(slot_count);
  const auto slots_at = [&](std::uint32_t first, std::size_t count) { return std::span(table.image().slot_views).subspan(first, count); };
  for (const format::BodyRecord& body : sections.bodies) plans_.push_back(Planning(*this, slots_at(body.first_slot, body.slot_count)).plan(body.from_slot, body.to_slot));
  for (const format::RowRecord& row : sections.rows) {
    plans_[row.body].brings_modes = !table.brought_modes(static_cast<Index>(plan_of_row_.size())).empty();
    plan_of_row_.push_back(row.body);
  }
  for (const format::TransitionRecord& transition : sections.transitions) {
    plan_of_row_.push_back(static_cast<Index>(plans_.size()));
    plans_.push_back(Planning(*this, slots_at(transition.first_slot, transition.slot_count)).plan(RowPlan::kNoBalance, RowPlan::kNoBalance));
  }
}

Place GatePlaces::find(const Kept& kept) const noexcept {
  const auto known = directory_.find(kept);
  return known == directory_.end() ? Place{} : known->second;
}

Place GatePlaces::add(const Kept& kept) {
  if (const Place known = find(kept); known.store != kNone) return known;
  const Place place = allot(kept, keys_of(table_, kept));
  if (is_total(kept.kind)) keep_total(kept, place);
  directory_.emplace(kept, place);
  return place;
}

/// The next place in the store that is open for these keys, or in a new one: no store with records in it gets another place.
Place GatePlaces::allot(const Kept& kept, std::vector<Index> keys) {
  const bool is_window = kept.kind == SlotKind::Used;
  const auto has_room = [&](const GateRecords& store) {
    return store.count() == 1 && (is_window ? store.window_count() < GateRecords::kWindowsMax : store.cell_count() < GateRecords::kCellsMax);
  };
  auto open = open_stores_.find(keys);
  if (open == open_stores_.end() || !has_room(stores[open->second])) {
    totals_.reserve(totals_.size() + 1);
    has_ids_.reserve(has_ids_.size() + 1);
    stores.emplace_back();
    totals_.emplace_back();
    has_ids_.push_back(!keys.empty());
    open = open_stores_.insert_or_assign(std::move(keys), static_cast<Index>(stores.size() - 1)).first;
  }
  GateRecords& store = stores[open->second];
  return {open->second, is_window ? store.add_window(table_.limit(kept.target).window_ms) : store.add_cell({0, 0, kept.kind != SlotKind::Fact, false})};
}

GatePlaces::Projection GatePlaces::account_projection(Index bucket, Index account) const {
  const BucketView bucket_view = table_.bucket(bucket);
  const AccountView account_view = table_.account(account);
  Projection projection;
  projection.fill(kKeySummed);
  for (std::size_t i = 0; i < account_view.keys.size() && i < kKeysMax; ++i) {
    const auto found = std::find(bucket_view.keys.begin(), bucket_view.keys.end(), account_view.keys[i]);
    if (found != bucket_view.keys.end()) projection[i] = static_cast<std::uint8_t>(found - bucket_view.keys.begin());
  }
  return projection;
}

void GatePlaces::reserve(std::size_t subjects) {
  constexpr std::size_t kMoreForTotals = 2;   // room that is made for them whether they are there or not
  for (std::size_t store = 0; store < stores.size(); ++store) stores[store].reserve((has_ids_[store] ? subjects : 1) + kMoreForTotals);
}

void GatePlaces::make_room_for_totals(const Place& balance) {
  for (const Total& total : totals_[balance.store][balance.at]) stores[total.place.store].make_room(2);
}

void GatePlaces::change_totals(const Place& balance, Index record, Int128 delta) noexcept {
  for (const Total& total : totals_[balance.store][balance.at]) {
    GateRecords& sums = stores[total.place.store];
    sums.cell(sums.add(HashedIds(project(stores[balance.store].ids(record), total.projection))), total.place.at).number += delta;
  }
}

void GatePlaces::keep_total(const Kept& kept, const Place& place) {
  std::vector<std::pair<Index, Projection>> members;   // by bucket
  if (kept.kind == SlotKind::BucketTotal) members.emplace_back(kept.target, bucket_projection(kept.summed));
  else
    for (const Index bucket : buckets_in_[kept.target]) members.emplace_back(bucket, account_projection(bucket, kept.target));
  std::vector<Place> balances;
  for (const auto& [bucket, projection] : members) {
    const Place balance = balances.emplace_back(add({SlotKind::Balance, bucket, kept.asset, 0}));
    for (Index record = 1; record < stores[balance.store].count(); ++record) {
      const HashedIds ids(project(stores[balance.store].ids(record), projection));
      stores[place.store].make_room(1);
      stores[place.store].cell(stores[place.store].add(ids), place.at).number += stores[balance.store].cell(record, balance.at).number;
    }
    std::vector<Total>& totals = totals_[balance.store][balance.at];
    totals.reserve(totals.size() + 1);
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    totals_[balances[i].store][balances[i].at].push_back({place, members[i].second});
    stores[balances[i].store].set_summed(balances[i].at);
  }
}

}  // namespace ringfence
