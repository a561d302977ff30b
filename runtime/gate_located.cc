// SPDX-License-Identifier: Apache-2.0
// See gate_located.h.
#include "runtime/gate_located.h"

namespace ringfence {

KeptMode kept_mode_of(const Cell& cell) noexcept {
  return {static_cast<Index>(cell.number), cell.timed ? std::optional(cell.time_ms) : std::nullopt};
}

Cell cell_of(const KeptMode& kept) noexcept { return {Int128{kept.mode}, kept.entered_ms.value_or(0), true, kept.entered_ms.has_value()}; }

Value mode_value(const RuleTable& table, Index machine, const Cell& cell, std::int64_t time_ms) noexcept {
  const std::optional<KeptMode> now = mode_in_force(table, machine, kept_mode_of(cell), time_ms);
  return now ? Value{now->mode, 0, true} : Value{};
}

void Located::aim(GatePlaces& places, const Needs& needed, const Instance& from, const Instance& to) noexcept {
  static constexpr RowPlan kNothing;
  places_ = &places;
  plan_ = needed.row == kNone ? &kNothing : &places.plan(needed.row);
  static_assert(kKeysMax == 4);
  const std::uint64_t ids[] = {from.ids[0], from.ids[1], from.ids[2], from.ids[3], to.ids[0], to.ids[1], to.ids[2], to.ids[3], 0};
  Record* record = records_.data();
  for (const RowPlan::Record& planned : plan_->records) {
    ++record;
    record->key.set(ids[planned.keys[0]], ids[planned.keys[1]], ids[planned.keys[2]], ids[planned.keys[3]]);
    record->store = &places.stores[planned.store];
    record->number = 0;
    record->store->prefetch(record->key);
  }
}

void Located::find() noexcept {
  for (std::size_t i = 1; i <= plan_->records.size(); ++i) {
    Record& record = records_[i];
    if (record.number == 0) record.number = record.store->find(record.key);
    record.point();
  }
}

void Located::prefetch() const noexcept {
  for (std::size_t i = 1; i <= plan_->records.size(); ++i) records_[i].store->prefetch(records_[i].number);
  for_each_bit(plan_->windows, [&](std::size_t slot) { window(slot).prefetch(); });
}

std::span<const Value> Located::fetch(const RuleTable& table, const Needs& needed, At at, Values& values) const noexcept {
  const std::size_t count = plan_->slots.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Cell& kept = cell(i);
    Value& value = values[i];   // field by field: what is put together elsewhere would be read in another width than it was written
    value.number = kept.number;
    value.observed_ms = kept.time_ms & (std::int64_t{0} - static_cast<std::int64_t>(plan_->facts >> i & 1));
    value.present = kept.present;
  }
  for_each_bit(plan_->timed_modes, [&](std::size_t slot) { values[slot] = mode_value(table, needed.slots[slot].target, cell(slot), at.modes_ms); });
  for_each_bit(plan_->windows, [&](std::size_t slot) {
    const std::optional<Int128> used = window(slot).used(at.time_ms);
    values[slot].number = used.value_or(0);
    values[slot].present = used.has_value();
    values[slot].observed_ms = 0;
  });
  return std::span(values).first(count);
}

void Located::add_record(Record& record) {
  record.store->make_room(1);
  record.number = record.store->add(record.key);
  find();   // where the others are now
}

void Located::make_room() {
  for (const std::uint8_t slot : {plan_->from_slot, plan_->to_slot})
    if (slot != RowPlan::kNoBalance && record(slot).store->is_summed(plan_->slots[slot].place.at)) [[unlikely]] {
      places_->make_room_for_totals(plan_->slots[slot].place);
      find();   // where records are now
    }
  for_each_bit(plan_->changed, [&](std::size_t i) {
    if (records_[1 + i].number == 0) add_record(records_[1 + i]);
  });
  for_each_bit(plan_->windows, [&](std::size_t slot) { window(slot).make_room(); });
}

void Located::add(std::int64_t time_ms, Int128 amount) {
  change_balances(amount);
  for_each_bit(plan_->windows, [&](std::size_t slot) { window(slot).add(time_ms, amount); });
}

void Located::take_back(Int128 amount) {
  for_each_bit(plan_->windows, [&](std::size_t slot) { window(slot).undo(amount); });
  change_balances(-amount);
}

void Located::add_for_good(std::int64_t time_ms, Int128 amount) {
  change_balances(amount);
  for_each_bit(plan_->windows, [&](std::size_t slot) { window(slot).add_for_good(time_ms, amount); });
}

void Located::forget_before(std::int64_t time_ms) {
  for_each_bit(plan_->windows, [&](std::size_t slot) { window(slot).forget_before(time_ms); });
}

}  // namespace ringfence
