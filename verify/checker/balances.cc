// SPDX-License-Identifier: Apache-2.0
// See balances.h.
#include "balances.h"

#include <algorithm>

namespace checker {
namespace {

/// Nothing where a spot of the view has no such id.
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

}  // namespace

bool can_be(const Frame& frame, const State& state, Formulas& formulas) {
  const Solvable answer = formulas.possible();
  if (answer == Solvable::GaveUp) throw TooLarge{"whether there are balances with " + words(frame, state)};
  return answer != Solvable::No;
}

Balances::Balances(const Frame& frame, const State& before, Formulas& formulas) : frame_(frame), before_(before), formulas_(formulas) { sees(before); }

/// A balance is in its range; and, where its bucket can't be below zero, at least the followed units in it before the step.
void Balances::sees(const State& state) {
  for (const BalanceView& view : frame_.balances) {
    const auto instance = instance_at(frame_, state, view);
    if (!instance || of(*instance)) continue;
    Wide units = 0;
    for (unsigned unit = 0; unit < frame_.units; ++unit)
      units += before_.assets[unit] == instance->asset && before_.spots[2 * unit + 1] == Place{instance->bucket, instance->ids};
    instances_.push_back(*instance);
    values_.push_back(formulas_.own(frame_.table.buckets[view.bucket].may_overdraw ? -kAmountMax : units, kAmountMax));
  }
}

const Sum* Balances::of(const Instance& instance) const {
  const auto found = std::find(instances_.begin(), instances_.end(), instance);
  return found == instances_.end() ? nullptr : &values_[static_cast<std::size_t>(found - instances_.begin())];
}

std::vector<Sum> Balances::seen(const State& state, const Transfer* transfer, const Sum& amount) const {
  std::vector<Sum> all;
  for (const BalanceView& view : frame_.balances) {
    const auto instance = instance_at(frame_, state, view);
    all.push_back(instance ? *of(*instance) : number(-1));
    if (!instance || !transfer || transfer->asset != instance->asset) continue;
    const Place place{instance->bucket, instance->ids};
    if (place == transfer->to) all.back().add(amount, 1);
    if (place == transfer->from) all.back().add(amount, -1);
  }
  return all;
}

}  // namespace checker
