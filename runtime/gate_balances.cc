// SPDX-License-Identifier: Apache-2.0
// See gate_balances.h.
#include "runtime/gate_balances.h"

#include <algorithm>
#include <tuple>

namespace ringfence {
namespace {

Int128 look_up(const Sums& sums, const HashedKey& key) noexcept {
  const Int128* found = sums.find(key);
  return found == nullptr ? Int128{0} : *found;
}

void add_to(Sums& sums, const HashedKey& key, Int128 delta) {
  if (delta != 0) sums.add(key, 0) += delta;
}

PlaceKey project(const PlaceKey& key, const std::array<std::uint8_t, kKeysMax>& projection) {
  PlaceKey result;
  result.asset = key.asset;
  for (std::size_t i = 0; i < kKeysMax; ++i)
    if (projection[i] != kKeySummed) result.ids[i] = key.ids[projection[i]];
  return result;
}

}  // namespace

GateBalances::GateBalances(const RuleTable& table)
    : table_(table), balances_(table.bucket_count()), is_external_(table.bucket_count()), totals_of_(table.bucket_count()) {
  for (Index bucket = 0; bucket < table.bucket_count(); ++bucket) is_external_[bucket] = table.bucket(bucket).external;
}

Int128 GateBalances::balance(Index bucket, const HashedKey& key) const noexcept { return look_up(balances_[bucket], key); }

void GateBalances::make_room(Index bucket) {
  if (is_external_[bucket]) return;
  balances_[bucket].make_room(2);
  for (const Member& member : totals_of_[bucket]) member.sums->make_room(2);
}

void GateBalances::add(Index bucket, const HashedKey& key, Int128 delta) {
  if (is_external_[bucket]) return;
  add_to(balances_[bucket], key, delta);
  for (const Member& member : totals_of_[bucket]) add_to(*member.sums, project(key.key, member.projection), delta);
}

/// A new total over these buckets, kept from now on; where it throws, there is none.
void GateBalances::keep(std::unique_ptr<Sums>& kept, const Members& members) {
  auto sums = std::make_unique<Sums>();
  for (const auto& [bucket, projection] : members) {
    for (const Sums::Place& place : balances_[bucket].places())
      if (place.used) add_to(*sums, project(place.key, projection), place.kept);
    totals_of_[bucket].reserve(totals_of_[bucket].size() + 1);
  }
  for (const auto& [bucket, projection] : members) totals_of_[bucket].push_back(Member{sums.get(), projection});
  kept = std::move(sums);
}

Int128 GateBalances::bucket_total(Index bucket, std::uint8_t summed, const HashedKey& key) {
  auto& sums = bucket_totals_[{bucket, summed}];
  if (!sums) {
    Projection projection{};
    for (std::size_t i = 0; i < kKeysMax; ++i)
      projection[i] = (unsigned{summed} >> i & 1u) != 0 ? kKeySummed : static_cast<std::uint8_t>(i);
    keep(sums, {{bucket, projection}});
  }
  return look_up(*sums, key);
}

GateBalances::Projection GateBalances::account_projection(Index bucket, Index account) const {
  const BucketView bucket_view = table_.bucket(bucket);
  const AccountView account_view = table_.account(account);
  Projection projection;
  projection.fill(kKeySummed);
  for (std::size_t i = 0; i < account_view.keys.size() && i < kKeysMax; ++i) {
    const auto found = std::find(bucket_view.keys.begin(), bucket_view.keys.end(), account_view.keys[i]);
    if (found != bucket_view.keys.end()) projection[i] = static_cast<std::uint8_t>(found - bucket_view.keys.begin());
  }
  return projection;
}

Int128 GateBalances::account_total(Index account, const HashedKey& key) {
  auto& sums = account_totals_[account];
  if (!sums) {
    Members members;
    for (Index bucket = 0; bucket < table_.bucket_count(); ++bucket)
      if (table_.bucket(bucket).account == account) members.emplace_back(bucket, account_projection(bucket, account));
    keep(sums, members);
  }
  return look_up(*sums, key);
}

std::vector<Gate::Holding> GateBalances::holdings() const {
  std::vector<Gate::Holding> result;
  for (Index bucket = 0; bucket < balances_.size(); ++bucket) {
    const auto id_count = static_cast<std::uint8_t>(table_.bucket(bucket).keys.size());
    for (const Sums::Place& place : balances_[bucket].places())
      if (place.kept != 0) result.push_back({Instance{bucket, id_count, place.key.ids}, place.key.asset, place.kept});
  }
  std::sort(result.begin(), result.end(), [](const Gate::Holding& left, const Gate::Holding& right) {
    return std::tie(left.bucket.target, left.bucket.ids, left.asset) < std::tie(right.bucket.target, right.bucket.ids, right.asset);
  });
  return result;
}

}  // namespace ringfence
