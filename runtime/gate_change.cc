// SPDX-License-Identifier: Apache-2.0
// A gate goes over to another policy: what it keeps, in the numbers of the other. Either all that matters has its counterpart there, or nothing has
// changed. A new state is filled beside the old one and takes its place at the end, where nothing can fail.
#include <limits>
#include <utility>

#include "runtime/gate.h"
#include "runtime/gate_state.h"
#include "runtime/policy_names.h"

namespace ringfence {
namespace {

using Why = NotCarried::Why;

}  // namespace

/// A new state in the making, from the one that there is.
class Gate::State::Carrying {
 public:
  Carrying(const State& from, State& to) : from_(from), to_(to) {}

  std::optional<NotCarried> balances(const std::vector<Holding>& holdings) {
    for (const Holding& holding : holdings) {
      const auto refused = [&](Why why) { return NotCarried{why, holding.bucket, holding.asset, holding.balance}; };
      const Index bucket = same_bucket(from_.table, holding.bucket.target, to_.table), asset = same_asset(from_.table, holding.asset, to_.table);
      if (bucket == kNone) return refused(Why::NoBucket);
      if (asset == kNone) return refused(Why::NoAsset);
      if (holding.balance < 0 && !to_.table.bucket(bucket).may_overdraw) return refused(Why::MayNotOverdraw);
      const Held held = to_.hold({SlotKind::Balance, bucket, asset}, holding.bucket.ids);
      to_.places.change(held.place, held.record, holding.balance);
    }
    return std::nullopt;
  }

  /// Facts that have no counterpart are left out: what reads one is denied until it is supplied again.
  void facts() {
    for (Index fact = 0; fact < from_.table.fact_count(); ++fact) {
      const Index same = same_fact(from_.table, fact, to_.table);
      if (same == kNone) continue;
      for_each_record({SlotKind::Fact, fact}, [&](const GateRecords& store, Index record, Index at) {
        if (store.cell(record, at).present) to_.cell(to_.hold({SlotKind::Fact, same}, store.ids(record))) = store.cell(record, at);
      });
    }
  }

  /// Whoever was never named is in the first mode, so that has to be the same one.
  /// What deadlines of the old policy have ended by `time_ms` has ended; one that is later is for the new policy to have or not.
  std::optional<NotCarried> modes(std::int64_t time_ms) {
    std::optional<NotCarried> refused;
    for (Index machine = 0; machine < from_.table.machine_count() && !refused; ++machine) {
      const Index same = same_machine(from_.table, machine, to_.table);
      if (same != kNone && same_mode(from_.table, machine, 0, to_.table, same) != 0) return NotCarried{Why::OtherFirstMode, {machine, 0, {}}, kNone, 0};
      for_each_record({SlotKind::Mode, machine}, [&](const GateRecords& store, Index record, Index at) {
        if (!refused) refused = mode(machine, same, store.ids(record), kept_mode_of(store.cell(record, at)), time_ms);
      });
    }
    return refused;
  }

  void windows() {
    const std::vector<Index> taken_over = limits_taken_over(from_.table, to_.table);
    for (Index limit = 0; limit < taken_over.size(); ++limit) {
      if (taken_over[limit] == kNone) continue;
      for_each_record({SlotKind::Used, taken_over[limit]}, [&](const GateRecords& store, Index record, Index at) {
        const Held held = to_.hold({SlotKind::Used, limit}, store.ids(record));
        to_.places.stores[held.place.store].window(held.record, held.place.at) = store.window(record, at);
      });
    }
  }

 private:
  std::optional<NotCarried> mode(Index machine, Index same, const Ids& ids, const KeptMode& was_kept, std::int64_t time_ms) {
    const KeptMode kept = mode_in_force(from_.table, machine, was_kept, time_ms).value_or(was_kept);
    if (kept.mode == 0) return std::nullopt;
    const Index mode = same == kNone ? kNone : same_mode(from_.table, machine, kept.mode, to_.table, same);
    if (mode == kNone) return NotCarried{Why::NoMode, {machine, static_cast<std::uint8_t>(from_.table.machine(machine).keys.size()), ids}, kNone, kept.mode};
    to_.cell(to_.hold({SlotKind::Mode, same}, ids)) = cell_of({mode, kept.entered_ms});
    return std::nullopt;
  }

  template <class Use>
  void for_each_record(const Kept& kept, const Use& use) const {
    const Place place = from_.places.find(kept);
    if (place.store == kNone) return;
    const GateRecords& store = from_.places.stores[place.store];
    for (Index record = 1; record < store.count(); ++record) use(store, record, place.at);
  }

  const State& from_;
  State& to_;
};

std::optional<NotCarried> Gate::change_policy(const RuleTable& next) {
  auto carried = std::make_unique<State>(next, state_->brought_modes);
  const std::int64_t time_ms = state_->last_applied_ms.value_or(std::numeric_limits<std::int64_t>::min());
  State::Carrying carrying(*state_, *carried);
  if (auto refused = carrying.balances(holdings())) return refused;
  if (auto refused = carrying.modes(time_ms)) return refused;
  carrying.facts();
  carrying.windows();
  carried->last_applied_ms = state_->last_applied_ms;
  carried->earlier.reserve(state_->earlier.size() + 1);
  for (State::EarlierPolicy& policy : state_->earlier) carried->earlier.push_back(std::move(policy));
  carried->earlier.push_back({&state_->table, std::move(state_->seen)});
  state_ = std::move(carried);
  return std::nullopt;
}

}  // namespace ringfence
