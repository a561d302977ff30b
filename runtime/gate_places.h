// SPDX-License-Identifier: Apache-2.0
// Where a gate keeps what: every balance, total, mode, fact and window of a policy is at a place, which is one store of records (gate_records.h) and a
// position in them, so that what the same row reads by the same ids is mostly in one record. Made once from the table, with a plan for each row: which records
// it needs, and where in them each of its slots is. Holds: each thing has one place; a total that is kept is the sum of its balances after every change.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "runtime/decide.h"
#include "runtime/gate_records.h"

namespace ringfence {

/// Something that is kept for each tuple of ids: a supplied slot without its keys. `summed`: a bit for each key that a bucket's total has all ids of.
struct Kept {
  SlotKind kind;
  Index target = kNone;
  Index asset = kNone;        ///< of balances and totals
  std::uint8_t summed = 0;
  auto operator<=>(const Kept&) const = default;
};
Kept kept_by(const SlotView&) noexcept;

struct Place {
  Index store = kNone;
  Index at = 0;               ///< in its records: of a cell or, for what a limit has used, a window
};

/// The record of what nothing is kept of.
inline constexpr GateRecords::Unit kNothingKept{.cell = {0, 0, false, false}};

/// What a row, or a transition, needs.
struct RowPlan {
  struct Record { Index store; std::array<std::uint8_t, kKeysMax> keys; };   ///< where each id comes from: 0 to 3 the source, 4 to 7 the destination, 8 it is 0
  /// Records: 1 is the first of `records`, 0 kNothingKept. The cell is that one's where the slot is kept in no cell: a window, or not at all.
  struct Slot { Place place; std::uint8_t record, cell_record, cell_at; };
  std::span<const Record> records;
  std::span<const Slot> slots;                                ///< one for each of the row's
  std::uint64_t changed = 0;                                  ///< a bit for each record that an allowed transfer changes
  Mask facts = 0, timed_modes = 0, windows = 0;               ///< a bit for each slot that is one; of modes, where one of the machine has a deadline
  std::uint8_t from_slot = kNoBalance, to_slot = kNoBalance;  ///< the balances that change
  bool brings_modes = false;                                  ///< whether a rule of the row brings a change of mode with a transfer
  static constexpr std::uint8_t kNoBalance = 0xFF;
};

class GatePlaces {
 public:
  explicit GatePlaces(const RuleTable&);

  /// Of a move or a transition.
  const RowPlan& plan(Index row) const noexcept { return plans_[plan_of_row_[row]]; }
  /// Store kNone: nothing of the kind is kept yet.
  Place find(const Kept&) const noexcept;
  /// A total is kept from then on: the first time costs a walk over its balances.
  Place add(const Kept&);
  // Changes of a balance, and of every total kept over it.
  void make_room_for_totals(const Place& balance);   ///< so that two records of the balance can be changed without memory
  void change(const Place& balance, Index record, Int128 delta) noexcept { change(stores[balance.store], balance, record, delta); }
  void change(GateRecords& store_of_balance, const Place& balance, Index record, Int128 delta) noexcept {
    store_of_balance.cell(record, balance.at).number += delta;
    if (store_of_balance.is_summed(balance.at)) [[unlikely]] change_totals(balance, record, delta);
  }
  /// For so many more records of whatever is kept by ids (GateRecords::reserve).
  void reserve(std::size_t subjects);
  /// Everything of the kind, with its place.
  template <class Use>
  void for_each(SlotKind kind, const Use& use) const {
    for (auto known = directory_.lower_bound({kind, 0, 0, 0}); known != directory_.end() && known->first.kind == kind; ++known) use(known->first, known->second);
  }

  std::vector<GateRecords> stores;

 private:
  class Planning;
  /// For each id of a total, the bucket's key that it comes from, or kKeySummed for none.
  using Projection = std::array<std::uint8_t, kKeysMax>;
  struct Total { Place place; Projection projection; };
  Place allot(const Kept&, std::vector<Index> keys);
  void keep_total(const Kept&, const Place&);
  void change_totals(const Place& balance, Index record, Int128 delta) noexcept;
  Projection account_projection(Index bucket, Index account) const;

  const RuleTable& table_;
  std::map<Kept, Place> directory_;
  std::vector<bool> has_ids_;                                ///< by store; of one that has none there is one record
  std::map<std::vector<Index>, Index> open_stores_;          ///< by the entities of the keys: the store that the next place goes to
  std::vector<std::array<std::vector<Total>, GateRecords::kCellsMax + 1>> totals_;   ///< by store and place of a balance: those over it
  std::vector<std::vector<Index>> buckets_in_;               ///< by account
  std::vector<Index> plan_of_row_;                           ///< behind the rows, of the transitions
  std::vector<RowPlan> plans_;
  std::vector<RowPlan::Record> records_;
  std::vector<RowPlan::Slot> slots_;
};

}  // namespace ringfence
