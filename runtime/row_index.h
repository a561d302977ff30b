// SPDX-License-Identifier: Apache-2.0
// From a transfer to its row in one access, mostly: a hash table of the rows, made by `load` from the checked table. What the table's own lookup
// (rule_table.md) finds in six accesses, each waiting for the one before, and the same rows: load has checked that its lookup leads to every row and to
// no other. Where rows crowd, by chance or because somebody wanted them to, there is no index, and the table's own lookup is used: its cost never grows.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "runtime/rule_table_format.h"
#include "runtime/transfer.h"

namespace ringfence {

namespace format { struct Sections; }

/// Where the slots of a row are in the slot lists.
struct SlotRun {
  std::uint32_t bits = 0;            ///< the first, and above 25 bits how many
  std::uint32_t first() const noexcept { return bits & 0x1FF'FFFFu; }
  std::uint32_t count() const noexcept { return bits >> 25; }
};
static_assert(format::kSlotPlacesMax < 1u << 25 && kSlotsMax < 1u << 7 && sizeof(SlotRun) == 4);

class RowIndex {
 public:
  struct Entry {
    std::uint64_t key = ~std::uint64_t{0};           ///< from, to, purpose and asset; all ones: free
    Mask roles = 0;
    Index row = kNone;
    SlotRun slots{};
    std::uint8_t shared = 0, differing = 0;          ///< the source's positions of keys that the destination has too; of those, where ids differ
    std::uint8_t elsewhere = 0;                      ///< 0: shared keys are first or second keys, at the same position of both. Otherwise `positions` says where
    std::uint8_t positions = 0;                      ///< two bits for each position of the source
    std::uint32_t goes_on = 0;                       ///< of the first of a bucket: rows that belong here and are in a later one, a bit for each by its key
  };
  static constexpr std::size_t kCrowdMax = 16;       ///< buckets that are looked into for one row

  /// Of checked sections. Empty when rows crowd.
  RowIndex() = default;
  explicit RowIndex(const format::Sections&);

  bool empty() const noexcept { return buckets_.empty(); }

  /// What speaks of a transfer: a row and its slots; or kNone and no slots. (kNone has all bits set.)
  struct Found { Index row = kNone; SlotRun slots{}; };
  /// Looks into one bucket of an index that is not empty. Which of its two it is, and whether any, is not branched upon. False, where that is not enough.
  bool find(const Transfer& transfer, Found& found) const noexcept {
    const std::uint64_t key = key_of(transfer);
    const std::uint64_t mixed = mix(key);
    const Bucket& bucket = buckets_[place_of(mixed)];
    const auto differing = static_cast<std::uint32_t>(transfer.from.ids[0] != transfer.to.ids[0]) | static_cast<std::uint32_t>(transfer.from.ids[1] != transfer.to.ids[1]) << 1;
    const bool is_first = is_of(bucket[0], key, differing, transfer.authority.role), is_second = is_of(bucket[1], key, differing, transfer.authority.role);
    const bool is_there = is_first | is_second;
    const std::uint32_t goes_on = bucket[0].goes_on >> bit_of(mixed) & 1u & static_cast<std::uint32_t>(!is_there);
    if ((goes_on | bucket[0].elsewhere | bucket[1].elsewhere) != 0) [[unlikely]] return false;
    const Entry& entry = bucket[is_second];
    const std::uint32_t if_none = static_cast<std::uint32_t>(is_there) - 1;
    found = {entry.row | if_none, {entry.slots.bits & ~if_none}};
    return true;
  }
  /// The same, one after the other, wherever it is.
  Found search(const Transfer&) const noexcept;

 private:
  using Bucket = std::array<Entry, 2>;
  struct alignas(64) AlignedBucket : Bucket {};
  static_assert(sizeof(AlignedBucket) == 64);

  static std::uint64_t key_of(const Transfer& transfer) noexcept { return key_of(transfer.from.target, transfer.to.target, transfer.purpose, transfer.asset); }
  static std::uint64_t key_of(Index from, Index to, Index purpose, Index asset) noexcept {
    return std::uint64_t{from} << 32 | std::uint64_t{to} << 16 | std::uint64_t{purpose} << 8 | asset;
  }
  static std::uint64_t mix(std::uint64_t key) noexcept { return key * 0x9E37'79B9'7F4A'7C15u; }
  std::size_t place_of(std::uint64_t mixed) const noexcept { return static_cast<std::size_t>(mixed >> shift_); }
  static unsigned bit_of(std::uint64_t mixed) noexcept { return static_cast<unsigned>(mixed >> 32 & 31); }

  static bool is_of(const Entry& entry, std::uint64_t key, std::uint32_t differing, Index role) noexcept {
    return (entry.key == key) & ((differing & entry.shared) == entry.differing) & ((entry.roles >> role & 1) != 0);
  }

  std::vector<AlignedBucket> buckets_;               ///< a power of two, and behind them as many as may be looked into
  unsigned shift_ = 0;
};

}  // namespace ringfence
