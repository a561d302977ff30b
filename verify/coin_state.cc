// SPDX-License-Identifier: Apache-2.0
// Canonical coin states, the subjects whose modes they carry, and the fences read on them. Language reference, section 3.
#include "verify/coin_state.h"

#include <algorithm>
#include <map>

namespace ringfence {
namespace {

void mark_machines_read(const std::vector<Slot>& slots, std::vector<bool>& matters) {
  for (const Slot& slot : slots)
    if (slot.kind == SlotKind::Mode) matters[slot.target] = true;
}

/// Machines that some move reads, and those that the transitions of such machines read in turn.
std::vector<bool> machines_that_matter(const Moves& moves) {
  std::vector<bool> matters(moves.vocabulary.machines.size(), false);
  for (const Move& move : moves.moves) mark_machines_read(move.slots, matters);
  for (bool grew = true; grew;) {
    const auto before = matters;
    for (const Transition& transition : moves.transitions)
      if (matters[transition.machine]) mark_machines_read(transition.slots, matters);
    grew = matters != before;
  }
  return matters;
}

bool contains(const std::vector<Index>& sorted, Index value) { return std::binary_search(sorted.begin(), sorted.end(), value); }

/// What rules and fences can tell of a title: its owner, its keys, the sides of fences that it is on.
std::vector<Index> told_of_title(const Vocabulary& vocabulary, Index bucket) {
  std::vector<Index> told{vocabulary.buckets[bucket].owner};
  for (const Fence& fence : vocabulary.fences) told.push_back(Index{contains(fence.left, bucket)} * 2 + Index{contains(fence.right, bucket)});
  told.insert(told.end(), vocabulary.buckets[bucket].keys.begin(), vocabulary.buckets[bucket].keys.end());
  return told;
}

/// Calls visit(place) for each followed place in canonical order.
template <class Coins, class Visit>
void for_each_place(Coins& coins, Visit visit) {
  for (auto& coin : coins) {
    visit(coin.title);
    visit(coin.at);
  }
}

}  // namespace

Arena::Arena(const Moves& all, bool merge_titles)
    : moves(all),
      machine_matters(machines_that_matter(all)),
      moves_from(all.vocabulary.buckets.size()),
      transitions_of(all.vocabulary.machines.size()),
      account_overdraws(all.vocabulary.accounts.size(), false),
      titles_in(all.vocabulary.buckets.size()) {
  for (Index i = 0; i < all.moves.size(); ++i) moves_from[all.moves[i].from].push_back(i);
  for (Index i = 0; i < all.transitions.size(); ++i) transitions_of[all.transitions[i].machine].push_back(i);
  for (const Bucket& each : all.vocabulary.buckets)
    if (each.may_overdraw) account_overdraws[each.account] = true;
  std::map<std::vector<Index>, Index> lowest;
  for (Index i = 0; i < all.vocabulary.buckets.size(); ++i) {
    title_class.push_back(merge_titles ? lowest.try_emplace(told_of_title(all.vocabulary, i), i).first->second : i);
    titles_in[title_class[i]].push_back(i);
  }
}

std::uint8_t class_at(const Arena& arena, const Spot& place, Index entity) {
  return place.ids[key_position(arena.bucket(place.bucket).keys, entity)];
}

std::uint8_t class_count(const Arena& arena, const std::vector<Coin>& coins, Index entity) {
  std::uint8_t count = 0;
  for_each_place(coins, [&](const Spot& place) {
    const Index position = key_position(arena.bucket(place.bucket).keys, entity);
    if (position != kNone) count = std::max<std::uint8_t>(count, static_cast<std::uint8_t>(place.ids[position] + 1));
  });
  return count;
}

std::vector<ModeSubject> tracked_subjects(const Arena& arena, const std::vector<Coin>& coins) {
  std::vector<ModeSubject> subjects;
  const auto& machines = arena.moves.vocabulary.machines;
  for (Index machine = 0; machine < machines.size(); ++machine) {
    if (!arena.machine_matters[machine]) continue;
    const auto& keys = machines[machine].subject.keys;
    if (keys.empty()) {
      subjects.push_back({machine, {}});
      continue;
    }
    for_each_place(coins, [&](const Spot& place) {
      ModeSubject subject{machine, {}};
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const Index position = key_position(arena.bucket(place.bucket).keys, keys[i]);
        if (position == kNone) return;
        subject.ids[i] = place.ids[position];
      }
      if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) subjects.push_back(subject);
    });
  }
  return subjects;
}

std::vector<Coin> canonical(const Arena& arena, std::vector<Coin> coins) {
  std::vector<std::vector<std::uint8_t>> seen(arena.moves.vocabulary.entities.size());
  for_each_place(coins, [&](Spot& place) {
    const auto& keys = arena.bucket(place.bucket).keys;
    for (std::size_t i = 0; i < kKeysMax; ++i) {
      if (i >= keys.size()) {
        place.ids[i] = 0;
        continue;
      }
      auto& classes = seen[keys[i]];
      auto found = std::find(classes.begin(), classes.end(), place.ids[i]);
      if (found == classes.end()) found = classes.insert(classes.end(), place.ids[i]);
      place.ids[i] = static_cast<std::uint8_t>(found - classes.begin());
    }
  });
  return coins;
}

Spot titled_to(const Arena& arena, const Spot& place) { return {arena.title_class[place.bucket], place.ids}; }

bool can_pass_title(const Arena& arena, const Spot& title, const Spot& from) {
  const Bucket& held_for = arena.bucket(title.bucket);
  const Bucket& source = arena.bucket(from.bucket);
  if (held_for.owner != source.owner) return false;
  for (const Index entity : shared_keys(held_for, source))
    if (class_at(arena, title, entity) != class_at(arena, from, entity)) return false;
  return true;
}

bool is_gone(const Arena& arena, const Coin& coin) { return arena.bucket(coin.at.bucket).external && !(coin.at == coin.title); }

bool breaks_attribution(const Arena& arena, const Fence& fence, const Coin& coin) {
  if (fence.in_custody) return false;
  const Index title = coin.title.bucket, at = coin.at.bucket;
  if (fence.kind == FenceKind::Between)
    return (contains(fence.left, title) && contains(fence.right, at)) || (contains(fence.right, title) && contains(fence.left, at));
  if (!contains(fence.within, at)) return false;
  if (key_position(arena.bucket(title).keys, fence.entity) == kNone || key_position(arena.bucket(at).keys, fence.entity) == kNone) return false;
  return class_at(arena, coin.title, fence.entity) != class_at(arena, coin.at, fence.entity);
}

Custody custody_of(const Arena& arena, const Spot& place) {
  const Bucket& bucket = arena.bucket(place.bucket);
  if (bucket.account == kNone) return {true, place.bucket, place.ids};
  Custody custody{false, bucket.account, {}};
  const auto& keys = arena.moves.vocabulary.accounts[bucket.account].keys;
  for (std::size_t i = 0; i < keys.size(); ++i) custody.ids[i] = class_at(arena, place, keys[i]);
  return custody;
}

bool breaks_custody(const Arena& arena, const Fence& fence, const Coin& one, const Coin& two) {
  if (!fence.in_custody) return false;
  if (arena.bucket(one.at.bucket).external || arena.bucket(two.at.bucket).external) return false;
  if (!(custody_of(arena, one.at) == custody_of(arena, two.at))) return false;
  const Index first = one.title.bucket, second = two.title.bucket;
  if (fence.kind == FenceKind::Between)
    return (contains(fence.left, first) && contains(fence.right, second)) || (contains(fence.right, first) && contains(fence.left, second));
  if (!contains(fence.within, one.at.bucket) || !contains(fence.within, two.at.bucket)) return false;
  if (key_position(arena.bucket(first).keys, fence.entity) == kNone || key_position(arena.bucket(second).keys, fence.entity) == kNone) return false;
  return class_at(arena, one.title, fence.entity) != class_at(arena, two.title, fence.entity);
}

bool overdraws_alone(const Arena& arena, Index bucket) {
  const auto& buckets = arena.moves.vocabulary.buckets;
  const Bucket& one = buckets[bucket];
  if (!one.may_overdraw || one.keys.size() != arena.moves.vocabulary.accounts[one.account].keys.size()) return false;
  return std::count_if(buckets.begin(), buckets.end(), [&](const Bucket& each) { return each.account == one.account && each.may_overdraw; }) == 1;
}

bool may_be_below_zero(const Arena& arena, const Slot& slot) {
  return slot.kind == SlotKind::AccountTotal ? arena.account_overdraws[slot.target] : arena.bucket(slot.target).may_overdraw;
}

std::vector<Index> included_balances(const Arena& arena, const std::vector<Slot>& slots, Index total) {
  const Slot& sum = slots[total];
  std::vector<Index> found;
  for (Index i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (slot.kind != SlotKind::Balance || slot.asset != sum.asset) continue;
    const Bucket& bucket = arena.bucket(slot.target);
    const bool is_account = sum.kind == SlotKind::AccountTotal;
    if (is_account ? bucket.account != sum.target : slot.target != sum.target) continue;
    const auto& keys = is_account ? arena.moves.vocabulary.accounts[sum.target].keys : bucket.keys;
    bool same = true;
    for (std::size_t k = 0; k < keys.size(); ++k)
      same = same && (sum.keys[k].from == KeySource::From::Summed || sum.keys[k] == slot.keys[key_position(bucket.keys, keys[k])]);
    if (same) found.push_back(i);
  }
  return found;
}

std::string state_key(const CoinState& state) {
  std::string key;
  const auto add_index = [&](Index value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto add_place = [&](const Spot& place) {
    add_index(place.bucket);
    key.append(reinterpret_cast<const char*>(place.ids.data()), place.ids.size());
  };
  for (const Coin& coin : state.coins) {
    add_index(coin.asset);
    add_place(coin.title);
    add_place(coin.at);
  }
  key.append(reinterpret_cast<const char*>(state.modes.data()), state.modes.size());
  return key;
}

}  // namespace ringfence
