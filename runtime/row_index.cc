// SPDX-License-Identifier: Apache-2.0
// See row_index.h.
#include "runtime/row_index.h"

#include <algorithm>

#include "runtime/rule_table_image.h"

namespace ringfence {

using namespace format;

namespace {

std::span<const Index> keys_of_bucket(const Sections& sections, std::size_t bucket) noexcept {
  return sections.indexes.subspan(sections.buckets[bucket].keys.first, sections.buckets[bucket].keys.count);
}

/// What the relation of a row says of the ids at each position.
struct Relation {
  std::uint32_t differing = 0;
  bool is_in_place = true;           ///< every key that both ends have is at the same position of both; the others are in no key
};

/// Bit i of the relation is of the i-th key of the source that the destination has too.
Relation relation_of(const Sections& sections, const RowRecord& row) noexcept {
  const std::span<const Index> from = keys_of_bucket(sections, row.from), to = keys_of_bucket(sections, row.to);
  Relation relation;
  unsigned shared_count = 0;
  for (unsigned i = 0; i < from.size(); ++i) {
    const auto there = static_cast<unsigned>(std::ranges::find(to, from[i]) - to.begin());
    if (there == to.size()) continue;
    const std::uint32_t differs = row.relation >> shared_count++ & 1u;
    if (there == i) relation.differing |= differs << i;
    else relation.is_in_place = false;
  }
  return relation;
}

}  // namespace

RowIndex::RowIndex(const Sections& sections, std::span<const Index> compact_of) {
  const std::size_t size = std::bit_ceil(std::clamp<std::size_t>(2 * sections.rows.size(), 1, std::size_t{1} << kSizeBits));
  mask_ = (size - 1) * sizeof(Bucket);
  buckets_.resize(size);
  for (std::size_t i = 0; i < sections.rows.size(); ++i) {
    const RowRecord& row = sections.rows[i];
    const Relation relation = relation_of(sections, row);
    const RowKey key(row.from, row.to, row.purpose, row.asset, relation.differing);
    Bucket& bucket = buckets_[offset_of(key) / sizeof(Bucket)];
    const std::size_t at = bucket.rows[0].row == kNone ? 0 : 1;
    if (!relation.is_in_place || bucket.rows[at].row != kNone) {
      bucket.has_more = 1;
      continue;
    }
    const BodyRecord& body = sections.bodies[row.body];
    bucket.keys[at] = key.bits;
    bucket.roles[at] = row.roles;
    bucket.compact[at] = compact_of[i];
    bucket.rows[at] = {static_cast<Index>(i), {body.first_slot | static_cast<std::uint32_t>(body.slot_count) << 25}};
  }
}

}  // namespace ringfence
