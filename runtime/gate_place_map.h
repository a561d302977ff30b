// SPDX-License-Identifier: Apache-2.0
// What a gate keeps by ids: balances within one bucket, sums within one total, modes, facts and windows. Open addressing in one array, so that a
// look-up touches one place; nothing is ever removed. Pointers hold until the next `add`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/transfer.h"

namespace ringfence {

/// Ids and an asset: what a balance is keyed by within one bucket, and a sum within one total.
struct PlaceKey {
  Ids ids{};
  Index asset = kNone;
  /// All at once: the library's comparison of arrays is a call.
  bool operator==(const PlaceKey& other) const noexcept {
    std::uint64_t differs = asset ^ other.asset;
    for (std::size_t i = 0; i < kKeysMax; ++i) differs |= ids[i] ^ other.ids[i];
    return differs == 0;
  }
};

template <class Kept>
class PlaceMap {
 public:
  struct alignas(64) Place { PlaceKey key; bool used = false; Kept kept{}; };   // in as few cache lines as it can be

  const Kept* find(const PlaceKey& key) const noexcept {
    if (places_.empty()) return nullptr;
    const Place& place = places_[position_of(key)];
    return place.used ? &place.kept : nullptr;
  }
  Kept* find(const PlaceKey& key) noexcept { return const_cast<Kept*>(std::as_const(*this).find(key)); }
  /// What is kept there; `initial` where nothing was.
  Kept& add(const PlaceKey& key, const Kept& initial) {
    if (Kept* known = find(key)) return *known;   // so what is there can be had without memory
    if (4 * (used_ + 1) > 3 * places_.size()) grow();
    Place& place = places_[position_of(key)];
    place = Place{key, true, initial};
    ++used_;
    return place.kept;
  }
  /// Has the place of the key brought nearer, for a look-up soon after.
  void prefetch(const PlaceKey& key) const noexcept {
    if (!places_.empty()) __builtin_prefetch(&places_[hash_of(key) & (places_.size() - 1)]);
  }
  /// Every place, also those not used.
  const std::vector<Place>& places() const noexcept { return places_; }

 private:
  static std::uint64_t hash_of(const PlaceKey& key) noexcept {
    std::uint64_t hash = key.asset;
    for (const std::uint64_t id : key.ids) hash = (hash ^ id) * 0x9E37'79B9'7F4A'7C15u ^ hash >> 29;
    // A round of the finaliser of SplitMix64 (Steele, Lea, Flood 2014): high bits, where ids may differ only, reach the low ones, which choose the place.
    hash = (hash ^ hash >> 30) * 0xBF58'476D'1CE4'E5B9u;
    return hash ^ hash >> 31;
  }
  /// Of the key, or of the place where it would be.
  std::size_t position_of(const PlaceKey& key) const noexcept {
    std::size_t at = hash_of(key) & (places_.size() - 1);
    while (places_[at].used && places_[at].key != key) at = (at + 1) & (places_.size() - 1);
    return at;
  }
  void grow() {
    PlaceMap larger;
    larger.places_.resize(places_.empty() ? 16 : 2 * places_.size());
    for (Place& place : places_)
      if (place.used) larger.places_[larger.position_of(place.key)] = std::move(place);
    places_ = std::move(larger.places_);
  }

  std::vector<Place> places_;   // none, or a power of two, at most three quarters of it used
  std::size_t used_ = 0;
};

}  // namespace ringfence
