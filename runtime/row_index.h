// SPDX-License-Identifier: Apache-2.0
// From a transfer to its row in one access, mostly: a hash table of the rows, made by `load` from the checked table. What the table's own lookup
// (rule_table.md) finds in six accesses, each waiting for the one before, and the same rows: load has checked that its lookup leads to every row and to
// no other. Each bucket has two rows. It says of what else belongs in it only that there is more, and then the table's own lookup is used: however rows
// crowd, by chance or because somebody wanted them to, the cost never grows.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/compact_body.h"
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

/// What a transfer is looked up by, next to its role. `differing`: a bit for each position at which source and destination have the same key and other ids.
class RowKey {
 public:
  RowKey(const Transfer& transfer, std::uint32_t differing) noexcept : RowKey(transfer.from.target, transfer.to.target, transfer.purpose, transfer.asset, differing) {}
  /// Each below its maximum (limits.h).
  RowKey(Index from, Index to, Index purpose, Index asset, std::uint32_t differing) noexcept
      : bits((((std::uint64_t{from} << 14 | to) << 8 | purpose) << 8 | asset) << 4 | differing) {}
  static_assert(kBucketsMax <= 1u << 14 && kPurposesMax <= 1u << 8 && kAssetsMax <= 1u << 8 && kKeysMax <= 4);

  std::uint64_t bits;
};

class RowIndex {
 public:
  /// A row, its slots and its compact body, if it has one; or kNone, no slots, and the compact body of no row.
  struct Found { Index row = kNone; SlotRun slots{}; Index compact = kNone; };

  /// Says of everything that there is more.
  RowIndex() : buckets_(1) { buckets_[0].has_more = 1; }
  /// Of checked sections. `compact_of`: as in RuleTable::Image.
  RowIndex(const format::Sections&, std::span<const Index> compact_of);

  /// What speaks of a transfer with this key and role. Which of the two rows of its bucket it is, and whether any, is not branched upon. False, where the
  /// bucket does not say.
  bool find(const RowKey& key, Index role, Found& found) const noexcept {
    const Bucket& bucket = *reinterpret_cast<const Bucket*>(reinterpret_cast<const std::byte*>(buckets_.data()) + offset_of(key));
    const std::uint32_t is_first = bucket.is_row(0, key, role), is_second = bucket.is_row(1, key, role), is_there = is_first | is_second;
    if (bucket.has_more > is_there) [[unlikely]] return false;
    const Row& row = bucket.rows[is_second];
    const std::uint32_t if_none = is_there - 1;
    static_assert(kNone == ~Index{0} && kCompactOfNone == 0);
    found = {row.row | if_none, {row.slots.bits & ~if_none}, bucket.compact[is_second] & ~if_none};
    return true;
  }

 private:
  struct Row { Index row = kNone; SlotRun slots{}; };
  struct alignas(64) Bucket {
    std::array<std::uint64_t, 2> keys{~std::uint64_t{0}, ~std::uint64_t{0}};   ///< all ones, which no key is: free
    std::array<Mask, 2> roles{};
    std::array<Row, 2> rows{};
    std::array<Index, 2> compact{};
    std::uint32_t has_more = 0;      ///< 1: rows belong here that are not
    std::uint32_t is_row(std::size_t i, const RowKey& key, Index role) const noexcept { return static_cast<std::uint32_t>((keys[i] == key.bits) & (roles[i] >> role & 1)); }
  };
  static_assert(sizeof(Bucket) == 64);
  static constexpr unsigned kSizeBits = 22;   ///< of the largest array; larger ones would be no faster
  /// In bytes, by the highest bits of a product, which all bits of the key reach.
  std::size_t offset_of(const RowKey& key) const noexcept { return key.bits * 0x9E37'79B9'7F4A'7C15u >> (64 - kSizeBits - 6) & mask_; }

  std::vector<Bucket> buckets_;   ///< a power of two
  std::size_t mask_ = 0;          ///< of offsets
};

}  // namespace ringfence
