// SPDX-License-Identifier: Apache-2.0
// What one transfer or change of mode needs, located in a gate's records: each record is found once, by the plan of the row, then read, and changed when the
// transfer is allowed. In three steps, so that those of many transfers can be taken together and wait for memory at the same time.
#pragma once

#include <array>
#include <bit>
#include <span>

#include "runtime/gate_places.h"
#include "runtime/mode_in_force.h"

namespace ringfence {

template <class Use>
void for_each_bit(std::uint64_t bits, const Use& use) {
  for (; bits != 0; bits &= bits - 1) use(static_cast<std::size_t>(std::countr_zero(bits)));
}

// What a mode's cell says, the cell that says so, and the value at a time.
KeptMode kept_mode_of(const Cell&) noexcept;
Cell cell_of(const KeptMode&) noexcept;
Value mode_value(const RuleTable&, Index machine, const Cell&, std::int64_t time_ms) noexcept;
inline Value used_value(const GateWindow& window, std::int64_t time_ms) noexcept {
  const std::optional<Int128> used = window.used(time_ms);
  return {used.value_or(0), 0, used.has_value()};
}

class Located {
 public:
  Located() noexcept { records_[0].units = &kNothingKept; }

  // The steps. Nothing is located where there is no row.
  void aim(GatePlaces&, const Needs&, const Instance& from, const Instance& to) noexcept;   ///< which records; has their numbers brought nearer
  void find() noexcept;                                                                     ///< those that are there and were not found yet
  void prefetch() const noexcept;                                                           ///< has what was found brought nearer

  /// When something is decided. Modes are those in force at `modes_ms`: in a batch the time of its first leg, so that no deadline passes within it.
  struct At { std::int64_t time_ms, modes_ms; };
  using Values = std::array<Value, kSlotsMax>;
  /// The values of the row's slots.
  std::span<const Value> fetch(const RuleTable&, const Needs&, At, Values&) const noexcept;

  /// Whether a rule of the row brings a change of mode with a transfer.
  bool brings_modes() const noexcept { return plan_->brings_modes; }

  /// Records for whoever has none yet, and room in totals and windows: all that `add` needs memory for.
  void make_room();
  void add(std::int64_t time_ms, Int128 amount);
  /// Takes back the last `add` that was not taken back yet.
  void take_back(Int128 amount);
  /// Windows forget what can't count any more; nothing before can be taken back then.
  void forget_before(std::int64_t time_ms);
  /// Both, for what is never taken back.
  void add_for_good(std::int64_t time_ms, Int128 amount);

 private:
  /// The pointers hold until a record is added.
  struct Record {
    HashedIds key;
    GateRecords* store = nullptr;
    Index number = 0;
    const GateRecords::Unit* units = nullptr;
    GateWindow* windows = nullptr;
    void point() noexcept {
      units = store->record(number);
      windows = store->windows(number);
    }
  };
  const Record& record(std::size_t slot) const noexcept { return records_[plan_->slots[slot].record]; }
  const Cell& cell(std::size_t slot) const noexcept { return records_[plan_->slots[slot].cell_record].units[plan_->slots[slot].cell_at].cell; }
  GateWindow& window(std::size_t slot) const noexcept { return record(slot).windows[plan_->slots[slot].place.at]; }
  void add_record(Record&);
  void change_balance(std::uint8_t slot, Int128 delta) noexcept {
    if (slot != RowPlan::kNoBalance) places_->change(*record(slot).store, plan_->slots[slot].place, record(slot).number, delta);
  }
  void change_balances(Int128 amount) noexcept {
    change_balance(plan_->from_slot, -amount);
    change_balance(plan_->to_slot, amount);
  }

  GatePlaces* places_ = nullptr;
  const RowPlan* plan_ = nullptr;
  std::array<Record, kSlotsMax + 1> records_;   ///< kNothingKept, and one for each of the plan
};

}  // namespace ringfence
