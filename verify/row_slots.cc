// SPDX-License-Identifier: Apache-2.0
#include "verify/row_slots.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringfence {
namespace {

/// The source's key where the destination's id at `position` is known to equal it, else the destination's own.
KeySource destination_key(const Bucket& from, const Bucket& to, Relation relation, std::size_t position) {
  const auto shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (shared[i] == to.keys[position] && !(relation >> i & 1)) return {KeySource::From::Source, static_cast<std::uint8_t>(key_position(from.keys, shared[i]))};
  return {KeySource::From::Destination, static_cast<std::uint8_t>(position)};
}

}  // namespace

Slot source_balance(const Vocabulary& vocabulary, const Move& move) {
  Slot slot{SlotKind::Balance, move.from, move.asset, 0, {}};
  for (std::size_t i = 0; i < vocabulary.buckets[move.from].keys.size(); ++i) slot.keys.push_back({KeySource::From::Source, static_cast<std::uint8_t>(i)});
  return slot;
}

Slot destination_balance(const Vocabulary& vocabulary, const Move& move) {
  const Bucket& to = vocabulary.buckets[move.to];
  Slot slot{SlotKind::Balance, move.to, move.asset, 0, {}};
  for (std::size_t i = 0; i < to.keys.size(); ++i) slot.keys.push_back(destination_key(vocabulary.buckets[move.from], to, move.relation, i));
  return slot;
}

Slot source_account_total(const Vocabulary& vocabulary, const Move& move) {
  const Bucket& from = vocabulary.buckets[move.from];
  Slot slot{SlotKind::AccountTotal, from.account, move.asset, 0, {}};
  for (const Index key : vocabulary.accounts[from.account].keys)
    slot.keys.push_back({KeySource::From::Source, static_cast<std::uint8_t>(key_position(from.keys, key))});
  return slot;
}

Index slot_position(const std::vector<Slot>& slots, const Slot& slot) {
  const auto found = std::find(slots.begin(), slots.end(), slot);
  return found == slots.end() ? kNone : static_cast<Index>(found - slots.begin());
}

std::string row_name(const Vocabulary& vocabulary, const Move& move) {
  const Bucket& from = vocabulary.buckets[move.from];
  const Bucket& to = vocabulary.buckets[move.to];
  std::string name = fmt::format("{} {} -> {} of {}", vocabulary.purposes[move.purpose].name, from.name, to.name, vocabulary.assets[move.asset].name);
  const auto shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (move.relation >> i & 1) name += fmt::format(", another {}", vocabulary.entities[shared[i]].name);
  return name;
}

}  // namespace ringfence
