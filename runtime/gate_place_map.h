// SPDX-License-Identifier: Apache-2.0
// What a gate keeps by ids: balances within one bucket, sums within one total, modes, facts and windows. Open addressing in one array, so that a
// look-up touches one place; nothing is ever removed. Pointers hold until the map grows.
#pragma once

#include <array>
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

/// A key with its hash, computed once for all that is asked of its place.
struct HashedKey {
  PlaceKey key;
  std::uint64_t hash;
  HashedKey(const PlaceKey& of) noexcept : key(of), hash(hash_of(of)) {}

 private:
  /// Of each part one product, none of which waits for another; then a round of the finaliser of SplitMix64 (Steele, Lea, Flood 2014): high bits, where
  /// ids may differ only, reach the low ones, which choose the place.
  static std::uint64_t hash_of(const PlaceKey& key) noexcept {
    constexpr std::array<std::uint64_t, kKeysMax> kOdd{0x9E37'79B9'7F4A'7C15u, 0xC2B2'AE3D'27D4'EB4Fu, 0x1656'67B1'9E37'79F9u, 0xFF51'AFD7'ED55'8CCDu};
    std::uint64_t hash = key.asset * 0xC4CE'B9FE'1A85'EC53u + (key.ids[0] ^ key.ids[0] >> 32) * kOdd[0];
    if ((key.ids[1] | key.ids[2] | key.ids[3]) != 0)
      for (std::size_t i = 1; i < kKeysMax; ++i) hash += (key.ids[i] ^ key.ids[i] >> 32) * kOdd[i];
    hash = (hash ^ hash >> 30) * 0xBF58'476D'1CE4'E5B9u;
    return hash ^ hash >> 31;
  }
};

template <class Kept>
class PlaceMap {
 public:
  struct alignas(64) Place { PlaceKey key; bool used = false; Kept kept{}; };   // in as few cache lines as it can be

  const Kept* find(const HashedKey& key) const noexcept {
    if (places_.empty()) return nullptr;
    const Place& place = places_[position_of(key)];
    return place.used ? &place.kept : nullptr;
  }
  Kept* find(const HashedKey& key) noexcept { return const_cast<Kept*>(std::as_const(*this).find(key)); }
  /// What is kept there; `initial` where nothing was. Needs no memory where something was, or room was made.
  Kept& add(const HashedKey& key, const Kept& initial) {
    if (Kept* known = find(key)) return *known;
    make_room(1);
    Place& place = places_[position_of(key)];
    place = Place{key.key, true, initial};
    ++used_;
    return place.kept;
  }
  /// So that as many more can be added without memory.
  void make_room(std::size_t count) {
    while (4 * (used_ + count) > 3 * places_.size()) grow();
  }
  /// Has the place of the key brought nearer, for a look-up soon after.
  void prefetch(const HashedKey& key) const noexcept {
    if (!places_.empty()) __builtin_prefetch(&places_[key.hash & (places_.size() - 1)]);
  }
  /// Every place, also those not used.
  const std::vector<Place>& places() const noexcept { return places_; }

 private:
  /// Of the key, or of the place where it would be.
  std::size_t position_of(const HashedKey& key) const noexcept {
    std::size_t at = key.hash & (places_.size() - 1);
    while (places_[at].used && places_[at].key != key.key) at = (at + 1) & (places_.size() - 1);
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
