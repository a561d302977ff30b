// SPDX-License-Identifier: Apache-2.0
// What the followed units of money say about the balances, totals and modes that a guard reads: a bucket that holds a unit is not
// empty, an account or total holds at least the units in it. A bucket that may overdraw can hold units and still be below zero.
#include <algorithm>

#include "verify/explore.h"

namespace ringfence {
namespace {

std::uint8_t id_of(const KeySource& key, const Spot& from, const Spot& to) {
  return key.from == KeySource::From::Source ? from.ids[key.position] : to.ids[key.position];
}

bool is_summed(const KeySource& key) { return key.from == KeySource::From::Summed; }

/// Whether the unit at `coin.at` is counted by this balance or total.
bool counts(const Arena& arena, const Slot& slot, const Coin& coin, const Spot& from, const Spot& to) {
  if (coin.asset != slot.asset || arena.bucket(coin.at.bucket).external) return false;
  const std::vector<Index>* keys = nullptr;
  if (slot.kind == SlotKind::AccountTotal) {
    if (arena.bucket(coin.at.bucket).account != slot.target) return false;
    keys = &arena.moves.vocabulary.accounts[slot.target].keys;
  } else {
    if (coin.at.bucket != slot.target) return false;
    keys = &arena.bucket(slot.target).keys;
  }
  for (std::size_t i = 0; i < keys->size(); ++i)
    if (!is_summed(slot.keys[i]) && class_at(arena, coin.at, (*keys)[i]) != id_of(slot.keys[i], from, to)) return false;
  return true;
}

std::int16_t mode_of(const CoinState& state, const std::vector<ModeSubject>& tracked,
                     const std::vector<std::pair<ModeSubject, std::uint8_t>>& arriving, const ModeSubject& subject) {
  const auto found = std::find(tracked.begin(), tracked.end(), subject);
  if (found != tracked.end()) return state.modes[static_cast<std::size_t>(found - tracked.begin())];
  for (const auto& [known, mode] : arriving)
    if (known == subject) return mode;
  return -1;
}

}  // namespace

SlotKnowledge knowledge(const Arena& arena, const std::vector<Slot>& slots, const CoinState& state,
                        const std::vector<std::pair<ModeSubject, std::uint8_t>>& arriving, const Spot& from, const Spot& to) {
  SlotKnowledge known;
  known.coins.assign(slots.size(), 0);
  known.beyond.assign(slots.size(), 0);
  known.mode.assign(slots.size(), -1);
  const auto tracked = tracked_subjects(arena, state.coins);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (slot.kind == SlotKind::Mode) {
      ModeSubject subject{slot.target, {}};
      for (std::size_t k = 0; k < slot.keys.size(); ++k) subject.ids[k] = id_of(slot.keys[k], from, to);
      known.mode[i] = mode_of(state, tracked, arriving, subject);
    }
    const bool is_balance = slot.kind == SlotKind::Balance;
    const bool is_total = slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal;
    if ((!is_balance && !is_total) || may_be_below_zero(arena, slot)) continue;
    for (const Coin& coin : state.coins) {
      if (!counts(arena, slot, coin, from, to)) continue;
      ++known.coins[i];
      if (is_total && std::none_of(slots.begin(), slots.end(), [&](const Slot& other) {
            return other.kind == SlotKind::Balance && counts(arena, other, coin, from, to);
          }))
        ++known.beyond[i];
    }
  }
  return known;
}

}  // namespace ringfence
