// SPDX-License-Identifier: Apache-2.0
// See places.h.
#include "places.h"

#include <algorithm>

namespace checker {

void for_each_place(Index bucket, const Choices& choices, const std::function<void(const Place&)>& visit) {
  Place place{bucket, {}};
  std::array<std::size_t, 4> chosen{};
  for (;;) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i].empty()) return;
      place.ids[i] = choices[i][chosen[i]];
    }
    visit(place);
    std::size_t key = 0;
    while (key < choices.size() && ++chosen[key] == choices[key].size()) chosen[key++] = 0;
    if (key == choices.size()) return;
  }
}

std::vector<std::uint8_t> any_id(std::uint8_t mentioned) {
  std::vector<std::uint8_t> ids;
  for (std::uint8_t id = 0; id <= mentioned; ++id) ids.push_back(id);
  return ids;
}

namespace {

bool shares_overdraft(const Frame& frame, const Place& place) {
  const Index account = frame.bucket(place).account;
  return account != kNone && frame.table.accounts[account].overdraws;
}

/// The account's ids are those of `at`; others are any.
Choices neighbours(const Frame& frame, const State& state, const Place& at, Index bucket) {
  Choices choices;
  for (const Index key : frame.table.buckets[bucket].keys)
    choices.push_back(contains(frame.table.accounts[frame.table.buckets[bucket].account].keys, key) ? std::vector{static_cast<std::uint8_t>(id_at(frame, at, key))}
                                                                                         : any_id(ids_mentioned(frame, state, key)));
  return choices;
}

}  // namespace

std::vector<Place> sources(const Frame& frame, const State& state) {
  std::vector<Place> found;
  const auto put = [&](const Place& place) {
    if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
  };
  for (unsigned unit = 0; unit < frame.units; ++unit) {
    if (is_gone(frame, state, unit)) continue;
    const Place& at = state.spots[2 * unit + 1];
    put(at);
    if (!shares_overdraft(frame, at)) continue;
    const Index account = frame.bucket(at).account;
    for (Index bucket = 0; bucket < frame.table.buckets.size(); ++bucket)
      if (frame.table.buckets[bucket].account == account) for_each_place(bucket, neighbours(frame, state, at, bucket), put);
  }
  return found;
}

bool within_reach(const Frame& frame, const State& state, unsigned unit, const Place& from) {
  const Place& at = state.spots[2 * unit + 1];
  if (is_gone(frame, state, unit)) return false;
  if (at == from) return true;
  if (!shares_overdraft(frame, from) || frame.bucket(at).account != frame.bucket(from).account) return false;
  const std::vector<Index>& keys = frame.table.accounts[frame.bucket(from).account].keys;
  return std::all_of(keys.begin(), keys.end(), [&](Index key) { return id_at(frame, at, key) == id_at(frame, from, key); });
}

Choices destinations(const Frame& frame, const State& state, const Row& row, const Place& from) {
  const std::vector<Index> shared = shared_keys(frame.table.buckets[row.from], frame.table.buckets[row.to]);
  Choices choices;
  for (const Index key : frame.table.buckets[row.to].keys) {
    const int there = id_at(frame, from, key);
    const Index bit = position(shared, key);
    std::vector<std::uint8_t> ids = any_id(std::max(ids_mentioned(frame, state, key), static_cast<std::uint8_t>(there + 1)));
    if (bit != kNone) std::erase_if(ids, [&](std::uint8_t id) { return (id == there) == ((row.relation >> bit & 1) != 0); });
    choices.push_back(std::move(ids));
  }
  return choices;
}

bool is_theirs(const Frame& frame, const Place& title, const Place& from) {
  if (frame.bucket(title).owner != frame.bucket(from).owner) return false;
  const std::vector<Index>& keys = frame.bucket(title).keys;
  return std::none_of(keys.begin(), keys.end(), [&](Index key) {
    const int there = id_at(frame, from, key);
    return there >= 0 && there != id_at(frame, title, key);
  });
}

}  // namespace checker
