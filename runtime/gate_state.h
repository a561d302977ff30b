// SPDX-License-Identifier: Apache-2.0
// What a gate keeps, for gate.cc, which decides on it, and gate_change.cc, which carries it over to another policy. All of it is in the numbers of one
// rule table, but for the ids that were used under earlier ones.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/gate.h"
#include "runtime/gate_content.h"
#include "runtime/gate_places.h"
#include "runtime/gate_seen.h"
#include "runtime/mode_in_force.h"

namespace ringfence {

/// What a mode's cell says, and the cell that says so.
KeptMode kept_mode_of(const Cell&) noexcept;
Cell cell_of(const KeptMode&) noexcept;

template <class Use>
void for_each_bit(std::uint64_t bits, const Use& use) {
  for (; bits != 0; bits &= bits - 1) use(static_cast<std::size_t>(std::countr_zero(bits)));
}

/// Where what one transfer needs is kept: for each record of its row's plan, and before them the empty one.
struct Located {
  struct Record { HashedIds key; GateRecords* store = nullptr; Index number = 0; };
  const RowPlan* plan = nullptr;
  std::array<Record, kSlotsMax + 1> records;
  const Record& record(std::size_t slot) const noexcept { return records[plan->slots[slot].record]; }
  const Cell& cell(std::size_t slot) const noexcept { return record(slot).store->cell(record(slot).number, plan->slots[slot].place.at); }
  GateWindow& window(std::size_t slot) const noexcept { return record(slot).store->window(record(slot).number, plan->slots[slot].place.at); }
};

struct Gate::State {
  explicit State(const RuleTable& rule_table)
      : table(rule_table), places(rule_table) {}

  /// A policy that is no longer in force, and the ids that were used under it, whose contents are in its numbers.
  struct EarlierPolicy { const RuleTable* table; SeenIds seen; };

  const RuleTable& table;
  GatePlaces places;                  // modes as kept: mode_in_force says which is in force
  SeenIds seen;                       // under the present policy
  std::vector<EarlierPolicy> earlier; // in their order; an id is in one of these at most, or in `seen`
  std::optional<std::int64_t> last_applied_ms;
  Located located;                    // of the transfer in hand
  std::array<Value, kSlotsMax> values;   // of the decision in hand
  std::vector<Value> denial_values;

  /// Finds the records that the row needs.
  void locate(const Needs&, const Instance& from, const Instance& to) noexcept;
  /// When something is decided. Modes are those in force at `modes_ms`: in a batch the time of its first leg, so that no deadline passes within it.
  struct At { std::int64_t time_ms, modes_ms; };
  /// The values of the row's slots, from what was located last.
  std::span<const Value> fetch(const Needs&, At) noexcept;
  Value mode_value(Index machine, const Cell&, std::int64_t modes_ms) const noexcept;
  /// The same of any slot.
  Value fetch_slot(const SlotView&, const Instance& from, const Instance& to, std::int64_t time_ms);
  void keep_denial_values(const Needs&, const Decision&);
  /// What is kept of the kind; what everything is at first where nothing is.
  Cell kept(const Kept&, const Ids&) const noexcept;
  struct Held { Place place; Index record; };
  /// Where it is kept from now on, to be changed; room in the totals over a balance.
  Held hold(const Kept&, const Ids&);
  Cell& cell(const Held& held) noexcept { return places.stores[held.place.store].cell(held.record, held.place.at); }

  /// What the row needs has been located.
  Decision decide_transfer(const Transfer&, const Needs&, Floors, std::int64_t modes_ms);
  Decision decide_mode_change(const ModeChange&);
  std::optional<Reason> refusal_by_time(std::int64_t time_ms) const;

  /// Where it throws, nothing has been applied. Windows forget nothing yet, so that it can be taken back.
  void apply(const Transfer&);
  void make_room_to_apply();
  void change_balance(std::uint8_t slot, Int128 delta) noexcept;
  void take_back(const Transfer&);
  void forget(const Transfer&);
  template <class Submitted>
  void make_room(const Submitted& submitted) { seen.make_room(1, submitted.id.size() + content_bytes_max(submitted), 1); }
  template <class Submitted>
  void record(const SeenIds::Id& id, const Submitted& submitted, std::span<const Decision> answers) noexcept {
    seen.add(id, [&](std::byte* at) { return put_content(at, submitted); }, answers);
  }
  class Batch;
  class Carrying;
  std::vector<Decision> decide_and_apply_batch(std::span<const GateTransfer>);
  void make_room_for_batch(const std::string& id, Legs);
  std::vector<Decision> deny_batch(std::size_t leg_count, std::size_t position, const Decision&) const;

  struct Before { bool same_content; std::vector<Decision> answers; };
  template <class Submitted>
  std::optional<Before> before(const SeenIds::Id&, const Submitted&) const;
  template <class Submitted>
  std::optional<GateAnswer> answered_before(const SeenIds::Id&, const Submitted&) const;
  bool is_seen(std::string_view id) const;
  bool any_leg_seen(const std::string& id, std::span<const GateTransfer>) const;
};

}  // namespace ringfence
