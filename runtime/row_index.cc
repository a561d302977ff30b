// SPDX-License-Identifier: Apache-2.0
#include "runtime/row_index.h"

#include <algorithm>

#include "runtime/rule_table_image.h"

namespace ringfence {

using namespace format;

namespace {

static_assert(kBucketsMax <= 1u << 16 && kPurposesMax <= 1u << 8 && kAssetsMax <= 1u << 8 && kKeysMax == 4);

/// What the relation of a row says of the source's keys. Its bit i is of the i-th key that the destination has too.
void set_relation(const Sections& sections, const RowRecord& row, RowIndex::Entry& entry) noexcept {
  const auto keys = [&](std::uint32_t bucket) { return sections.indexes.subspan(sections.buckets[bucket].keys.first, sections.buckets[bucket].keys.count); };
  const std::span<const Index> from = keys(row.from), to = keys(row.to);
  unsigned shared_count = 0;
  for (unsigned i = 0; i < from.size(); ++i) {
    const auto there = static_cast<unsigned>(std::ranges::find(to, from[i]) - to.begin());
    if (there == to.size()) continue;
    entry.shared = static_cast<std::uint8_t>(entry.shared | 1u << i);
    entry.differing = static_cast<std::uint8_t>(entry.differing | (row.relation >> shared_count++ & 1u) << i);
    entry.positions = static_cast<std::uint8_t>(entry.positions | there << 2 * i);
    entry.elsewhere = static_cast<std::uint8_t>(entry.elsewhere | (there != i || i > 1));
  }
}

}  // namespace

RowIndex::RowIndex(const Sections& sections) {
  if (sections.rows.empty()) return;
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(sections.rows.size() + sections.rows.size() / 4, 2));
  shift_ = static_cast<unsigned>(64 - std::countr_zero(size));
  buckets_.resize(size + kCrowdMax);
  for (std::size_t i = 0; i < sections.rows.size(); ++i) {
    const RowRecord& row = sections.rows[i];
    const std::uint64_t key = key_of(row.from, row.to, row.purpose, row.asset);
    std::size_t at = place_of(mix(key));
    const std::size_t end = at + kCrowdMax;
    for (; at != end && buckets_[at][1].row != kNone; ++at) buckets_[at][0].goes_on |= 1u << bit_of(mix(key));
    if (at == end) {
      buckets_ = {};
      return;
    }
    const BodyRecord& body = sections.bodies[row.body];
    Entry& entry = buckets_[at][buckets_[at][0].row == kNone ? 0 : 1];
    entry.key = key;
    entry.roles = row.roles;
    entry.row = static_cast<Index>(i);
    entry.slots = {body.first_slot | static_cast<std::uint32_t>(body.slot_count) << 25};
    set_relation(sections, row, entry);
  }
}

RowIndex::Found RowIndex::search(const Transfer& transfer) const noexcept {
  const std::uint64_t key = key_of(transfer);
  const auto is_row = [&](const Entry& entry) {
    std::uint32_t differing = 0;
    for (unsigned i = 0; i < kKeysMax; ++i) {
      const unsigned there = entry.elsewhere == 0 ? i : entry.positions >> 2 * i & 3u;
      differing |= static_cast<std::uint32_t>(transfer.from.ids[i] != transfer.to.ids[there]) << i;
    }
    return is_of(entry, key, differing, transfer.authority.role);
  };
  for (const AlignedBucket* bucket = &buckets_[place_of(mix(key))];; ++bucket) {
    for (const Entry& entry : *bucket) {
      if (is_row(entry)) return {entry.row, entry.slots};
    }
    if (((*bucket)[0].goes_on >> bit_of(mix(key)) & 1) == 0) return {};
  }
}

}  // namespace ringfence
