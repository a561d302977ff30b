// SPDX-License-Identifier: Apache-2.0
// See balances.h.
#include "balances.h"

#include <algorithm>

namespace checker {

std::optional<Instance> instance_at(const Frame& frame, const State& state, const BalanceView& view) {
  Instance instance{view.bucket, view.asset, {}};
  const std::vector<Index>& keys = frame.table.buckets[view.bucket].keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const int id = id_at(frame, state.spots[view.spots[i]], keys[i]);
    if (id < 0) return std::nullopt;
    instance.ids[i] = static_cast<std::uint8_t>(id);
  }
  return instance;
}

bool has_balances(const Frame& frame, const State& state, const Condition& condition) {
  if (condition == always()) return true;
  Told told(frame, state);
  told.claim(condition, state, nullptr);
  const Solvable answer = can_be(frame.table, told.beside());
  if (answer == Solvable::GaveUp) throw TooLarge{"whether there are balances with " + words(frame, state)};
  return answer != Solvable::No;
}

Told::Told(const Frame& frame, const State& before) : frame_(frame), before_(before) { sees(before); }

/// A balance is in its range; and, where its bucket can't be below zero, at least the followed units in it before the step.
void Told::sees(const State& state) {
  for (const BalanceView& view : frame_.balances) {
    const auto instance = instance_at(frame_, state, view);
    if (!instance || find(*instance) != kNone) continue;
    Wide units = 0;
    for (unsigned unit = 0; unit < frame_.units; ++unit)
      units += before_.assets[unit] == instance->asset && before_.spots[2 * unit + 1] == Place{instance->bucket, instance->ids};
    instances_.push_back(*instance);
    beside_.low.push_back(frame_.table.buckets[view.bucket].may_overdraw ? -kAmountMax : units);
  }
}

Index Told::find(const Instance& instance) const {
  const auto found = std::find(instances_.begin(), instances_.end(), instance);
  return found == instances_.end() ? kNone : static_cast<Index>(found - instances_.begin());
}

bool Told::has(const Place& place, Index asset) const { return find({place.bucket, asset, place.ids}) != kNone; }

void Told::reads(std::size_t slot, const std::vector<Instance>& instances, std::size_t slot_count) {
  beside_.sums.resize(slot_count);
  std::vector<Index> variables;
  for (const Instance& each : instances) variables.push_back(find(each));
  if (std::find(variables.begin(), variables.end(), kNone) == variables.end()) beside_.sums[slot] = std::move(variables);
}

void Told::claim(const Condition& condition, const State& state, const Transfer* transfer) {
  std::vector<Beside::Reading> readings;
  for (const BalanceView& view : frame_.balances) {
    const auto instance = instance_at(frame_, state, view);
    Beside::Reading reading{kNone, 0, instance ? 0 : -1};
    if (instance) {
      reading.variable = find(*instance);
      const auto is = [&](const Place& place) { return transfer->asset == instance->asset && place == Place{instance->bucket, instance->ids}; };
      if (transfer) reading.amount = Wide{is(transfer->to)} - Wide{is(transfer->from)};
    }
    readings.push_back(reading);
  }
  beside_.claims.push_back({condition, std::move(readings)});
}

}  // namespace checker
