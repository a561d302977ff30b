// SPDX-License-Identifier: Apache-2.0
// The balances of a gate, and the totals over them. A total is a pattern (a bucket with some keys summed over, or an account) and
// is kept up to date from the first time that somebody asks for it, so that only those that the table's rules read cost anything.
// Holds: a total that is kept is the sum of the balances that it stands for, after every change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/gate.h"
#include "runtime/gate_place_map.h"

namespace ringfence {

using Sums = PlaceMap<Int128>;

class GateBalances {
 public:
  explicit GateBalances(const RuleTable&);

  /// Of the key's ids and asset.
  Int128 balance(Index bucket, const HashedKey&) const noexcept;
  void prefetch(Index bucket, const HashedKey& key) const noexcept { balances_[bucket].prefetch(key); }
  /// So that two balances of the bucket can be added to without memory.
  void make_room(Index bucket);
  /// Adds to a balance and to every total kept over it; nothing for an external, which has none. Room was made before, or the balance changed before.
  void add(Index bucket, const HashedKey&, Int128 delta);
  /// Sum over all ids of the keys whose bit is set in `summed`; those places of `ids` are 0. The first call for a (bucket, summed)
  /// costs a walk over the bucket's balances.
  Int128 bucket_total(Index bucket, std::uint8_t summed, const HashedKey&);
  Int128 account_total(Index account, const HashedKey&);
  std::vector<Gate::Holding> holdings() const;

 private:
  /// For each place of the total's ids, the bucket's key that it comes from, or kKeySummed for none.
  using Projection = std::array<std::uint8_t, kKeysMax>;
  struct Member { Sums* sums; Projection projection; };

  Projection account_projection(Index bucket, Index account) const;
  using Members = std::vector<std::pair<Index, Projection>>;   // by bucket
  void keep(std::unique_ptr<Sums>&, const Members&);

  const RuleTable& table_;
  std::vector<Sums> balances_;                                            // by bucket
  std::vector<std::uint8_t> is_external_;                                 // by bucket
  std::vector<std::vector<Member>> totals_of_;                            // by bucket: the totals that it is part of
  std::map<std::pair<Index, std::uint8_t>, std::unique_ptr<Sums>> bucket_totals_;  // by (bucket, summed)
  std::map<Index, std::unique_ptr<Sums>> account_totals_;
};

}  // namespace ringfence
