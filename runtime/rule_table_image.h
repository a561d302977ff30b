// SPDX-License-Identifier: Apache-2.0
// A loaded table from inside: the checked sections of its bytes, and the small indexes that `load` derives from them. Only load,
// decide, decode, policy_names, gate_places and RuleTable's own accessors look in here. Every index in it has been checked; nothing is checked again.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/compact_body.h"
#include "runtime/compare_ids.h"
#include "runtime/row_index.h"
#include "runtime/rule_table.h"
#include "runtime/rule_table_format.h"
#include "runtime/tested_body.h"

namespace ringfence {

namespace format {
/// The bytes as typed sections: views into them, in the order of RINGFENCE_TABLE_SECTIONS.
struct Sections {
#define X(name, record) std::span<const record> name;
  RINGFENCE_TABLE_SECTIONS(X)
#undef X
};
}  // namespace format

/// What a supplied value must be, ready to compare: derived from the slot's declaration.
struct SlotRange {
  Int128 min = 0, max = 0;             ///< inclusive
  std::int64_t fresh_within_ms = 0;    ///< 0: never stale
};

using NameIndex = std::unordered_map<std::string_view, Index>;

struct RuleTable::Image {
  std::vector<std::byte> owned;                     ///< empty when the caller keeps the bytes
  std::span<const std::byte> bytes;
  std::uint64_t serial = 0;
  const format::Header* header = nullptr;
  format::Sections sections;

  std::vector<bool> account_overdraws;              ///< by account: some bucket in it may overdraw, so that its total can be below zero

  // One entry for each place of the slot list section, so that a body's run of places is a run of these.
  std::vector<SlotView> slot_views;
  std::vector<SlotRange> slot_ranges;
  std::vector<RuleTable::Counted> counted;          ///< of each body, one after the other
  std::vector<std::uint32_t> first_counted;         ///< one per body, and the end
  std::vector<RuleTable::BroughtMode> brought;      ///< likewise
  std::vector<std::uint32_t> first_brought;         ///< one per body, and the end

  /// Unused: two bits for each id that must be 0, as in zero_ids.
  struct alignas(8) KeyCount { std::uint16_t unused_of_source, unused_of_destination; std::uint8_t count; };
  std::vector<KeyCount> key_counts;                 ///< one per bucket
  std::vector<Keys> bucket_keys;                    ///< one per bucket

  RowIndex row_index;
  std::vector<Index> compact_of;                    ///< one per row, and that of no row: into compact_bodies, or kNone
  std::vector<CompactBody> compact_bodies;
  TestedBodies tested;

  std::vector<std::uint32_t> transition_order;      ///< transitions by (machine, to_mode), then in text order
  std::vector<std::uint32_t> first_transition;      ///< one per mode of the modes section, and the end: into transition_order

  std::vector<std::uint32_t> deadline_of;           ///< one per mode of the modes section: the transition by the clock out of it, or kNone

  NameIndex assets, entities, accounts, buckets, facts, machines, roles, purposes, evidence;
  Mask undeclared_roles = 0, undeclared_evidence = 0;   ///< a bit for each that is not declared

  std::string_view text(format::TextRef ref) const noexcept { return {sections.text.data() + ref.offset, ref.bytes}; }
  std::span<const Index> list(format::ListRef ref) const noexcept { return sections.indexes.subspan(ref.first, ref.count); }
  std::string_view subject_name(const format::SubjectRecord& subject) const noexcept;
};

}  // namespace ringfence
